using EdgeAssist.Client;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>What the agent of a real call sees: from the customer's words over SIPREC to a prompt that cites their history.</summary>
[Collection(PlayedCallsDefinition.Name)]
public sealed class PromptTests(PlayedCalls calls)
{
    [Fact]
    public async Task The_agent_gets_a_prompt_that_rests_on_what_happened_to_this_customer()
    {
        var call = await calls.EscalationAsync();

        var first = calls.Desktop.Offers[0].Value.Prompt;
        Assert.Equal((call.Started.CallId, "susan"), (first.CallId, first.Agent));
        Assert.True(first.Confidence >= 0.8 && first.Level >= Level.Escalated);
        Assert.Equal("found", first.History);
        Assert.Contains(first.Option.Citations, citation => citation is { Kind: "promise", ItemId: "promise-310" });
        Assert.NotEmpty(first.Phrase.Sources);

        var at = first.OfferedAt.ToDateTimeOffset() - call.Started.StartedAt.ToDateTimeOffset();
        Assert.True(at.TotalSeconds > calls.Sample.UpsetFrom, $"The prompt came at {at}, before anybody was upset.");
    }

    [Fact]
    public async Task The_prompts_of_the_call_keep_to_the_budget_and_say_nothing_twice()
    {
        await calls.EscalationAsync();

        var offers = calls.Desktop.Offers.Select(heard => heard.Value.Prompt).ToList();
        Assert.InRange(offers.Count, 1, 3);
        Assert.All(offers.Zip(offers.Skip(1)), pair => Assert.True(pair.Second.OfferedAt.ToDateTimeOffset() - pair.First.OfferedAt.ToDateTimeOffset() >= TimeSpan.FromSeconds(45)));
        Assert.Equal(offers.Count, offers.Select(prompt => prompt.Phrase.EntryId).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, offers.Count), offers.Select(prompt => prompt.Number));
    }

    [Fact]
    public async Task No_prompt_comes_while_the_agent_speaks()
    {
        var call = await calls.EscalationAsync();

        // Half a second on either side is the recogniser's and the hang-over's: what is asked is that it is not in the middle.
        var slack = TimeSpan.FromSeconds(0.5);
        var spoken = call.FinalsOf(PartyRole.Agent).Select(final => (From: final.Start.ToTimeSpan() + slack, To: final.End.ToTimeSpan() - slack)).ToList();
        Assert.NotEmpty(spoken);
        Assert.All(calls.Desktop.Offers, heard =>
        {
            var at = heard.Value.Prompt.OfferedAt.ToDateTimeOffset() - call.Started.StartedAt.ToDateTimeOffset();
            Assert.DoesNotContain(spoken, turn => at > turn.From && at < turn.To);
        });
    }

    [Fact]
    public async Task Its_hops_add_up_to_the_time_from_trigger_to_stream()
    {
        await calls.EscalationAsync();

        Assert.All(calls.Desktop.Offers, heard =>
        {
            var latency = heard.Value.Latency;
            Assert.Equal([Hop.Commit, Hop.FanOut, Hop.Client], latency.Hops.Select(hop => hop.Hop));
            var total = latency.Hops.Aggregate(TimeSpan.Zero, (sum, hop) => sum + hop.Duration.ToTimeSpan());
            Assert.InRange((heard.At - latency.WordsEndedAt.ToDateTimeOffset() - total).TotalMilliseconds, -1, 10_000);
        });
    }

    [Fact]
    public async Task What_was_offered_was_shown_and_is_settled_when_the_call_is_over()
    {
        await calls.EscalationAsync();

        foreach (var prompt in calls.Desktop.Events.Where(heard => heard.Value.Prompt is not null).GroupBy(heard => heard.Value.Prompt.PromptId))
        {
            var states = prompt.Select(heard => heard.Value.Prompt.State).ToList();
            Assert.Equal(PromptState.Offered, states[0]);
            Assert.Contains(PromptState.Shown, states);
            Assert.True(states[^1] is PromptState.Expired or PromptState.Superseded or PromptState.CallEnded, string.Join(", ", states));
        }
    }

    [Fact]
    public async Task The_calm_call_asks_for_nobodys_attention()
    {
        var calm = await calls.CalmAsync();

        await using var client = new EdgeAssistClient(calls.Direct.Api, calls.Direct.Token());
        var listed = await client.ListPromptsAsync(calm.Started.CallId, TestContext.Current.CancellationToken);
        Assert.Empty(listed.Prompts);
        Assert.Empty(listed.Withheld);
    }
}
