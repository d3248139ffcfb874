namespace EdgeAssist.Contracts;

/// <summary>What a stretch of audio is, as the receiver knows it.</summary>
[Flags]
public enum PcmFrameKind : byte
{
    /// <summary>Decoded from a packet.</summary>
    Received = 0,

    /// <summary>Made up to conceal a lost packet: sounds plausible, says nothing.</summary>
    Concealed = 1,

    /// <summary>Silence in place of audio that was lost and is past concealing.</summary>
    Lost = 2,

    /// <summary>Silence the sender meant: discontinuous transmission, comfort noise, hold.</summary>
    Silence = 4,
}

/// <summary>
/// The head of one stretch of audio on a leg's timeline. <paramref name="Position"/> is the first sample's distance from
/// the call's first instant, in samples of <see cref="PcmFormat"/>; a jump against the frame before is audio that was
/// dropped on the way.
/// </summary>
/// <param name="Position">First sample, counted from <see cref="CallInfo.Origin"/>; never negative, never goes back.</param>
/// <param name="SampleCount">Samples that follow, 1…<see cref="AudioPipe.MaxFrameSamples"/>.</param>
/// <param name="Kind">Where the samples come from.</param>
/// <param name="ArrivedAt">When the datagram that completed this stretch was received.</param>
/// <param name="ForkedAt">When the stretch was written to the pipe.</param>
public readonly record struct PcmFrame(long Position, int SampleCount, PcmFrameKind Kind, Instant ArrivedAt, Instant ForkedAt)
{
    /// <summary>The position behind the last sample.</summary>
    public long End => Position + SampleCount;
}
