namespace EdgeAssist.Inference.Vad;

/// <summary>
/// When speech begins and ends, in frames of 32 ms. The values come from measurements on telephone prompts and a two-party
/// call (see the README).
/// </summary>
internal sealed record SegmenterSettings
{
    /// <summary>A frame at least this likely is speech, 0 to 1.</summary>
    public float On { get; init; } = 0.5f;

    /// <summary>A frame less likely than this is a pause, 0 to 1, not above <see cref="On"/>.</summary>
    public float Off { get; init; } = 0.35f;

    /// <summary>Frames of speech in a row that begin an utterance.</summary>
    public int OnFrames { get; init; } = 3;

    /// <summary>Frames of pause in a row that end it: 320 ms, inside the budget of 350 ms.</summary>
    public int HangOverFrames { get; init; } = 10;

    /// <summary>Frames before the first one of speech that are recognised with it: 224 ms.</summary>
    public int PreRollFrames { get; init; } = 7;

    /// <summary>Frames behind the last one of speech that are recognised with it: 192 ms. More silence makes the decoder repeat itself.</summary>
    public int TailFrames { get; init; } = 6;

    /// <summary>From this length on, a pause of <see cref="SoftPauseFrames"/> ends the utterance: 10 s.</summary>
    public int SoftLimitFrames { get; init; } = 312;

    public int SoftPauseFrames { get; init; } = 2;

    /// <summary>At this length it is cut at its least likely frame of the last second: 12 s.</summary>
    public int HardLimitFrames { get; init; } = 375;
}
