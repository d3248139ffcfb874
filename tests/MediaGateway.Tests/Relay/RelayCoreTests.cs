using System.Buffers.Binary;
using System.Net;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>Who is listened to.</summary>
public sealed class SourceGateTests
{
    private static readonly PeerAddress s_peer = PeerAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4_000));

    [Fact]
    public void Only_the_signalled_address_and_port_are_heard()
    {
        var gate = Gate();

        Assert.Equal(SourceVerdict.Candidate, gate.JudgeMedia(s_peer, isProtected: false));
        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(s_peer.WithPort(4_002), isProtected: false));
        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(PeerAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 4_000)), isProtected: false));
        Assert.False(gate.AdmitsControl(s_peer.WithPort(4_003)));
        Assert.True(gate.AdmitsControl(s_peer.WithPort(4_001)));
    }

    [Fact]
    public void Nobody_is_heard_before_signalling_said_who()
    {
        var gate = default(SourceGate);

        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(s_peer, isProtected: false));
        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(PeerAddress.None, isProtected: true));
        Assert.False(gate.AdmitsControl(PeerAddress.None));
    }

    [Fact]
    public void A_learnt_port_is_kept_from_others_and_given_back_to_the_signalled_one()
    {
        var gate = Gate(learn: true);
        gate.Latch(s_peer.WithPort(5_000));

        Assert.Equal(SourceVerdict.Known, gate.JudgeMedia(s_peer.WithPort(5_000), isProtected: false));
        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(s_peer.WithPort(6_000), isProtected: false));
        Assert.Equal(5_000, gate.Media.Port);
        Assert.Equal(SourceVerdict.Candidate, gate.JudgeMedia(s_peer, isProtected: false));
    }

    [Fact]
    public void A_verified_packet_may_move_the_port_but_not_the_address()
    {
        var gate = Gate();
        gate.Latch(s_peer);

        Assert.Equal(SourceVerdict.Candidate, gate.JudgeMedia(s_peer.WithPort(5_000), isProtected: true));
        Assert.Equal(SourceVerdict.Stranger, gate.JudgeMedia(PeerAddress.From(new IPEndPoint(IPAddress.Parse("192.0.2.2"), 4_000)), isProtected: true));
    }

    [Fact]
    public void A_hold_without_address_keeps_the_source_and_another_address_starts_anew()
    {
        var gate = Gate(learn: true);
        gate.Latch(s_peer.WithPort(5_000));

        Assert.False(gate.Update(PeerAddress.None, PeerAddress.None, learn: true));
        Assert.Equal(5_000, gate.Media.Port);
        Assert.True(gate.Update(s_peer.WithPort(7_000), PeerAddress.None, learn: true));
        Assert.Equal(7_000, gate.Media.Port);
    }

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    public void An_address_survives_the_way_through_its_value(string address)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), 1_234);

        Assert.Equal(endPoint, PeerAddress.From(endPoint).ToEndPoint());
    }

    private static SourceGate Gate(bool learn = false)
    {
        var gate = default(SourceGate);
        gate.Update(s_peer, PeerAddress.None, learn);
        return gate;
    }
}

/// <summary>One stream for the receiver, whoever sends.</summary>
public sealed class StreamContinuityTests
{
    private static readonly TimeSpan s_packet = TimeSpan.FromMilliseconds(20);
    private readonly VirtualClock _clock = new();
    private StreamContinuity _stream;

    [Fact]
    public void The_first_source_passes_unchanged_across_wraps()
    {
        for (var i = 0; i < 200; i++)
        {
            var sent = new RtpNumbers(7, (ushort)(65_500 + i), uint.MaxValue - 1_000 + 160 * (uint)i);
            Assert.Equal((ContinuityVerdict.Same, sent), Pass(sent));
        }

        Assert.True(_stream.IsPlain);
    }

    [Fact]
    public void Another_source_goes_on_with_the_time_that_passed()
    {
        Pass(new RtpNumbers(7, 65_535, 1_000));
        _clock.Advance(TimeSpan.FromMilliseconds(480));

        Assert.Equal((ContinuityVerdict.Joined, new RtpNumbers(7, 0, 1_000 + 4_000)), Pass(new RtpNumbers(8, 500, 77)));
        Assert.Equal((ContinuityVerdict.Same, new RtpNumbers(7, 1, 1_000 + 4_160)), Pass(new RtpNumbers(8, 501, 237)));
    }

    [Fact]
    public void A_source_that_was_displaced_is_dropped_while_the_other_talks()
    {
        Pass(new RtpNumbers(7, 1, 0));
        Pass(new RtpNumbers(8, 100, 0));

        Assert.Equal(ContinuityVerdict.Displaced, Pass(new RtpNumbers(7, 2, 160)).Verdict);
        Assert.Equal(ContinuityVerdict.Same, Pass(new RtpNumbers(8, 101, 160)).Verdict);
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(ContinuityVerdict.Joined, Pass(new RtpNumbers(7, 20, 4_000)).Verdict);
    }

