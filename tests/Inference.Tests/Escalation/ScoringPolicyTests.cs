using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Hosting;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

/// <summary>The <c>eu</c> profile: the agent's voice is not scored, whatever is asked for.</summary>
public sealed class ScoringPolicyTests
{
    [Fact]
    public void Under_the_eu_policy_the_agents_voice_is_not_looked_at_even_when_asked_for()
    {
        var asked = Shouting(new EscalationOptions { Policy = ScoringPolicy.Eu, ScoreAgentVoice = true });
        var never = Shouting(new EscalationOptions { Policy = ScoringPolicy.Eu });
        var allowed = Shouting(new EscalationOptions { Policy = ScoringPolicy.Standard, ScoreAgentVoice = true });

        Assert.Equal(never.Current.Risk, asked.Current.Risk);
        Assert.DoesNotContain(asked.Current.Reasons, r => r.Role == PartyRole.Agent && r.Cue == "raised_voice");
        Assert.Contains(allowed.Current.Reasons, r => r.Role == PartyRole.Agent && r.Cue == "raised_voice");
    }

    [Fact]
    public void Settings_that_ask_for_it_under_the_eu_policy_are_refused_with_the_way_out()
    {
        var result = new InferenceOptionsValidator().Validate(null, new InferenceOptions { ScoreAgentVoice = true });

        Assert.Contains("Inference:ScoreAgentVoice is set under the policy Eu", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void The_eu_policy_holds_when_nothing_is_set()
    {
        Assert.Equal(ScoringPolicy.Eu, new InferenceOptions().Policy);
        Assert.False(InferenceRuntime.Escalation(new InferenceOptions { ScoreAgentVoice = true }).AgentVoiceCounts);
    }

    private static ScoredCall Shouting(EscalationOptions options) => new ScoredCall(options: options).Hears(8, 0, 0.02f).Hears(4, 0, 0.4f);
}
