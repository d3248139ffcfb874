namespace EdgeAssist.Contracts;

/// <summary>The one audio format behind the fork: mono, 16-bit signed, 16 kHz. Positions and lengths are counts of these samples.</summary>
public static class PcmFormat
{
    /// <summary>Samples a second.</summary>
    public const int SampleRate = 16_000;

    /// <summary>Samples in a millisecond.</summary>
    public const int SamplesPerMillisecond = SampleRate / 1000;

    /// <summary>The length of <paramref name="samples"/> samples.</summary>
    public static TimeSpan Duration(long samples) => TimeSpan.FromTicks(samples * (TimeSpan.TicksPerSecond / SampleRate));

    /// <summary>The whole samples in <paramref name="duration"/>, rounded down.</summary>
    public static long Samples(TimeSpan duration) => duration.Ticks / (TimeSpan.TicksPerSecond / SampleRate);
}
