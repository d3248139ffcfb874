using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.FuzzTests.Rtp;

/// <summary>Any bytes, in any order, at any time.</summary>
public sealed class RtpFuzzTests
{
    private static readonly Gen<byte[]> s_anyBytes = Gen.Byte.Array[0, 300];

    /// <summary>Bytes that begin like RTP or RTCP, so that the checks behind the first are reached.</summary>
    private static readonly Gen<byte[]> s_likely =
        Gen.Select(Gen.Byte[0x80, 0xBF], Gen.OneOf(Gen.Byte[0, 127], Gen.Byte[192, 223]), s_anyBytes, (first, second, rest) => (byte[])[first, second, .. rest]);

    private static readonly Gen<byte[]> s_datagram = Gen.OneOf(s_anyBytes, s_likely);

    [Fact]
    public void Any_bytes_are_parsed_or_refused_and_a_parsed_packet_lies_inside_them()
    {
        s_datagram.Sample(bytes =>
        {
            if (RtpPacketView.TryParse(bytes, out var packet) != RtpParseError.None) return true;
            for (var i = 0; i < packet.CsrcCount; i++) packet.Csrc(i);
            return 12 + 4 * packet.CsrcCount + packet.Extension.Length + packet.Payload.Length <= bytes.Length;
        }, iter: 20_000);
    }

    [Fact]
    public void A_header_that_was_written_is_read_back()
    {
        Gen.Select(Gen.Byte[0, 127], Gen.Bool, Gen.UShort, Gen.UInt, Gen.UInt).Sample((payloadType, marker, number, timestamp, ssrc) =>
        {
            var header = new RtpHeader(payloadType, marker, new SequenceNumber(number), timestamp, ssrc);
            var bytes = new byte[12];
            header.Write(bytes);
            return RtpPacketView.TryParse(bytes, out var packet) == RtpParseError.None
                && header == new RtpHeader(packet.PayloadType, packet.Marker, packet.SequenceNumber, packet.Timestamp, packet.Ssrc);
        });
    }

    [Fact]
    public void Any_RTCP_bytes_are_walked_or_refused()
    {
        s_datagram.Sample(bytes =>
        {
            if (RtcpCompound.TryParse(bytes, out var compound) != RtcpParseError.None) return;
            foreach (var packet in compound)
            {
                packet.TryReadSenderInfo(out _);
                packet.TryReadCname(out _, out _);
                for (var i = 0; i < 32; i++) packet.TryReadByeSource(i, out _);
            }
        }, iter: 20_000);
    }

    [Fact]
    public void A_mutated_report_is_walked_or_refused()
    {
        var report = new byte[RtcpReporter.MaxLength];
        var length = new RtcpReporter(1, "fuzz", 1).WriteReport(2, new ReceptionReport(1, 2, 3, 4), default, report);
        Gen.Select(Gen.Int[0, length - 1], Gen.Byte, Gen.Int[0, length]).Sample((at, value, cut) =>
        {
            var bytes = report[..cut];
            if (at < cut) bytes[at] = value;
            if (RtcpCompound.TryParse(bytes, out var compound) != RtcpParseError.None) return;
            foreach (var packet in compound) packet.TryReadCname(out _, out _);
        }, iter: 20_000);
    }

    [Fact]
    public void A_leg_takes_any_traffic_and_its_positions_never_go_back()
    {
        var step = Gen.Select(Gen.Int[0, 3], Gen.UShort, Gen.UInt, Gen.Int[0, 700], Gen.Byte[0, 127], Gen.Int[0, 400], s_datagram,
            (what, number, timestamp, milliseconds, payloadType, length, noise) => (what, number, timestamp, milliseconds, payloadType, length, noise));
        step.Array[1, 60].Sample(steps =>
        {
            var now = new Instant(TimeSpan.TicksPerHour);
            var pipe = new AudioPipe(TimeSpan.FromSeconds(60));
            var leg = new LegReceiver(Plan(now), TimeSpan.FromMilliseconds(60), pipe, new RtcpReporter(1, "fuzz", 1));
            var sent = new RtpHeader(0, false, new SequenceNumber(65_000), uint.MaxValue - 9_000, 77);
            foreach (var (what, number, timestamp, milliseconds, payloadType, length, noise) in steps)
            {
                // Mostly a stream with its faults, else numbers out of nowhere or noise.
                now += TimeSpan.FromMilliseconds(what == 0 ? milliseconds : 20);
                sent = what switch
                {
                    1 => sent with { SequenceNumber = new SequenceNumber((ushort)(sent.SequenceNumber.Value + number % 5 - 1)), Timestamp = sent.Timestamp + timestamp % 1_000 },
                    2 => new RtpHeader(payloadType, true, new SequenceNumber(number), timestamp, timestamp % 3),
                    _ => sent with { SequenceNumber = sent.SequenceNumber.Next, Timestamp = sent.Timestamp + 160, Ssrc = 77, PayloadType = (byte)(payloadType % 9) },
                };
                var packet = new byte[12 + length];
                sent.Write(packet);
                leg.OnDatagram(what == 3 ? noise : packet, now);
                leg.Tick(now);
            }

            leg.Flush(now);
            return PositionsRise(pipe);
        }, iter: 3_000);
    }

    private static bool PositionsRise(AudioPipe pipe)
    {
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var next = -1L;
        while (pipe.TryRead(pcm, out var frame))
        {
            if (frame.Position < 0 || next >= 0 && frame.Position != next && pipe.DroppedSamples == 0 || frame.Position < next) return false;
            next = frame.End;
        }

        return true;
    }

    private static MediaLegPlan Plan(Instant origin) => new()
    {
        Leg = new LegId(0),
        Origin = origin,
        Remote = new System.Net.IPEndPoint(System.Net.IPAddress.Any, 0),
        Formats =
        [
            new MediaFormat(0, "PCMU", 8_000, 1, ""), new MediaFormat(8, "PCMA", 8_000, 1, ""),
            new MediaFormat(5, "L16", 16_000, 1, ""), new MediaFormat(6, "L16", 8_000, 1, ""), new MediaFormat(4, "telephone-event", 8_000, 1, ""),
        ],
        ExpectMedia = true,
    };
}
