using System.Collections.Immutable;
using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Assist.Effect;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.State;

/// <summary>The answer given to a request id.</summary>
/// <param name="At">When it was first asked.</param>
/// <param name="Change">What was asked for.</param>
/// <param name="Alert">The alert as it was answered; null when it was about a silence.</param>
/// <param name="Silence">The silence as it was answered.</param>
/// <param name="Policy">The switch as it was answered.</param>
/// <param name="Assist">The change of a prompt or a message as it was answered.</param>
/// <param name="InterventionId">The intervention it was about; empty when it was about none.</param>
internal sealed record RequestOutcome(
    DateTimeOffset At, V1.AlertChange Change, V1.Alert? Alert, V1.Silence? Silence = null, V1.PolicySwitch? Policy = null, V1.AssistEvent? Assist = null, string InterventionId = "");

/// <summary>A silence and where the journal says so.</summary>
internal sealed record SilenceRecord(V1.Silence Silence, long Offset);

/// <summary>
/// Everything the journal's records up to <see cref="Offset"/> add up to, as far as it is alive: calls that have not ended,
/// their alerts, claims that still run. Immutable: a batch makes a new one, published only when the batch is durable, and a
/// reference to one is a consistent cut.
/// </summary>
internal sealed record RelayState
{
    public required string Epoch { get; init; }

    public required long Offset { get; init; }

    public ImmutableDictionary<string, CallRecord> Calls { get; init; } = Empty<CallRecord>();

    public ImmutableDictionary<string, V1.Alert> Alerts { get; init; } = Empty<V1.Alert>();

    public ImmutableDictionary<string, RequestOutcome> Requests { get; init; } = Empty<RequestOutcome>();

    /// <summary>Silences that have not ended.</summary>
    public ImmutableDictionary<string, SilenceRecord> Silences { get; init; } = Empty<SilenceRecord>();

    /// <summary>The newest switch of every team that has a mode of its own, or had one by configuration.</summary>
    public TeamModes Modes { get; init; } = TeamModes.None;

    /// <summary>Prompts and messages of the calls, live and lately ended.</summary>
    public ImmutableDictionary<string, CallAssist> Assists { get; init; } = Empty<CallAssist>();

    /// <summary>What was measured of the library's entries.</summary>
    public EffectLedger Effects { get; init; } = EffectLedger.Empty;

    /// <summary>Supervisors on calls: those that go on, and those that ended in the last minute.</summary>
    public ImmutableDictionary<string, V1.Intervention> Interventions { get; init; } = Empty<V1.Intervention>();

    /// <summary>Records from here on are needed to rebuild this state.</summary>
    public long NeededFrom => Math.Min(Modes.NeededFrom, Math.Min(
        Calls.IsEmpty ? long.MaxValue : Calls.Values.Min(call => call.StartedOffset),
        Silences.IsEmpty ? long.MaxValue : Silences.Values.Min(silence => silence.Offset)));

    /// <summary>The state behind one more event.</summary>
    public RelayState Apply(RelayEvent next, AlertPolicy policy, ClockAnchor clock)
    {
        var now = clock.ToInstant(next.Time);
        var state = next switch
        {
            { Alert: { } alert } => Apply(next, alert, now, policy),
            { Silence: { } silence } => Apply(next, silence),
            { Assist: { } assist } => Apply(next, assist),
            { Policy: { } policySwitch } => Apply(next, policySwitch),
            { Intervention: { } intervention } => Apply(next, intervention),
            _ => Apply(next, next.Call!, now, policy),
        };
        return next.Offset == 0 ? state : state with { Offset = next.Offset };
    }

    private RelayState Apply(RelayEvent next, V1.CallEvent change, Instant now, AlertPolicy policy)
    {
        if (next.Kind == JournalKind.CallStarted)
            return this with { Calls = Calls.SetItem(next.CallId, new CallRecord { Info = change.Started, StartedOffset = next.Offset, HeardAt = now }) };
        if (!Calls.TryGetValue(next.CallId, out var call)) return this;
        if (next.Kind == JournalKind.CallEnded) return End(next.CallId);

        return this with { Calls = Calls.SetItem(next.CallId, Changed(call with { HeardAt = now }, next.Kind, change, now, policy)) };
    }

