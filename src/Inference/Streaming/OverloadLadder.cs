using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>When analysis gives way: by the load that calls bring, before the queue ages, and by the age of the oldest waiting final.</summary>
internal sealed record LadderSettings
{
    /// <summary>From this age on there are no partials.</summary>
    public TimeSpan NoPartials { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>From this age on only the customer's words are recognised.</summary>
    public TimeSpan CustomerOnly { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>From this age on nothing is recognised; voice and dynamics go on.</summary>
    public TimeSpan VoiceOnly { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A final that has waited longer is shed while more wait than can be done in <see cref="Backlog"/>: it would come too late.</summary>
    public TimeSpan Stale { get; init; } = TimeSpan.FromSeconds(1.8);

    /// <summary>Work on finals that is caught up with, as after a stall, and not shed.</summary>
    public TimeSpan Backlog { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Below this age the queue counts as recovered.</summary>
    public TimeSpan Recovered { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it must stay recovered before one rung is given back; twice as long after each return that did not hold.</summary>
    public TimeSpan RecoverFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A return that is taken back within this time did not hold.</summary>
    public TimeSpan HoldsAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Share of the workers' time from which on a rung is left.</summary>
    public double Overload { get; init; } = 1;

    /// <summary>Share of the workers' time that a better rung may need to be given back.</summary>
    public double Admits { get; init; } = 0.75;
}

/// <summary>
/// The declared ladder under overload: full → no partials → finals on the customer's leg → voice only. Down at once, as far
/// as the age demands, and one rung each dwell as the load demands, never to voice only by load alone; up one rung at a time,
/// after a while of quiet, when the better rung's load fits. Voice only is left after the quiet alone: while nothing is recognised
/// the speed that was measured last says nothing about now. A core; its owner locks.
/// </summary>
internal sealed class OverloadLadder(LadderSettings settings)
{
    private const int LongestPatience = 8;

    private Instant _recoveredSince = Instant.Never;
    private Instant _roseAt = Instant.Never;
    private Instant _changedAt = Instant.Never;
    private int _patience = 1;

    public AnalysisRung Rung { get; private set; }

    /// <param name="age">Of the oldest waiting final.</param>
    /// <param name="load">What a rung would need of the workers' time: 1 is all of it.</param>
    /// <param name="now">Now.</param>
    /// <returns>True when the rung changed.</returns>
    public bool Observe(TimeSpan age, Func<AnalysisRung, double> load, Instant now)
    {
        if (_changedAt.IsNever) _changedAt = now;
        var demanded = Demanded(age);
        if (demanded <= Rung && Rung < AnalysisRung.CustomerFinalsOnly && now - _changedAt >= settings.RecoverFor && load(Rung) > settings.Overload)
            demanded = Rung + 1;
        if (demanded > Rung)
        {
            Fall(demanded, now);
            return true;
        }

        if (age > settings.Recovered || Rung == AnalysisRung.Full)
        {
            _recoveredSince = Instant.Never;
            return false;
        }

        if (_recoveredSince.IsNever) _recoveredSince = now;
        if (now - _recoveredSince < settings.RecoverFor * _patience) return false;
        if (Rung != AnalysisRung.VoiceOnly && load(Rung - 1) > settings.Admits) return false;

        (Rung, _recoveredSince, _roseAt, _changedAt) = (Rung - 1, now, now, now);
        return true;
    }

    // Whoever comes back too early and falls again waits longer the next time.
    private void Fall(AnalysisRung to, Instant now)
    {
        if (!_roseAt.IsNever) _patience = now - _roseAt < settings.HoldsAfter ? Math.Min(_patience * 2, LongestPatience) : 1;
        (Rung, _recoveredSince, _roseAt, _changedAt) = (to, Instant.Never, Instant.Never, now);
    }

    private AnalysisRung Demanded(TimeSpan age) =>
        age >= settings.VoiceOnly ? AnalysisRung.VoiceOnly
        : age >= settings.CustomerOnly ? AnalysisRung.CustomerFinalsOnly
        : age >= settings.NoPartials ? AnalysisRung.NoPartials
        : AnalysisRung.Full;
}
