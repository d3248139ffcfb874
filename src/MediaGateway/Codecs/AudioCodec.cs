namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>What the octets of an RTP payload are.</summary>
internal enum PayloadKind : byte
{
    /// <summary>Not negotiated.</summary>
    Unknown = 0,
    Pcmu,
    Pcma,
    L16,

    /// <summary>ITU-T G.722 at 64 kbit/s (RFC 3551 §4.5.2).</summary>
    G722,

    /// <summary>RFC 7587; only where libopus is installed.</summary>
    Opus,

    /// <summary>RFC 4733: key presses, not audio.</summary>
    TelephoneEvent,

    /// <summary>RFC 3389: the sender's background noise level; here silence.</summary>
    ComfortNoise,
}

/// <summary>One payload format as the receiver needs it.</summary>
/// <param name="Kind">How to read the octets.</param>
/// <param name="ClockRate">RTP timestamp clock in Hz; for G.722 and Opus not the sampling rate.</param>
internal readonly record struct PayloadFormat(PayloadKind Kind, int ClockRate)
{
    public bool IsAudio => Kind is PayloadKind.Pcmu or PayloadKind.Pcma or PayloadKind.L16 or PayloadKind.G722 or PayloadKind.Opus;

    /// <summary>Of what decoding gives, in Hz.</summary>
    public int SampleRate => Kind is PayloadKind.G722 or PayloadKind.Opus ? 16_000 : ClockRate;

    /// <summary>Timestamp units in a payload of this many octets; 0 when it is not audio, or when only its decoder knows.</summary>
    public int Samples(int payloadLength) => Kind switch
    {
        PayloadKind.Pcmu or PayloadKind.Pcma or PayloadKind.G722 => payloadLength,   // G.722's clock counts pairs of samples
        PayloadKind.L16 => payloadLength / 2,
        _ => 0,
    };

    /// <summary>Decodes a payload that needs no memory of those before; others go through <see cref="AudioDecoder"/>.</summary>
    /// <returns>The samples written.</returns>
    public int Decode(ReadOnlySpan<byte> payload, Span<short> pcm)
    {
        switch (Kind)
        {
            case PayloadKind.Pcmu:
                G711.DecodeMuLaw(payload, pcm);
                return payload.Length;
            case PayloadKind.Pcma:
                G711.DecodeALaw(payload, pcm);
                return payload.Length;
            case PayloadKind.L16:
                return L16.Decode(payload, pcm);
            default:
                return 0;
        }
    }
}