    private static CallRecord Changed(CallRecord call, JournalKind kind, V1.CallEvent change, Instant now, AlertPolicy policy) => kind switch
    {
        JournalKind.CallUpdated => call with { Info = change.Updated },
        JournalKind.Transcript => call.With(change.Transcript),
        JournalKind.Score => call.With(change.Score.Score) with { Episode = call.Episode.Observe(change.Score.Score, now, policy) },
        JournalKind.Gap => call with { Gaps = call.Gaps.Add(change.Gap) },
        JournalKind.RungChange => call with { Rung = change.RungChange.Rung },
        _ => call,
    };

    private RelayState End(string callId) => this with
    {
        Calls = Calls.Remove(callId),

        // A claim outlives its call until the lease ends; everything else is the journal's to remember.
        Alerts = Alerts.RemoveRange(Alerts.Values
            .Where(alert => alert.CallId == callId && alert.State != V1.AlertState.Claimed)
            .Select(alert => alert.AlertId)),
    };

    private RelayState Apply(RelayEvent next, V1.AlertEvent change, Instant now, AlertPolicy policy)
    {
        var alert = change.Alert;
        var state = this;
        if (Calls.TryGetValue(next.CallId, out var call))
            state = state with { Calls = Calls.SetItem(next.CallId, call with { Episode = call.Episode.Apply(change, now, policy) }) };

        var alive = call is not null || alert.State == V1.AlertState.Claimed;
        state = state with { Alerts = alive ? Alerts.SetItem(alert.AlertId, alert) : Alerts.Remove(alert.AlertId) };
        return next.RequestKey.Length == 0
            ? state
            : state with { Requests = Requests.SetItem(next.RequestKey, new RequestOutcome(next.Time, change.Change, alert)) };
    }

    private RelayState Apply(RelayEvent next, V1.Silence silence)
    {
        var over = silence.EndsAt.ToDateTimeOffset() <= next.Time;
        var state = this with { Silences = over ? Silences.Remove(silence.SilenceId) : Silences.SetItem(silence.SilenceId, new SilenceRecord(silence, next.Offset)) };
        return next.RequestKey.Length == 0
            ? state
            : state with { Requests = Requests.SetItem(next.RequestKey, new RequestOutcome(next.Time, V1.AlertChange.Unspecified, null, silence)) };
    }

    private RelayState Apply(RelayEvent next, V1.PolicySwitch policySwitch)
    {
        var state = this with { Modes = Modes.With(policySwitch, next.Offset, next.Time) };
        return next.RequestKey.Length == 0
            ? state
            : state with { Requests = Requests.SetItem(next.RequestKey, new RequestOutcome(next.Time, V1.AlertChange.Unspecified, null, Policy: policySwitch)) };
    }

    private RelayState Apply(RelayEvent next, V1.AssistEvent change)
    {
        var state = change.Record is { } record ? this with { Effects = Effects.Take(record) } : this;
        if (next.CallId.Length > 0) state = state with { Assists = Assists.SetItem(next.CallId, Assists.GetValueOrDefault(next.CallId, CallAssist.None).With(change)) };
        return next.RequestKey.Length == 0
            ? state
            : state with { Requests = Requests.SetItem(next.RequestKey, new RequestOutcome(next.Time, V1.AlertChange.Unspecified, null, Assist: change)) };
    }

    private RelayState Apply(RelayEvent next, V1.Intervention intervention)
    {
        var state = this with { Interventions = Interventions.SetItem(intervention.InterventionId, intervention) };
        return next.RequestKey.Length == 0
            ? state
            : state with { Requests = Requests.SetItem(next.RequestKey, new RequestOutcome(next.Time, V1.AlertChange.Unspecified, null, InterventionId: intervention.InterventionId)) };
    }

    private static ImmutableDictionary<string, T> Empty<T>() => ImmutableDictionary.Create<string, T>(StringComparer.Ordinal);
}