    [Fact]
    public void A_packet_out_of_order_stays_out_of_order()
    {
        Pass(new RtpNumbers(7, 10, 0));
        Pass(new RtpNumbers(8, 100, 0));
        var third = Pass(new RtpNumbers(8, 102, 320)).Numbers;
        var second = Pass(new RtpNumbers(8, 101, 160)).Numbers;

        Assert.Equal(third.Sequence - 1, second.Sequence);
        Assert.Equal(third.Timestamp - 160, second.Timestamp);
    }

    [Fact]
    public void A_moved_stream_is_joined_on_even_with_its_old_SSRC()
    {
        Pass(new RtpNumbers(7, 10, 0));
        _stream.Arm();

        Assert.Equal((ContinuityVerdict.Joined, (ushort)11), (Pass(new RtpNumbers(7, 900, 5)) is var (verdict, numbers) ? verdict : default, numbers.Sequence));
    }

    [Fact]
    public void Packets_of_our_own_take_numbers_that_the_sender_then_leaves_free()
    {
        Pass(new RtpNumbers(7, 10, 1_000));
        _clock.Advance(s_packet * 3);

        Assert.Equal(new RtpNumbers(7, 11, 1_160), _stream.Insert(99, 160, _clock.Now));
        Assert.Equal(new RtpNumbers(7, 12, 1_320), _stream.Insert(99, 160, _clock.Now));
        Assert.Equal(new RtpNumbers(7, 13, 1_800), Pass(new RtpNumbers(7, 11, 1_800)).Numbers);
    }

    private (ContinuityVerdict Verdict, RtpNumbers Numbers) Pass(RtpNumbers numbers)
    {
        var verdict = _stream.Translate(ref numbers, 8_000, _clock.Now);
        _clock.Advance(s_packet);
        return (verdict, numbers);
    }
}

/// <summary>RTCP in step with rewritten RTP.</summary>
public sealed class RtcpTranslationTests
{
    private readonly VirtualClock _clock = new();

    [Fact]
    public void A_report_names_sources_times_and_numbers_as_the_other_side_knows_them()
    {
        var (own, heard) = (Joined(1, 2, out _), Joined(3, 4, out _));
        var report = new byte[52];
        Write(report, 0x81, 200, 12, [2, 0, 0, 5_000, 1, 160, 4, 0, 900, 0, 0, 0]);
        BinaryPrimitives.WriteUInt32BigEndian(report.AsSpan(28), 3);   // the block speaks of what the sender hears: SSRC 3

        Assert.True(RtcpTranslation.TryTranslate(report, own, heard));

        Assert.Equal(1u, Word(report, 1));
        Assert.Equal(5_000 + own.TimestampOffset, Word(report, 4));
        Assert.Equal(4u, Word(report, 7));
        Assert.Equal(900 - heard.SequenceOffset, Word(report, 9));
        Assert.Equal(RtcpParseError.None, RtcpCompound.TryParse(report, out _));
    }

    [Fact]
    public void A_goodbye_of_a_replaced_source_does_not_end_the_stream()
    {
        var own = Joined(1, 2, out _);
        var bye = new byte[8 + 8];
        Write(bye, 0x80, 201, 1, [1]);
        Write(bye.AsSpan(8), 0x81, 203, 1, [1]);

        Assert.False(RtcpTranslation.TryTranslate(bye, own, default));
    }

    [Fact]
    public void Counts_that_lie_change_nothing_beyond_the_packet()
    {
        var own = Joined(1, 2, out _);
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var bytes = new byte[8 + 4 * random.Next(20)];
            random.NextBytes(bytes);
            (bytes[0], bytes[1]) = ((byte)(0x80 | bytes[0] & 0x1F), (byte)(200 + random.Next(8)));
            RtcpTranslation.TryTranslate(bytes, own, own);
        }
    }

    private StreamContinuity Joined(uint first, uint second, out RtpNumbers numbers)
    {
        var stream = default(StreamContinuity);
        numbers = new RtpNumbers(first, 10, 1_000);
        stream.Translate(ref numbers, 8_000, _clock.Now);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        numbers = new RtpNumbers(second, 700, 99);
        stream.Translate(ref numbers, 8_000, _clock.Now);
        return stream;
    }

    private static uint Word(ReadOnlySpan<byte> packet, int index) => BinaryPrimitives.ReadUInt32BigEndian(packet[(4 * index)..]);

    private static void Write(Span<byte> packet, byte first, byte type, ushort words, ReadOnlySpan<uint> body)
    {
        (packet[0], packet[1]) = (first, type);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], words);
        for (var i = 0; i < body.Length; i++) BinaryPrimitives.WriteUInt32BigEndian(packet[(4 + 4 * i)..], body[i]);
    }
}

