using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Rules;

/// <summary>What a score means for the alert of its call.</summary>
internal enum EpisodeStep
{
    None,

    /// <summary>A new alert.</summary>
    Open,

    /// <summary>The open alert got worse, or bad again.</summary>
    Raise,

    /// <summary>The open alert's call has been calm long enough.</summary>
    Calm,
}

/// <summary>
/// One call's way through alerts: at most one is open at a time. Folded from what is journaled, so that a restart finds it
/// where it was. Media time (<see cref="TimeSpan"/> from the call's start) measures calm while scores come; the clock does
/// when none come any more.
/// </summary>
internal sealed record Episode
{
    public static Episode None { get; } = new();

    /// <summary>The newest alert of the call; empty when there was none.</summary>
    public string AlertId { get; init; } = "";

    /// <summary>The worst level since it opened.</summary>
    public V1.Level Level { get; init; }

    /// <summary>Somebody ended it.</summary>
    public bool Closed { get; init; }

    /// <summary>The call has been calm long enough since it was last bad.</summary>
    public bool Calmed { get; init; }

    /// <summary>First moment of the calm that lasts, on the call's timeline.</summary>
    public TimeSpan? CalmSince { get; init; }

    /// <summary>When calm is long enough if no further score comes.</summary>
    public Instant CalmDue { get; init; } = Instant.Never;

    /// <summary>When a closed alert stops keeping the call quiet.</summary>
    public Instant ArmedAt { get; init; } = Instant.Never;

    /// <summary>What the score calls for, before <see cref="Observe"/> takes it in.</summary>
    public EpisodeStep Decide(V1.Score score, Instant now, AlertPolicy policy)
    {
        if (score.Level >= policy.OpenAt)
        {
            if (AlertId.Length == 0) return EpisodeStep.Open;
            if (Closed) return Calmed || now >= ArmedAt ? EpisodeStep.Open : EpisodeStep.None;
            return score.Level > Level || Calmed ? EpisodeStep.Raise : EpisodeStep.None;
        }

        return AlertId.Length > 0 && !Closed && !Calmed && IsCalmAfter(score, now, policy) ? EpisodeStep.Calm : EpisodeStep.None;
    }

    /// <summary>True when time alone made the open alert's call calm.</summary>
    public bool IsCalmDue(Instant now) => AlertId.Length > 0 && !Closed && !Calmed && now >= CalmDue;

    /// <summary>Takes a score in.</summary>
    public Episode Observe(V1.Score score, Instant now, AlertPolicy policy)
    {
        if (score.Level > policy.CalmAt) return this with { CalmSince = null, CalmDue = Instant.Never };

        return this with
        {
            CalmSince = CalmSince ?? score.At.ToTimeSpan(),
            CalmDue = CalmSince is null ? now + policy.CalmFor : CalmDue,

            // An open alert is calmed by its journaled change; behind a closed one nobody needs to be told.
            Calmed = Calmed || (Closed && IsCalmAfter(score, now, policy)),
        };
    }

    /// <summary>Takes a change of the call's alert in.</summary>
    public Episode Apply(V1.AlertEvent change, Instant now, AlertPolicy policy) => change.Change switch
    {
        V1.AlertChange.Opened => new Episode { AlertId = change.Alert.AlertId, Level = change.Alert.Level },
        _ when change.Alert.AlertId != AlertId => this,
        V1.AlertChange.Raised => this with { Level = change.Alert.Level, Calmed = false },
        V1.AlertChange.Calmed => this with { Calmed = true },
        V1.AlertChange.Resolved or V1.AlertChange.Dismissed => this with { Closed = true, ArmedAt = now + policy.CoolDown },
        _ => this,
    };

    private bool IsCalmAfter(V1.Score score, Instant now, AlertPolicy policy) =>
        score.Level <= policy.CalmAt && CalmSince is { } since && (score.At.ToTimeSpan() - since >= policy.CalmFor || now >= CalmDue);
}
