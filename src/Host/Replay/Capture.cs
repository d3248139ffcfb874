using System.Buffers.Binary;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.Host.Replay;

/// <summary>The RTP of a packet capture: the classic pcap file format, over Ethernet, Linux «any», loopback or bare IP.</summary>
internal static class Capture
{
    private const int FileHeader = 24;
    private const int RecordHeader = 16;
    private const int FewestPackets = 25; // half a second: less is no speech

    /// <summary>The packets of the two streams that came first, G.711 alone.</summary>
    /// <exception cref="UserError">The file is no capture, or holds no G.711 stream; the message says which.</exception>
    public static List<RtpPacketAt> Read(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"The capture {path} cannot be read: {e.Message}", e);
        }

        var datagrams = Datagrams(file, path);
        var streams = datagrams.Where(d => IsSpeech(d.Payload.Span, out _)).GroupBy(d => Ssrc(d.Payload.Span))
            .Where(stream => stream.Count() >= FewestPackets).OrderBy(stream => stream.First().At).Take(2).ToList();
        if (streams.Count == 0) throw new UserError($"{path} holds no RTP stream of G.711 (payload types 0 and 8) of {FewestPackets} packets.");

        var begin = streams.Min(stream => stream.First().At);
        return [.. streams.SelectMany((stream, i) => stream.Select(d => new RtpPacketAt(d.At - begin, i, d.Payload))).OrderBy(p => p.At).ThenBy(p => p.Stream)];
    }

    private static bool IsSpeech(ReadOnlySpan<byte> datagram, out byte payloadType)
    {
        payloadType = 255;
        if (RtpPacketView.TryParse(datagram, out var packet) != RtpParseError.None) return false;
        payloadType = packet.PayloadType;
        return payloadType is 0 or 8 && packet.Payload.Length is > 0 and <= 1600;
    }

    private static uint Ssrc(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]);

    private static List<(TimeSpan At, ReadOnlyMemory<byte> Payload)> Datagrams(byte[] file, string path)
    {
        if (file.Length < FileHeader) throw new UserError($"{path} is no packet capture: it ends in its header.");
        var (little, nanoseconds) = BinaryPrimitives.ReadUInt32LittleEndian(file) switch
        {
            0xA1B2C3D4 => (true, false),
            0xA1B23C4D => (true, true),
            0xD4C3B2A1 => (false, false),
            0x4D3CB2A1 => (false, true),
            0x0A0D0D0A => throw new UserError($"{path} is a pcapng file. Convert it: editcap -F pcap {path} call.pcap"),
            _ => throw new UserError($"{path} is no packet capture."),
        };
        uint Word(int at) => little ? BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) : BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));

        var link = Word(20) & 0xFFFF;
        var found = new List<(TimeSpan, ReadOnlyMemory<byte>)>();
        for (var at = FileHeader; at + RecordHeader <= file.Length;)
        {
            var length = (int)Math.Min(Word(at + 8), int.MaxValue);
            var from = at + RecordHeader;
            if (length > file.Length - from) break; // the capture was cut off in its last record
            var time = TimeSpan.FromSeconds(Word(at)) + TimeSpan.FromTicks(nanoseconds ? Word(at + 4) / 100 : Word(at + 4) * 10L);
            if (Udp(file.AsMemory(from, length), link) is { Length: > 0 } payload) found.Add((time, payload));
            at = from + length;
        }

        return found;
    }

    /// <summary>The payload of a UDP packet that is whole; empty for everything else.</summary>
    private static ReadOnlyMemory<byte> Udp(ReadOnlyMemory<byte> packet, uint link)
    {
        var ip = link switch
        {
            1 => Ethernet(packet),
            101 => packet,
            113 when packet.Length > 16 => packet[16..],
            0 when packet.Length > 4 => packet[4..],
            _ => default,
        };
        if (ip.Length < 20) return default;

        var head = ip.Span;
        if (head[0] >> 4 == 4)
        {
            var length = 4 * (head[0] & 15);
            var fragment = BinaryPrimitives.ReadUInt16BigEndian(head[6..]) & 0x3FFF;
            return head[9] == 17 && fragment == 0 && ip.Length >= length ? Payload(ip[length..]) : default;
        }

        return head[0] >> 4 == 6 && ip.Length >= 40 && head[6] == 17 ? Payload(ip[40..]) : default;
    }

    private static ReadOnlyMemory<byte> Ethernet(ReadOnlyMemory<byte> packet)
    {
        var at = 12;
        while (packet.Length >= at + 2 && BinaryPrimitives.ReadUInt16BigEndian(packet.Span[at..]) is 0x8100 or 0x88A8) at += 4; // VLAN tags
        return packet.Length >= at + 2 && BinaryPrimitives.ReadUInt16BigEndian(packet.Span[at..]) is 0x0800 or 0x86DD ? packet[(at + 2)..] : default;
    }

    private static ReadOnlyMemory<byte> Payload(ReadOnlyMemory<byte> udp)
    {
        if (udp.Length < 8) return default;
        var length = BinaryPrimitives.ReadUInt16BigEndian(udp.Span[4..]);
        return length >= 8 && length <= udp.Length ? udp[8..length] : default;
    }
}
