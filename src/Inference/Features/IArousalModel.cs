namespace EdgeAssist.Inference.Features;

/// <summary>How heated a voice is from what changed in it. One instance serves all calls from several threads.</summary>
internal interface IArousalModel
{
    /// <summary>Values of a set of features: level, pitch, tilt, each against the speaker's own calm speech.</summary>
    const int Features = 3;

    /// <param name="changes">Decibels, semitones, decibels; length <see cref="Features"/>.</param>
    /// <returns>0 to 1.</returns>
    float Run(ReadOnlySpan<float> changes);
}

/// <summary>Level alone, where no model is there: half at 6 dB above the speaker's calm speech.</summary>
internal sealed class LevelArousal : IArousalModel
{
    private const float HalfDb = 6;
    private const float SlopeDb = 2;

    public float Run(ReadOnlySpan<float> changes) => 1 / (1 + MathF.Exp((HalfDb - changes[0]) / SlopeDb));
}
