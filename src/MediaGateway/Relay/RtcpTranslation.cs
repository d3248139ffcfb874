using System.Buffers.Binary;
using EdgeAssist.MediaGateway.Rtcp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// RTCP in step with rewritten RTP: what one side says of its own stream and of the one it hears is put into the numbers the
/// other side knows (RFC 3550 §6.4 to §6.6; RFC 4585 §6.1 for feedback). Works where the compound lies; its length stays.
/// </summary>
internal static class RtcpTranslation
{
    private const int Header = 4;
    private const int ReportBlock = 24;
    private const byte TransportFeedback = 205;
    private const byte PayloadFeedback = 206;

    /// <summary>Translates a compound that <see cref="RtcpCompound.TryParse"/> accepted.</summary>
    /// <param name="compound">Changed in place.</param>
    /// <param name="own">The stream its sender sends.</param>
    /// <param name="heard">The stream its sender hears.</param>
    /// <returns>False when it must not go on: it speaks for a source that was replaced, whose SSRC the receiver still hears.</returns>
    public static bool TryTranslate(Span<byte> compound, in StreamContinuity own, in StreamContinuity heard)
    {
        if (own.IsPlain && heard.IsPlain) return true;
        for (var rest = compound; rest.Length >= Header + 4;)
        {
            var packet = rest[..Math.Min(rest.Length, Header + 4 * BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))];
            if (!TryTranslatePacket(packet, own, heard)) return false;
            rest = rest[packet.Length..];
        }

        return true;
    }

    private static bool TryTranslatePacket(Span<byte> packet, in StreamContinuity own, in StreamContinuity heard)
    {
        var count = packet[0] & 0x1F;
        var body = packet[Header..];
        switch (packet[1])
        {
            case (byte)RtcpType.SenderReport when body.Length >= 24:
                if (!TryTranslateOwn(body, own)) return false;
                Add(body[12..], own.TimestampOffset);
                TranslateBlocks(body[24..], count, heard);
                return true;
            case (byte)RtcpType.ReceiverReport when body.Length >= 4:
                TranslateBlocks(body[4..], count, heard);
                return TryTranslateOwn(body, own);
            case (byte)RtcpType.Bye:
                for (var i = 0; i < count && body.Length >= 4 * (i + 1); i++)
                    if (!TryTranslateOwn(body[(4 * i)..], own)) return false;
                return true;
            case TransportFeedback or PayloadFeedback when body.Length >= 8:
                TranslateHeard(body[4..], heard);
                return TryTranslateOwn(body, own);
            default:
                return body.Length < 4 || count == 0 || TryTranslateOwn(body, own);   // SDES: the first chunk, which is all a sender of one stream has; APP
        }
    }

    private static bool TryTranslateOwn(Span<byte> ssrc, in StreamContinuity own)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(ssrc);
        if (!own.HasStarted) return true;
        if (value == own.InSsrc) BinaryPrimitives.WriteUInt32BigEndian(ssrc, own.OutSsrc);
        else if (value == own.OutSsrc) return false;
        return true;
    }

    private static void TranslateBlocks(Span<byte> blocks, int count, in StreamContinuity heard)
    {
        for (; count > 0 && blocks.Length >= ReportBlock; count--, blocks = blocks[ReportBlock..])
            if (TranslateHeard(blocks, heard)) Add(blocks[8..], 0 - heard.SequenceOffset);
    }

    private static bool TranslateHeard(Span<byte> ssrc, in StreamContinuity heard)
    {
        if (!heard.HasStarted || BinaryPrimitives.ReadUInt32BigEndian(ssrc) != heard.OutSsrc) return false;
        BinaryPrimitives.WriteUInt32BigEndian(ssrc, heard.InSsrc);
        return true;
    }

    private static void Add(Span<byte> word, uint offset) =>
        BinaryPrimitives.WriteUInt32BigEndian(word, BinaryPrimitives.ReadUInt32BigEndian(word) + offset);
}
