using System.Globalization;
using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>The story as lines, for pipes and logs: final words, changes of level, what the second process hears.</summary>
internal sealed class LineScreen(TextWriter output, TimeProvider time) : IDemoScreen
{
    private readonly HashSet<(string, int, int)> _printed = [];
    private readonly Dictionary<string, Level> _levels = [];
    private int _heard, _prompted;

    public async Task ShowAsync(DemoStory story, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) Print(story);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Print(story);
        }
    }

    private void Print(DemoStory story)
    {
        foreach (var line in story.Read((calls, heard) => NewLines(calls, heard).ToArray())) output.WriteLine(line);
        foreach (var line in story.PromptLines(_prompted))
        {
            output.WriteLine("  " + line);
            _prompted++;
        }
    }

    private IEnumerable<string> NewLines(IReadOnlyList<CallView> calls, IReadOnlyList<string> heard)
    {
        foreach (var call in calls)
        {
            foreach (var line in call.Finals.Where(line => _printed.Add((call.Key, line.Leg, line.Utterance))))
                yield return $"  {call.Key,-10} {Clock.Format(line.Start)}  {Name(line.Role),-8}  {line.Text}";

            if (call.Newest is not { } score || score.Level == _levels.GetValueOrDefault(call.Key, Level.Calm)) continue;
            _levels[call.Key] = score.Level;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  {call.Key,-10} {Clock.Format(score.At)}  ── {score.Level.ToString().ToUpperInvariant()}  risk {score.Risk:0.00}  {string.Join("; ", score.Reasons.Take(3).Select(Describe))}");
        }

        for (; _heard < heard.Count; _heard++) yield return "  " + heard[_heard];
    }

    public static string Name(PartyRole role) => role switch
    {
        PartyRole.Customer => "customer",
        PartyRole.Agent => "agent",
        PartyRole.Mixed => "both",
        _ => "unknown",
    };

    public static string Describe(Reason reason) => string.Create(CultureInfo.InvariantCulture,
        $"{reason.Cue} {reason.Weight:+0.0;-0.0}{(reason.Quote.Length > 0 ? $" “{reason.Quote}”" : "")}");
}