/// <summary>Mixing's line between two clocks.</summary>
public sealed class SampleLineTests
{
    [Fact]
    public void Samples_come_out_in_the_order_of_their_timestamps_with_silence_for_what_is_lost()
    {
        var line = new SampleLine();
        line.Write(1_000, Constant(1));
        line.Write(1_320, Constant(3));
        line.Write(1_160, Constant(2));
        line.Write(1_640, Constant(5));   // 1,480 is lost

        Assert.Equal([0, 0, 1, 2, 3, 0, 5], Enumerable.Range(0, 7).Select(_ => (int)Read(line)[80]));
    }

    [Fact]
    public void A_line_that_ran_dry_begins_again_at_the_usual_distance()
    {
        var line = new SampleLine();
        line.Write(0, Constant(1));
        for (var i = 0; i < 10; i++) Read(line);

        line.Write(160, Constant(2));

        Assert.Equal([0, 0, 2], Enumerable.Range(0, 3).Select(_ => (int)Read(line)[0]));
    }

    [Fact]
    public void A_mix_saturates()
    {
        var line = new SampleLine();
        line.Write(0, Constant(30_000));
        Read(line);
        Read(line);
        var mix = Constant(10_000);

        line.AddTo(mix);

        Assert.All(mix, sample => Assert.Equal(short.MaxValue, sample));
    }

    private static short[] Constant(short value) => [.. Enumerable.Repeat(value, 160)];

    private static short[] Read(SampleLine line)
    {
        var mix = new short[160];
        line.AddTo(mix);
        return mix;
    }
}

/// <summary>A side's counts.</summary>
public sealed class RelayEndTests
{
    private readonly VirtualClock _clock = new();
    private readonly PeerAddress _peer = PeerAddress.From(new IPEndPoint(IPAddress.Loopback, 4_000));
    private readonly RelayEnd _end = new();

    [Fact]
    public void Lost_packets_are_counted_through_wraps_restarts_and_changes_of_source()
    {
        Apply(SdpDirection.SendRecv);
        foreach (var number in (int[])[65_534, 65_535, 1, 2]) Take((ushort)number, 7);       // 0 is lost
        foreach (var number in (int[])[20_000, 20_001, 20_003]) Take((ushort)number, 7);     // restarts; 20,002 is lost
        foreach (var number in (int[])[5, 6, 9]) Take((ushort)number, 8);                    // 7 and 8 are lost

        Assert.Equal(10, _end.PacketsReceived);
        Assert.Equal(4, _end.Lost);
    }

    [Fact]
    public void Silence_counts_only_while_media_is_due()
    {
        Apply(SdpDirection.SendRecv);
        _end.Expect(due: true, _clock.Now);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), _end.SilentFor(_clock.Now));

        Take(1, 7);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _end.SilentFor(_clock.Now));

        _end.Expect(due: false, _clock.Now);
        Assert.Equal(TimeSpan.Zero, _end.SilentFor(_clock.Advance(TimeSpan.FromHours(1))));
        _end.Expect(due: true, _clock.Now);
        Assert.Equal(TimeSpan.FromSeconds(2), _end.SilentFor(_clock.Advance(TimeSpan.FromSeconds(2))));
    }

    [Fact]
    public void Bytes_of_any_kind_are_refused_or_taken_and_never_throw()
    {
        Apply(SdpDirection.SendRecv);
        var scratch = new byte[256];
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var buffer = new byte[256];
            random.NextBytes(buffer);
            if (seed % 2 == 0) buffer[0] = (byte)(0x80 | buffer[0] & 0x3F);
            var length = random.Next(0, 128);
            if (_end.Take(_peer, buffer, ref length, scratch, _clock.Now) != RelayIntake.Refused) Assert.InRange(length, 8, 128);
            length = random.Next(0, 128);
            _end.TakeControl(_peer.WithPort(4_001), buffer, ref length, scratch, _clock.Now);
        }

        Assert.True(_end.Malformed > 0);
    }

    private void Apply(SdpDirection direction) =>
        _end.Update(new RelaySidePlan { Remote = _peer.ToEndPoint(), Formats = [RelayRig.Pcmu], Direction = direction }, null);

    private void Take(ushort sequence, uint ssrc)
    {
        var buffer = new byte[256];
        var length = new RtpHeader(0, false, new SequenceNumber(sequence), 0, ssrc).Write(buffer) + 160;
        Assert.Equal(RelayIntake.Media, _end.Take(_peer, buffer, ref length, new byte[256], _clock.Now));
    }
}
