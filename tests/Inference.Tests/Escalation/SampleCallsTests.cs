using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Escalation;
using Xunit;

namespace EdgeAssist.Inference.Tests.Escalation;

/// <summary>The bundled sample calls by their written words and times: the bad one alerts in time, the calm one never does.</summary>
public sealed class SampleCallsTests
{
    [Fact]
    public void The_escalating_call_alerts_before_its_marked_moment()
    {
        var (script, scores) = Play("escalation");
        var alert = scores.FindIndex(s => s.Level >= EscalationLevel.Escalated);

        Assert.True(alert >= 0, "never alerted");
        Assert.True(scores[alert].At < script.Explicit, $"alerted at {scores[alert].At}, escalates at {script.Explicit}");
    }

    [Fact]
    public void The_calm_call_never_alerts() => Assert.DoesNotContain(Play("calm").Scores, s => s.Level >= EscalationLevel.Escalated);

    [Fact]
    public void The_recovered_call_alerts_once_and_ends_lower()
    {
        var scores = Play("recovered").Scores;
        var rises = scores.Where((s, i) => i > 0 && s.Level >= EscalationLevel.Escalated && scores[i - 1].Level < EscalationLevel.Escalated).Count();

        Assert.Equal(1, rises);
        Assert.True(scores[^1].Risk < scores.Max(s => s.Risk) - 0.2);
    }

    private static (CallScript Script, List<PlayedScore> Scores) Play(string name)
    {
        var path = Find(Path.Combine("samples", name, "call.json"));
        if (path is null) Assert.Skip($"The sample call {name} is not in this tree.");

        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var call = document.RootElement;
        var turns = call.GetProperty("turns").EnumerateArray().Select(turn => new ScriptTurn(
            turn.GetProperty("role").GetString() == "customer" ? PartyRole.Customer : PartyRole.Agent,
            TimeSpan.FromSeconds(turn.GetProperty("start").GetDouble()),
            TimeSpan.FromSeconds(turn.GetProperty("end").GetDouble()),
            turn.GetProperty("text").GetString()!, 0)).ToList();
        var marked = call.GetProperty("escalates_at");
        TimeSpan? at = marked.ValueKind == JsonValueKind.Number ? TimeSpan.FromSeconds(marked.GetDouble()) : null;
        var script = new CallScript(name, at is null ? CallOutcome.Calm : CallOutcome.Escalates, at, turns);
        var sentiment = TextSentiments.Load(new ModelStore());
        return (script, new CallPlayer(sentiment, new LevelArousal(), new EscalationOptions()).Play(script, frames: true));
    }

    private static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "EdgeAssist.sln"))) continue;
            var path = Path.Combine(folder.FullName, relative);
            return File.Exists(path) ? path : null;
        }

        return null;
    }
}
