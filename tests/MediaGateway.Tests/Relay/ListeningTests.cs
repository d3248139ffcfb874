using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Relay;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>A supervisor who hears a call from its fork.</summary>
public sealed class ListeningTests
{
    private const int Frame = 320;
    private static readonly MediaFormat s_g722 = new(9, "G722", 8_000, 1, "");

    [Theory] // RFC 3551 §4.5.2, §4.5.14
    [InlineData("PCMU")]
    [InlineData("PCMA")]
    [InlineData("G722")]
    public async Task Both_legs_are_heard_whatever_the_phone_speaks(string codec)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var relay = RelayRig.NewRelay();
        using var phone = new RelayPhone(IPAddress.Loopback);
        AudioPipe[] legs = [new(), new()];
        var format = codec switch { "PCMU" => RelayRig.Pcmu, "PCMA" => RelayRig.Pcma, _ => s_g722 };
        await using var supervisor = relay.TryListen(legs, Plan(phone, format))!;
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var decoder = new G722Decoder();
        var heard = new List<short>();

        var written = 0;
        for (; !IsHeard(heard, codec == "G722" ? 16_000 : 8_000); written++)
        {
            Write(legs[0], written, 440);
            Write(legs[1], written, 660);
            await clock.WaitForNextTickAsync(limit.Token);
            while (phone.Waiting > 0)
            {
                RtpPacketView.TryParse(await phone.ReceiveAsync(limit.Token), out var packet);
                Assert.Equal(format.PayloadType, packet.PayloadType);
                heard.AddRange(Decode(codec, packet.Payload, decoder));
            }
        }

        Assert.All(legs, leg => Assert.Equal(written * Frame, PcmFormat.Samples(leg.Buffered) + leg.DroppedSamples));   // analysis misses nothing of it

