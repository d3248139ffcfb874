namespace EdgeAssist.Inference.Vad;

/// <summary>Tells speech from everything else, frame by frame. One loaded model serves all legs; each leg has its own state.</summary>
internal interface IVoiceActivityModel : IDisposable
{
    /// <summary>Starts a leg.</summary>
    IVoiceActivity Begin();
}

/// <summary>One leg's state. One owner.</summary>
internal interface IVoiceActivity : IDisposable
{
    /// <param name="frame"><see cref="VadFrame.Samples"/> samples at 16 kHz in [-1, 1], following the frame before.</param>
    /// <returns>Probability that somebody speaks, 0 to 1.</returns>
    float Next(ReadOnlySpan<float> frame);

    /// <summary>Forgets what was heard: the next frame does not follow the one before.</summary>
    void Reset();
}

/// <summary>The frame of voice activity detection.</summary>
internal static class VadFrame
{
    /// <summary>Samples at 16 kHz: 32 ms.</summary>
    public const int Samples = 512;
}
