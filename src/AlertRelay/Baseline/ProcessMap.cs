namespace EdgeAssist.AlertRelay.Baseline;

/// <summary>A box of the map.</summary>
/// <param name="Id">A stable word.</param>
/// <param name="Title">For people.</param>
/// <param name="Column">0 to 4.</param>
/// <param name="Order">Place in the column: lower is higher.</param>
/// <param name="Calls">Calls that went through it.</param>
/// <param name="Judgement">A person decides here.</param>
internal sealed record MapStep(string Id, string Title, int Column, int Order, int Calls, bool Judgement);

/// <summary>A way between two boxes of neighbouring columns.</summary>
/// <param name="From">Step.</param>
/// <param name="To">Step.</param>
/// <param name="Calls">Calls that took it.</param>
/// <param name="Median">Of the time from the one to the other; null where calls do not tell.</param>
/// <param name="P90">The same at the 90th percentile.</param>
internal sealed record MapEdge(string From, string To, int Calls, TimeSpan? Median, TimeSpan? P90);

/// <summary>A queue's share of it.</summary>
/// <param name="Team">Name; empty when calls carry none.</param>
/// <param name="Calls">All that ended.</param>
/// <param name="Upset">Those that went badly.</param>
/// <param name="Start">Median from the call's start to the first would-be alert.</param>
/// <param name="Help">Median from there to help by somebody else; null when nobody came.</param>
/// <param name="Helped">Calls in which somebody came.</param>
internal sealed record MapTeam(string Team, int Calls, int Upset, TimeSpan? Start, TimeSpan? Help, int Helped);

/// <summary>
/// How calls that went badly go today: queue, when it starts, what sets it off, what happened, how it ended. One way a call,
/// by its first alert or would-be alert.
/// </summary>
internal sealed record ProcessMap
{
    public static readonly string[] Columns = ["Queue", "When it starts", "What sets it off", "What happened then", "How it ended"];

    public required int Calls { get; init; }

    public required int Upset { get; init; }

    /// <summary>Their team was switched while they lived, or analysis was lost.</summary>
    public required int LeftOut { get; init; }

    public required IReadOnlyList<MapStep> Steps { get; init; }

    public required IReadOnlyList<MapEdge> Edges { get; init; }

    public required IReadOnlyList<MapTeam> Teams { get; init; }
}

/// <summary>Sums calls up to a <see cref="ProcessMap"/>; holds a few numbers a call, no words.</summary>
internal sealed class ProcessMapBuilder
{
    private const int MostQueues = 6, MostCues = 7;

    /// <summary>What starts so soon after a hold or a transfer is laid to it.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromMinutes(1);

    private readonly List<Way> _ways = [];
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private int _leftOut;

    public void Add(ObservedCall call)
    {
        if (call.Info.ModeChanged || call.Info.EndReason == "lost")
        {
            _leftOut++;
            return;
        }

        _calls[call.Info.Team] = _calls.GetValueOrDefault(call.Info.Team) + 1;
        if (call.Alerts.Count > 0) _ways.Add(Way.Of(call));
    }

    public ProcessMap Build()
    {
        var queues = Top(_ways.Select(way => way.Team), MostQueues);
        var cues = Top(_ways.Select(way => way.Cue), MostCues);
        var placed = _ways.Select(way => (Way: way, Steps: (string[])
        [
            queues.Contains(way.Team) ? "queue." + way.Team : "queue.*", way.Start, cues.Contains(way.Cue) ? "cue." + way.Cue : "cue.*", way.Then, way.End,
        ])).ToList();

        var steps = placed
            .SelectMany(each => each.Steps.Select((id, column) => (id, column)))
            .GroupBy(each => each)
            .Select(group => Step(group.Key.id, group.Key.column, group.Count()))
            .OrderBy(step => step.Column).ThenBy(step => step.Order).ThenByDescending(step => step.Calls).ThenBy(step => step.Id, StringComparer.Ordinal)
            .ToList();
        var edges = Enumerable.Range(0, ProcessMap.Columns.Length - 1)
            .SelectMany(column => placed
                .GroupBy(each => (From: each.Steps[column], To: each.Steps[column + 1]))
                .Select(group => Edge(group.Key.From, group.Key.To, [.. group.Select(each => each.Way.Times[column])]))
                .OrderBy(edge => edge.From, StringComparer.Ordinal).ThenBy(edge => edge.To, StringComparer.Ordinal))
            .ToList();
        return new ProcessMap
        {
            Calls = _calls.Values.Sum() + _leftOut,
            Upset = _ways.Count,
            LeftOut = _leftOut,
            Steps = steps,
            Edges = edges,
            Teams =
            [
                .. _calls.OrderBy(team => team.Key, StringComparer.Ordinal).Select(team =>
                {
                    var own = _ways.Where(way => way.Team == team.Key).ToList();
                    var helped = own.Where(way => way.Helped is not null).Select(way => way.Helped).ToList();
                    return new MapTeam(team.Key, team.Value, own.Count, Quantile([.. own.Select(way => way.Times[0])], 0.5), Quantile(helped, 0.5), helped.Count);
                }),
            ],
        };
    }

