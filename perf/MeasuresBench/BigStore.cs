using EdgeAssist.AlertRelay.Measures.Statistics;
using EdgeAssist.AlertRelay.Measures.Store;

namespace EdgeAssist.MeasuresBench;

/// <summary>A store with as many calls as are asked for, written as the projector writes.</summary>
internal static class BigStore
{
    private const int Batch = 20_000, Teams = 8, Days = 365;

    public static readonly DateTimeOffset FirstDay = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Fill(MeasuresStore store, int calls, ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var written = 0; written < calls;)
        {
            var (rows, alerts) = (new List<CallRow>(Batch), new List<AlertRow>(Batch / 3));
            for (var i = 0; i < Batch && written < calls; i++, written++) Add(random, written, calls, rows, alerts);
            store.Apply(new RowBatch(new ProjectorPlace("big", written, 0), rows, alerts));
        }
    }

    private static void Add(SeededRandom random, int number, int calls, List<CallRow> rows, List<AlertRow> alerts)
    {
        var day = (int)((long)number * Days / calls);
        var team = random.NextInt(Teams);
        var start = FirstDay.AddDays(day).AddSeconds(8 * 3600 + random.NextInt(10 * 3600));
        var mode = team < Teams / 2 && day >= 180 ? Mode.Assist : Mode.Observe;
        var isUpset = random.NextUnit() < 0.25;
        var length = 120 + random.NextInt(600);
        var row = new CallRow
        {
            CallId = FormattableString.Invariant($"{number:x32}"),
            Team = FormattableString.Invariant($"team-{team}"),
            Trunk = "big",
            Started = start,
            Ended = start.AddSeconds(length),
            Customer = random.NextUnit() < 0.9 ? random.NextInt(calls / 3 + 1) : null,
            Mode = mode,
            Scored = random.NextUnit() < 0.99,
            Transfers = random.NextUnit() < 0.1 ? 1 : 0,
            Alerts = isUpset ? 1 : 0,
        };
        rows.Add(row);
        if (!isUpset) return;

        var opened = start.AddSeconds(20 + random.NextInt(60));
        var calm = -Math.Log(1 - random.NextUnit()) * (mode == Mode.Assist ? 110 : 140);
        alerts.Add(new AlertRow
        {
            AlertId = FormattableString.Invariant($"a{number:x31}"),
            CallId = row.CallId,
            Team = row.Team,
            Mode = mode,
            Opened = opened,
            Level = 3,
            Acted = mode == Mode.Assist ? opened.AddSeconds(15) : null,
            Calmed = random.NextUnit() < 0.85 ? opened.AddSeconds(calm) : null,
            Verdict = mode == Mode.Assist && random.NextUnit() < 0.6 ? random.NextUnit() < 0.15 ? Verdict.Wrong : Verdict.Right : Verdict.None,
            Shown = mode == Mode.Assist,
        });
    }
}
