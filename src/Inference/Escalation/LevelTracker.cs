using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// Risk to level, one episode at a time: up at once, down only when the risk stayed low for a while and the level has stood
/// its minimum; after an episode the next one must be clearer for a time.
/// </summary>
internal sealed class LevelTracker(EscalationOptions options)
{
    private TimeSpan _raisedAt;
    private TimeSpan? _lowSince;
    private TimeSpan? _episodeEnded;

    public EscalationLevel Level { get; private set; }

    /// <summary>Takes the risk of a moment, in rising order of time. True when the level changed.</summary>
    public bool Update(double risk, TimeSpan at)
    {
        var reached = Reached(risk, at);
        if (reached > Level)
        {
            (Level, _raisedAt, _lowSince) = (reached, at, null);
            return true;
        }

        var kept = Kept(risk);
        if (kept >= Level)
        {
            _lowSince = null;
            return false;
        }

        _lowSince ??= at;
        if (at - _lowSince < options.FallAfter || at - _raisedAt < options.MinimumDuration) return false;

        if (Level >= EscalationLevel.Escalated && kept < EscalationLevel.Escalated) _episodeEnded = at;
        (Level, _lowSince) = (kept, null);
        return true;
    }

    private EscalationLevel Reached(double risk, TimeSpan at)
    {
        var margin = _episodeEnded is { } ended && at - ended < options.CoolDown ? options.CoolDownMargin : 0;
        if (risk >= options.Critical.Up) return EscalationLevel.Critical;
        if (risk >= options.Escalated.Up + margin) return EscalationLevel.Escalated;
        return risk >= options.Watch.Up ? EscalationLevel.Watch : EscalationLevel.Calm;
    }

    /// <summary>The highest level whose lower threshold the risk still meets.</summary>
    private EscalationLevel Kept(double risk)
    {
        if (risk >= options.Critical.Down) return EscalationLevel.Critical;
        if (risk >= options.Escalated.Down) return EscalationLevel.Escalated;
        return risk >= options.Watch.Down ? EscalationLevel.Watch : EscalationLevel.Calm;
    }
}
