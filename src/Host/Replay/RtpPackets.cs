using System.Buffers.Binary;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Demo;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.Host.Replay;

/// <summary>One RTP packet of a recording.</summary>
/// <param name="At">When it arrived, from the recording's first one.</param>
/// <param name="Stream">Which of the recording's streams, from 0.</param>
/// <param name="Datagram">The UDP payload.</param>
internal readonly record struct RtpPacketAt(TimeSpan At, int Stream, ReadOnlyMemory<byte> Datagram);

/// <summary>Packets of recordings: made of WAV files as an SBC would send them, or taken from a capture.</summary>
internal static class RtpPackets
{
    internal const int PacketSamples = 160; // 20 ms at 8 kHz

    /// <summary>A sample call's recordings as G.711 µ-law in packets of 20 ms, all streams in step.</summary>
    public static List<RtpPacketAt> Of(SampleCall call)
    {
        var streams = PlannedCall.Streams(call, G711Law.Mu);
        var packets = new List<RtpPacketAt>();
        for (var (at, more) = (0, true); more; at++)
        {
            more = false;
            for (var stream = 0; stream < streams.Length; stream++)
            {
                var from = at * PacketSamples;
                var encoded = streams[stream].Encoded.Span;
                if (from >= encoded.Length) continue;
                more = true;
                var payload = encoded.Slice(from, Math.Min(PacketSamples, encoded.Length - from));
                packets.Add(new RtpPacketAt(TimeSpan.FromMilliseconds(20.0 * at), stream, Packet(stream, at, payload)));
            }
        }

        return packets;
    }

    /// <summary>What the receiver makes of the packets: stretches of audio on the call's timeline, in the order they are due.</summary>
    public static IEnumerable<ReplayedStretch> Receive(IEnumerable<RtpPacketAt> packets, int streams, Instant origin)
    {
        var formats = PayloadTypeMap.Empty.With(0, "PCMU", 8000, 1).With(8, "PCMA", 8000, 1);
        var receivers = Enumerable.Range(0, streams).Select(_ => new RtpReceiver(origin, TimeSpan.FromMilliseconds(60), formats)).ToArray();
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var now = origin;
        foreach (var packet in packets)
        {
            now = origin + packet.At;
            if (RtpPacketView.TryParse(packet.Datagram.Span, out var view) == RtpParseError.None) receivers[packet.Stream].OnPacket(view, now);
            foreach (var stretch in Due(receivers, now, pcm)) yield return stretch;
        }

        foreach (var receiver in receivers) receiver.Flush();
        foreach (var stretch in Due(receivers, now, pcm)) yield return stretch;
    }

    private static IEnumerable<ReplayedStretch> Due(RtpReceiver[] receivers, Instant now, short[] pcm)
    {
        for (var stream = 0; stream < receivers.Length; stream++)
        {
            while (receivers[stream].TryTake(now, pcm, out var frame)) yield return new ReplayedStretch(stream, frame, pcm[..frame.SampleCount]);
        }
    }

    /// <summary>One packet of 20 ms of a stream, counted from 0, as G.711 µ-law.</summary>
    internal static byte[] Packet(int stream, int number, ReadOnlySpan<byte> payload)
    {
        var datagram = new byte[12 + payload.Length];
        datagram[0] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(4), (uint)(number * PacketSamples));
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(8), (uint)stream + 1);
        payload.CopyTo(datagram.AsSpan(12));
        return datagram;
    }
}

/// <summary>A stretch of one stream's audio.</summary>
internal readonly record struct ReplayedStretch(int Stream, PcmFrame Head, short[] Samples);
