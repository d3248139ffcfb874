namespace EdgeAssist.AlertRelay.Reconciliation;

/// <summary>A call that the appliance saw.</summary>
/// <param name="CallId">Ours.</param>
/// <param name="Start">When.</param>
/// <param name="Ids">Every id it carried.</param>
/// <param name="Numbers">Of its customer, normalised.</param>
/// <param name="HasMedia">Something was heard, or it was too short to expect that.</param>
internal sealed record SeenCall(string CallId, DateTimeOffset Start, IReadOnlyCollection<string> Ids, IReadOnlyCollection<string> Numbers, bool HasMedia);

/// <summary>An attempt that the gateway refused.</summary>
/// <param name="Id">SIP Call-ID.</param>
/// <param name="Number">Of the caller, normalised.</param>
/// <param name="At">When.</param>
/// <param name="Status">SIP status.</param>
internal sealed record RejectedCall(string Id, string Number, DateTimeOffset At, int Status);

/// <summary>Why an expected call was not seen, or not heard.</summary>
internal enum MissingCause
{
    /// <summary>Seen and heard.</summary>
    None,

    /// <summary>Seen, and nothing was heard of it.</summary>
    MediaLost,

    /// <summary>The switch says that nobody answered, or the call was shorter than what counts.</summary>
    TooShort,

    /// <summary>Outside the hours in which calls are to be sent here.</summary>
    OutsideHours,

    /// <summary>The gateway refused it.</summary>
    Rejected,

    /// <summary>A call of the same number was seen beside the window: the clocks differ more than the window allows.</summary>
    ClockSkew,

    /// <summary>Nothing came.</summary>
    NotForked,
}

/// <summary>How it came out for one expected call.</summary>
/// <param name="Expected">The call.</param>
/// <param name="Seen">What it was matched with.</param>
/// <param name="Cause">Why not.</param>
/// <param name="Detail">For people: a status, a difference of clocks.</param>
internal sealed record ReconciledCall(ExpectedCall Expected, SeenCall? Seen, MissingCause Cause, string Detail = "");

/// <summary>What counts.</summary>
internal sealed record ReconcileRules
{
    /// <summary>Two starts further apart are not of one call, after the clocks' difference was taken off.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A shorter call need not be seen.</summary>
    public TimeSpan Least { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How far beside the window a call of the same number is taken for a matter of clocks.</summary>
    public TimeSpan SkewWithin { get; init; } = TimeSpan.FromHours(2);

    /// <summary>When calls are to be sent here.</summary>
    public Func<DateTimeOffset, bool> InHours { get; init; } = _ => true;
}

/// <summary>The comparison.</summary>
/// <param name="Calls">Every expected call, in the order of its start.</param>
/// <param name="Unexpected">Seen calls that the switch does not know of.</param>
/// <param name="ClockDifference">Median of seen minus expected start over calls matched by id; null when there are fewer than 3.</param>
internal sealed record Reconciliation(IReadOnlyList<ReconciledCall> Calls, IReadOnlyList<SeenCall> Unexpected, TimeSpan? ClockDifference);

/// <summary>
/// Expected calls against seen ones: first by id, then by number and time, the nearest pair first; each call is matched once.
/// Pure; the order of the inputs does not matter.
/// </summary>
internal static class Reconciler
{
    private const int LeastForDifference = 3;

    public static Reconciliation Run(IReadOnlyCollection<ExpectedCall> expected, IReadOnlyCollection<SeenCall> seen, IReadOnlyCollection<RejectedCall> rejected, ReconcileRules rules)
    {
        var calls = expected.OrderBy(call => call.Start).ThenBy(call => call.Line).ToList();
        var free = seen.OrderBy(call => call.Start).ThenBy(call => call.CallId, StringComparer.Ordinal).ToList();
        var matched = new Dictionary<ExpectedCall, SeenCall>(ReferenceEqualityComparer.Instance);
        ById(calls, free, matched);
        var difference = Difference(matched);
        ByNumber(calls, free, matched, difference ?? TimeSpan.Zero, rules.Window);
        return new Reconciliation(
            [.. calls.Select(call => matched.TryGetValue(call, out var own)
                ? new ReconciledCall(call, own, own.HasMedia ? MissingCause.None : MissingCause.MediaLost)
                : Missing(call, free, rejected, rules, difference ?? TimeSpan.Zero))],
            free, difference);
    }