    private static HashSet<string> Top(IEnumerable<string> words, int most) =>
        [.. words.GroupBy(word => word).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).Take(most).Select(group => group.Key)];

    private static MapStep Step(string id, int column, int calls)
    {
        var (title, order, judgement) = id switch
        {
            "queue.*" => ("other queues", 1, false),
            "queue." => ("(no queue)", 0, false),
            "start.after_hold" => ("after a hold", 0, false),
            "start.after_transfer" => ("after a transfer", 1, false),
            "start.first_minute" => ("in the first minute", 2, false),
            "start.minute_1_3" => ("minute 1 to 3", 3, false),
            "start.minute_3_6" => ("minute 3 to 6", 4, false),
            "start.later" => ("after minute 6", 5, false),
            "cue.*" => ("other causes", 1, false),
            "then.person" => ("a supervisor took it up", 0, true),
            "then.transfer" => ("handed on", 1, true),
            "then.hold" => ("put on hold", 2, true),
            "then.alone" => ("the agent alone", 3, true),
            "end.calm" => ("calm again", 0, false),
            "end.upset" => ("hung up, not calm", 1, false),
            "end.other" => ("cut off", 2, false),
            _ => (id[(id.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('_', ' '), 0, false),
        };
        return new MapStep(id, title, column, order, calls, judgement);
    }

    private static MapEdge Edge(string from, string to, List<TimeSpan?> times) => new(from, to, times.Count, Quantile(times, 0.5), Quantile(times, 0.9));

    // Linear between the two nearest; of one value that value.
    private static TimeSpan? Quantile(List<TimeSpan?> times, double share)
    {
        var sorted = times.OfType<TimeSpan>().Order().ToArray();
        if (sorted.Length == 0) return null;
        var place = (sorted.Length - 1) * share;
        var below = sorted[(int)place];
        var above = sorted[Math.Min(sorted.Length - 1, (int)place + 1)];
        return below + (above - below) * (place - (int)place);
    }

    /// <summary>One call's way through the map. Times between column i and i + 1: from the call's start to the alert is 0, from the alert to what happened 2, from there to the end 3.</summary>
    private sealed record Way(string Team, string Start, string Cue, string Then, string End, TimeSpan?[] Times, TimeSpan? Helped)
    {
        public static Way Of(ObservedCall call)
        {
            var alert = call.Alerts[0];
            var opened = Place(call, alert.OpenedAt);
            var (transfer, hold) = (After(call, CallTurn.Transfer, opened), After(call, CallTurn.Hold, opened));
            var acted = alert.Outcome?.ActedAt is { } hand ? Place(call, hand) : (TimeSpan?)null;
            var helped = Earlier(acted, transfer);
            var (then, at) = acted is not null && acted == helped ? ("then.person", acted)
                : transfer is not null && transfer == helped ? ("then.transfer", transfer)
                : hold is not null ? ("then.hold", hold)
                : ("then.alone", (TimeSpan?)null);
            var calm = alert.CalmSince is { } since ? Place(call, since) : (TimeSpan?)null;
            var end = calm is not null ? "end.calm" : call.Info.EndReason == "hangup" ? "end.upset" : "end.other";
            var ended = calm ?? call.Duration;
            return new Way(
                call.Info.Team, StartOf(call, opened), alert.Score?.Reasons.Count > 0 ? alert.Score.Reasons[0].Cue : "risk", then, end,
                [opened, null, at is null ? null : at - opened, Positive(ended - (at ?? opened))], helped is null ? null : helped - opened);
        }

        private static string StartOf(ObservedCall call, TimeSpan opened)
        {
            var before = call.Turns.Where(turn => turn.At <= opened && opened - turn.At <= Aftermath).OrderByDescending(turn => turn.At).Select(turn => (CallTurn?)turn.Turn).FirstOrDefault();
            return before switch
            {
                CallTurn.Transfer => "start.after_transfer",
                CallTurn.Hold or CallTurn.Resume => "start.after_hold",
                _ => opened.TotalMinutes switch { < 1 => "start.first_minute", < 3 => "start.minute_1_3", < 6 => "start.minute_3_6", _ => "start.later" },
            };
        }

        private static TimeSpan? After(ObservedCall call, CallTurn turn, TimeSpan from) =>
            call.Turns.Where(each => each.Turn == turn && each.At >= from).Select(each => (TimeSpan?)each.At).FirstOrDefault();

        private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null ? other : other is null ? one : one < other ? one : other;

        private static TimeSpan Place(ObservedCall call, Timestamp at) => Positive(at.ToDateTimeOffset() - call.StartedAt);

        private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
    }
}