        static bool IsHeard(List<short> heard, int rate) => heard.Count >= 4096 && heard.ToArray().AsSpan(heard.Count - 4096) is var end
            && ToneProbe.Level(end, rate, 440) is > -16 and < -8 && ToneProbe.Level(end, rate, 660) is > -16 and < -8;
    }

    [Fact]
    public void What_is_heard_is_never_more_than_300_ms_behind_the_newest_audio()
    {
        var mix = new ListenMix(1);
        var heard = new short[Frame];
        var late = new List<int>();

        for (var i = 0; i < 200; i++)
        {
            // The fork hands over in bursts of five; the reader takes a frame every 20 ms.
            if (i % 5 == 0)
                for (var k = 0; k < 5; k++) Put(mix, 0, (i + k) * Frame, (short)(i + k + 1), new Instant(0));
            mix.Read(heard);
            if (heard[0] != 0) late.Add(i + 5 - (i % 5) - heard[0]);
        }

        Assert.Equal(200, late.Count);   // from the first frame on, without a hole
        Assert.All(late, frames => Assert.InRange(frames, 0, ListenMix.MaxDistance / Frame));
    }

    [Fact]
    public async Task What_is_withheld_from_analysis_is_withheld_from_the_supervisor()
    {
        var mix = new ListenMix(1);
        var pipe = new AudioPipe { Tap = mix.Taps[0], IsWithheld = true };
        var heard = new short[Frame];

        for (var i = 0; i < 20; i++) Write(pipe, i, 440);
        mix.Read(heard);
        Assert.All(heard, sample => Assert.Equal(0, sample));

        pipe.IsWithheld = false;
        for (var i = 20; i < 24; i++) Write(pipe, i, 440);
        for (var i = 0; i < 4; i++) mix.Read(heard);
        Assert.Contains(heard, sample => sample > 1_000);
        await Task.CompletedTask;
    }

    [Fact]
    public void A_reader_that_is_behind_is_set_forward_and_the_legs_stay_together()
    {
        var mix = new ListenMix(2);
        var now = new Instant(0);
        for (var i = 0; i < 100; i++)
        {
            Put(mix, 0, i * Frame, (short)(i + 1), now);
            Put(mix, 1, i * Frame, (short)(100 * (i + 1)), now);
        }

        var heard = new short[Frame];
        mix.Read(heard);

        // Nothing older than the bound, and both of the same moment.
        var frame = heard[^1] / 101;
        Assert.Equal(101 * frame, heard[^1]);
        Assert.InRange(100 - frame, 0, ListenMix.MaxDistance / Frame);
    }

    [Fact]
    public void Nothing_is_heard_twice_and_a_stall_is_silence()
    {
        var mix = new ListenMix(1);
        var now = new Instant(0);
        for (var i = 0; i < 3; i++) Put(mix, 0, i * Frame, 1000, now);
        var heard = new short[Frame];

        var loud = 0;
        for (var i = 0; i < 20; i++)
        {
            mix.Read(heard);
            loud += heard.Count(sample => sample == 1000);
        }

        Assert.Equal(3 * Frame, loud);
        Put(mix, 0, 3 * Frame, 2000, now);
        mix.Read(heard);
        Assert.All(heard, sample => Assert.Equal(2000, sample));
    }

    [Fact]
    public async Task Keys_of_the_phone_are_told_once_each_and_the_port_is_free_after()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var relay = RelayRig.NewRelay();
        using var phone = new RelayPhone(IPAddress.Loopback);
        var keys = System.Threading.Channels.Channel.CreateUnbounded<char>();
        AudioPipe[] legs = [new()];
        var events = new MediaFormat(101, "telephone-event", 8_000, 1, "0-16");
        var supervisor = relay.TryListen(legs, Plan(phone, RelayRig.Pcmu, events) with { KeyPressed = key => keys.Writer.TryWrite(key) })!;
        phone.Relay = supervisor.LocalEndPoint;
        await phone.ReceiveAsync(limit.Token);   // it listens from here on

        foreach (var key in new byte[] { 3, 2 })
        {
            for (var i = 0; i < 3; i++) phone.SendRaw(phone.Packet([key, (byte)(i == 2 ? 0x80 : 0), 0, 160], 101));
            phone.Timestamp += 1600;
        }

        Assert.Equal('3', await keys.Reader.ReadAsync(limit.Token));
        Assert.Equal('2', await keys.Reader.ReadAsync(limit.Token));
        Assert.NotNull(legs[0].Tap);
        await supervisor.DisposeAsync();
        await supervisor.DisposeAsync();
        Assert.Null(legs[0].Tap);
        Assert.False(keys.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_phone_without_a_codec_of_ours_is_not_taken()
    {
        await using var relay = RelayRig.NewRelay();
        using var phone = new RelayPhone(IPAddress.Loopback);

        Assert.Null(relay.TryListen([new AudioPipe()], Plan(phone, new MediaFormat(96, "opus", 48_000, 2, ""))));
    }

    [Fact]
    public void The_tone_is_heard_at_once_and_every_fifteen_seconds()
    {
        var tone = new BeepTone();
        var beeps = new List<double>();
        var wasHeard = false;
        for (var at = 0; at < 40 * 50; at++)
        {
            var pcm = new short[160];
            var isHeard = tone.AddTo(pcm);
            if (isHeard && !wasHeard) beeps.Add(at * 0.02);
            if (isHeard) Assert.InRange(pcm.Max(), 1_800, 2_100);
            wasHeard = isHeard;
        }

        Assert.Equal([0, 15, 30], beeps);
    }

    private static SupervisorPlan Plan(RelayPhone phone, params ImmutableArray<MediaFormat> formats) => new()
    {
        Side = RelayRig.Plan(phone, formats), Mode = SupervisionMode.Listen, WhisperTo = RelaySide.Callee,
    };

    private static void Write(AudioPipe pipe, int frame, double hz)
    {
        var pcm = new short[Frame];
        for (var i = 0; i < Frame; i++) pcm[i] = (short)(8_192 * Math.Sin(2 * Math.PI * hz * ((frame * Frame) + i) / 16_000));
        pipe.Write(new PcmFrame(frame * Frame, Frame, PcmFrameKind.Received, default, default), pcm);
    }

    private static void Put(ListenMix mix, int leg, long position, short value, Instant now)
    {
        var pcm = new short[Frame];
        Array.Fill(pcm, value);
        mix.Taps[leg].OnFrame(new PcmFrame(position, Frame, PcmFrameKind.Received, now, now), pcm);
    }

    private static short[] Decode(string codec, ReadOnlySpan<byte> payload, G722Decoder decoder)
    {
        var pcm = new short[codec == "G722" ? 2 * payload.Length : payload.Length];
        if (codec == "G722") decoder.Decode(payload, pcm);
        else if (codec == "PCMU") G711.DecodeMuLaw(payload, pcm);
        else G711.DecodeALaw(payload, pcm);
        return pcm;
    }
}