    private static void ById(List<ExpectedCall> calls, List<SeenCall> free, Dictionary<ExpectedCall, SeenCall> matched)
    {
        var byId = free.SelectMany(call => call.Ids.Distinct(StringComparer.Ordinal).Select(id => (id, call))).ToLookup(each => each.id, each => each.call, StringComparer.Ordinal);
        var taken = new HashSet<SeenCall>(ReferenceEqualityComparer.Instance);
        foreach (var call in calls.Where(call => call.Id.Length > 0))
        {
            // An id that was used twice: the nearest in time that is left.
            if (byId[call.Id].Where(candidate => !taken.Contains(candidate)).MinBy(candidate => (candidate.Start - call.Start).Duration()) is not { } own) continue;
            taken.Add(own);
            matched[call] = own;
        }

        free.RemoveAll(taken.Contains);
    }

    private static void ByNumber(List<ExpectedCall> calls, List<SeenCall> free, Dictionary<ExpectedCall, SeenCall> matched, TimeSpan difference, TimeSpan window)
    {
        var byNumber = free.SelectMany(call => call.Numbers.Distinct(StringComparer.Ordinal).Select(number => (number, call))).ToLookup(each => each.number, each => each.call, StringComparer.Ordinal);
        var pairs = calls
            .Where(call => call.Number.Length > 0 && !matched.ContainsKey(call))
            .SelectMany(call => byNumber[call.Number].Select(candidate => (Call: call, Seen: candidate, Apart: (candidate.Start - difference - call.Start).Duration())))
            .Where(pair => pair.Apart <= window)
            .OrderBy(pair => pair.Apart).ThenBy(pair => pair.Call.Start).ThenBy(pair => pair.Call.Line).ThenBy(pair => pair.Seen.CallId, StringComparer.Ordinal);
        var taken = new HashSet<SeenCall>(ReferenceEqualityComparer.Instance);
        foreach (var (call, own, _) in pairs)
        {
            if (matched.ContainsKey(call) || !taken.Add(own)) continue;
            matched[call] = own;
        }

        free.RemoveAll(taken.Contains);
    }

    private static TimeSpan? Difference(Dictionary<ExpectedCall, SeenCall> matched)
    {
        if (matched.Count < LeastForDifference) return null;
        var sorted = matched.Select(pair => pair.Value.Start - pair.Key.Start).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static ReconciledCall Missing(ExpectedCall call, List<SeenCall> free, IReadOnlyCollection<RejectedCall> rejected, ReconcileRules rules, TimeSpan difference)
    {
        if (!call.Answered) return new ReconciledCall(call, null, MissingCause.TooShort, "not answered");
        if (call.Duration is { } duration && duration < rules.Least) return new ReconciledCall(call, null, MissingCause.TooShort, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#} s"));
        if (!rules.InHours(call.Start)) return new ReconciledCall(call, null, MissingCause.OutsideHours);

        var refusal = rejected
            .Where(each => (call.Id.Length > 0 && each.Id == call.Id) || (call.Number.Length > 0 && each.Number == call.Number && (each.At - difference - call.Start).Duration() <= rules.Window))
            .MinBy(each => (each.At - call.Start).Duration());
        if (refusal is not null) return new ReconciledCall(call, null, MissingCause.Rejected, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"SIP {refusal.Status}"));

        var beside = call.Number.Length == 0 ? null : free
            .Where(each => each.Numbers.Contains(call.Number) && (each.Start - difference - call.Start).Duration() <= rules.SkewWithin)
            .MinBy(each => (each.Start - difference - call.Start).Duration());
        return beside is null
            ? new ReconciledCall(call, null, MissingCause.NotForked)
            : new ReconciledCall(call, null, MissingCause.ClockSkew, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{beside.CallId} of the same number is {(beside.Start - call.Start).TotalSeconds:+0;-0} s away"));
    }
}
