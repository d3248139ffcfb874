namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// Turns the payloads of one stream into linear samples, with what each codec remembers from packet to packet. Memory for a
/// codec is taken when its first packet comes.
/// </summary>
internal sealed class AudioDecoder : IDisposable
{
    private G722Decoder? _g722;
    private OpusStreamDecoder? _opus;

    /// <summary>Decodes a payload to samples at the format's <see cref="PayloadFormat.SampleRate"/>.</summary>
    /// <returns>The samples written; 0 when the payload is not what its type says.</returns>
    public int Decode(PayloadFormat format, ReadOnlySpan<byte> payload, Span<short> pcm) => format.Kind switch
    {
        PayloadKind.G722 => (_g722 ??= new G722Decoder()).Decode(payload, pcm),
        PayloadKind.Opus => (_opus ??= new OpusStreamDecoder()).Decode(payload, pcm),
        _ => format.Decode(payload, pcm),
    };

    /// <summary>
    /// What was lost before a payload, where the codec itself can tell: Opus knows the sound before and may carry the packet
    /// before in the one after. To be called before that payload is decoded.
    /// </summary>
    /// <param name="format">Of the payload.</param>
    /// <param name="payload">The first one behind the loss.</param>
    /// <param name="packetSamples">Samples of one lost packet.</param>
    /// <param name="pcm">Room for what was lost, whole packets.</param>
    /// <returns>False when the codec cannot: the caller conceals.</returns>
    public bool TryRecover(PayloadFormat format, ReadOnlySpan<byte> payload, int packetSamples, Span<short> pcm)
    {
        if (format.Kind != PayloadKind.Opus || _opus is null || packetSamples <= 0) return false;

        for (; pcm.Length > packetSamples; pcm = pcm[packetSamples..]) _opus.Conceal(pcm[..packetSamples]);
        _opus.Recover(payload, pcm);
        return true;
    }

    /// <summary>Another source: its codec knows nothing of the one before.</summary>
    public void Reset()
    {
        _g722?.Reset();
        _opus?.Dispose();
        _opus = null;
    }

    public void Dispose() => _opus?.Dispose();
}
