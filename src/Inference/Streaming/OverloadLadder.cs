using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>When analysis gives way, by the age of the oldest waiting final.</summary>
internal sealed record LadderSettings
{
    /// <summary>From this age on there are no partials.</summary>
    public TimeSpan NoPartials { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>From this age on only the customer's words are recognised.</summary>
    public TimeSpan CustomerOnly { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>From this age on nothing is recognised; voice and dynamics go on.</summary>
    public TimeSpan VoiceOnly { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Below this age the queue counts as recovered.</summary>
    public TimeSpan Recovered { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it must stay recovered before one rung is given back.</summary>
    public TimeSpan RecoverFor { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>
/// The declared ladder under overload: full → no partials → finals on the customer's leg → voice only. Down at once, as far
/// as the age demands; up one rung at a time, after a while of quiet. A core; its owner locks.
/// </summary>
internal sealed class OverloadLadder(LadderSettings settings)
{
    private Instant _recoveredSince = Instant.Never;

    public AnalysisRung Rung { get; private set; }

    /// <param name="age">Of the oldest waiting final.</param>
    /// <param name="now">Now.</param>
    /// <returns>True when the rung changed.</returns>
    public bool Observe(TimeSpan age, Instant now)
    {
        var demanded = Demanded(age);
        if (demanded > Rung)
        {
            (Rung, _recoveredSince) = (demanded, Instant.Never);
            return true;
        }

        if (age > settings.Recovered || Rung == AnalysisRung.Full)
        {
            _recoveredSince = Instant.Never;
            return false;
        }

        if (_recoveredSince.IsNever) _recoveredSince = now;
        if (now - _recoveredSince < settings.RecoverFor) return false;

        (Rung, _recoveredSince) = (Rung - 1, now);
        return true;
    }

    private AnalysisRung Demanded(TimeSpan age) =>
        age >= settings.VoiceOnly ? AnalysisRung.VoiceOnly
        : age >= settings.CustomerOnly ? AnalysisRung.CustomerFinalsOnly
        : age >= settings.NoPartials ? AnalysisRung.NoPartials
        : AnalysisRung.Full;
}
