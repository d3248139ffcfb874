using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Codecs whose clock is not their sampling rate, through a whole leg.</summary>
public sealed partial class WideBandLegTests
{
    private const int Ms = PcmFormat.SamplesPerMillisecond;
    private static readonly MediaFormat s_g722 = new(9, "G722", 8_000, 1, "");
    private static readonly MediaFormat s_opus = new(111, "opus", 48_000, 2, "");
    private static readonly MediaFormat s_l16 = new(97, "L16", 48_000, 1, "");

    [Fact] // RFC 3551 §4.5.2: the clock that is wrong for ever
    public void G722_counts_8_kHz_and_sounds_at_16()
    {
        var tone = ToneProbe.Make(5_000, -12, TimeSpan.FromSeconds(2), 16_000);
        var encoder = new G722Encoder();
        var rig = new LegRig(formats: [s_g722]);
        var payload = new byte[160];

        for (var at = 0; at < tone.Length; at += 320)
        {
            encoder.Encode(tone.AsSpan(at, 320), payload);
            rig.Send(payload, 9, timestampStep: 160);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        var heard = rig.Finish();
        Assert.Equal(2_000 * Ms, heard.Of(PcmFrameKind.Received));
        Assert.Single(heard.Frames.Select(frame => frame.Kind).Distinct());
        Assert.InRange(ToneProbe.Level(CollectionsMarshal.AsSpan(heard.Samples).Slice(2_000, 28_000), 16_000, 5_000), -13, -11);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact]
    public void L16_at_48_kHz_is_brought_down()
    {
        var tone = ToneProbe.Make(3_000, -12, TimeSpan.FromSeconds(1), 48_000);
        var rig = new LegRig(formats: [s_l16]);
        var payload = new byte[960];

        for (var at = 0; at < tone.Length; at += 480)
        {
            for (var i = 0; i < 480; i++) System.Buffers.Binary.BinaryPrimitives.WriteInt16BigEndian(payload.AsSpan(2 * i), tone[at + i]);
            if (at == 24_000) rig.SkipPacket(80);   // one lost, concealed at 48 kHz
            else rig.Send(payload, 97, timestampStep: 480);
            if (at == 24_000) rig.Timestamp += 480 - 80;
            else rig.Run(TimeSpan.FromMilliseconds(10));
        }

        var heard = rig.Finish();
        Assert.Equal(990 * Ms, heard.Of(PcmFrameKind.Received));
        Assert.Equal(10 * Ms, heard.Of(PcmFrameKind.Concealed));
        Assert.InRange(ToneProbe.Level(CollectionsMarshal.AsSpan(heard.Samples).Slice(1_000, 6_000), 16_000, 3_000), -12.1, -11.9);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 20)]
    [InlineData(1, 60)]
    public void Opus_is_heard_at_16_kHz_mono_and_stereo(int channels, int milliseconds)
    {
        SkipWithoutOpus();
        var rig = new LegRig(formats: [s_opus]);

        foreach (var packet in EncodeOpus(channels, milliseconds, TimeSpan.FromSeconds(2)))
        {
            rig.Send(packet, 111, timestampStep: 48 * milliseconds);
            rig.Run(TimeSpan.FromMilliseconds(milliseconds));
        }

        var heard = rig.Finish();
        Assert.InRange(heard.Of(PcmFrameKind.Received), 1_940 * Ms, 2_000 * Ms);
        Assert.InRange(ToneProbe.Level(CollectionsMarshal.AsSpan(heard.Samples).Slice(8_000, 16_000), 16_000, 1_000), -14, -10);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact] // RFC 6716 §2.1.7
    public void Lost_Opus_packets_leave_the_tone_audible()
    {
        SkipWithoutOpus();
        var rig = new LegRig(formats: [s_opus]);
        var n = 0;
        foreach (var packet in EncodeOpus(1, 20, TimeSpan.FromSeconds(2)))
        {
            if (n++ % 10 == 5)
            {
                rig.Sequence = rig.Sequence.Next;
                rig.Timestamp += 960;
            }
            else
            {
                rig.Send(packet, 111, timestampStep: 960);
            }

            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        var heard = rig.Finish();
        Assert.Equal(10, rig.Statistics.Lost);
        Assert.Equal(10 * 20 * Ms, heard.Of(PcmFrameKind.Concealed));
        Assert.Equal(0, heard.Of(PcmFrameKind.Lost));
        Assert.InRange(ToneProbe.Level(CollectionsMarshal.AsSpan(heard.Samples).Slice(8_000, 16_000), 16_000, 1_000), -14, -10);
        LegReceiverTests.AssertUnbroken(heard);
    }

    [Fact] // RFC 6716 §2.1.7: what was lost began with another sound, which only the redundancy knows
    public void A_lost_packet_is_taken_out_of_the_one_behind_it()
    {
        SkipWithoutOpus();
        var packets = EncodeOpus(1, 20, TimeSpan.FromSeconds(1), changeAt: 20 * 960);
        using var decoder = new OpusStreamDecoder();
        var pcm = new short[OpusStreamDecoder.MaxSamples];
        for (var n = 0; n < 20; n++) Assert.Equal(320, decoder.Decode(packets[n], pcm));

        // 20 is lost whole, 21 as well; 22 gives 21 back, with its new tone.
        decoder.Conceal(pcm.AsSpan(0, 320));
        var madeUp = ToneProbe.Level(pcm.AsSpan(0, 320), 16_000, 2_000);
        decoder.Recover(packets[22], pcm.AsSpan(0, 320));
        var recovered = ToneProbe.Level(pcm.AsSpan(0, 320), 16_000, 2_000);

        Assert.True(recovered > madeUp + 10, $"2 kHz at {recovered:0.0} dB out of the redundancy, {madeUp:0.0} dB made up.");
    }

    [Fact]
    public void Octets_that_are_no_Opus_are_silence_and_not_an_exception()
    {
        SkipWithoutOpus();
        var rig = new LegRig(formats: [s_opus]);
        var random = new Random(3);
        for (var i = 0; i < 2_000; i++)
        {
            var payload = new byte[random.Next(60)];
            random.NextBytes(payload);
            rig.Send(payload, 111, timestampStep: 960);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal(2_000, rig.Statistics.Packets);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(111)]
    public void Packets_allocate_nothing(byte payloadType)
    {
        if (payloadType == 111) SkipWithoutOpus();
        var rig = new LegRig(formats: [s_g722, s_opus]);
        var pcm = new short[AudioPipe.MaxFrameSamples];
        var packets = payloadType == 111 ? EncodeOpus(1, 20, TimeSpan.FromSeconds(1)).ToArray() : [new byte[160]];
        Receive(300);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Receive(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Receive(int count)
        {
            for (var i = 0; i < count; i++)
            {
                rig.Leg.OnDatagram(rig.Build(packets[i % packets.Length], payloadType), rig.Clock.Advance(TimeSpan.FromMilliseconds(20)));
                rig.Sequence = i % 50 == 7 ? rig.Sequence.Next.Next : rig.Sequence.Next;
                rig.Timestamp += payloadType == 111 ? 960u : 160u;
                while (rig.Pipe.TryRead(pcm, out _)) { }
            }
        }
    }

    private static void SkipWithoutOpus()
    {
        if (!OpusLibrary.IsAvailable) Assert.Skip("libopus is not installed (Debian: apt-get install libopus0).");
    }

    /// <summary>1 kHz at −12 dB (2 kHz from sample <paramref name="changeAt"/> on), coded for voice with redundancy for ten per cent loss.</summary>
    private static List<byte[]> EncodeOpus(int channels, int milliseconds, TimeSpan duration, int changeAt = int.MaxValue)
    {
        const int voip = 2_048, setBitRate = 4_002, setMaxBandwidth = 4_004, wideBand = 1_103, setInbandFec = 4_012, setLossPercent = 4_014;
        var tone = ToneProbe.Make(1_000, -12, duration, 48_000);
        if (changeAt < tone.Length) ToneProbe.Make(2_000, -12, duration, 48_000).AsSpan(changeAt).CopyTo(tone.AsSpan(changeAt));
        var encoder = opus_encoder_create(48_000, channels, voip, out var error);
        Assert.Equal(0, error);
        Assert.Equal(0, opus_encoder_ctl(encoder, setBitRate, 40_000));
        Assert.Equal(0, opus_encoder_ctl(encoder, setMaxBandwidth, wideBand));   // the mode that has redundancy
        Assert.Equal(0, opus_encoder_ctl(encoder, setInbandFec, 1));
        Assert.Equal(0, opus_encoder_ctl(encoder, setLossPercent, 10));

        var packets = new List<byte[]>();
        var samples = 48 * milliseconds;
        var packet = new byte[1_500];
        for (var at = 0; at + samples <= tone.Length; at += samples)
        {
            var interleaved = tone.AsSpan(at, samples).ToArray().SelectMany(sample => Enumerable.Repeat(sample, channels)).ToArray();
            var length = opus_encode(encoder, interleaved, samples, packet, packet.Length);
            Assert.True(length > 0, $"opus_encode: {length}");
            packets.Add(packet[..length]);
        }

        opus_encoder_destroy(encoder);
        return packets;
    }

    private const string Opus = "libopus.so.0";

    [LibraryImport(Opus)]
    private static partial nint opus_encoder_create(int rate, int channels, int application, out int error);

    [LibraryImport(Opus)]
    private static partial int opus_encode(nint encoder, [In] short[] pcm, int frameSize, [Out] byte[] data, int maxLength);

    [LibraryImport(Opus)]
    private static partial int opus_encoder_ctl(nint encoder, int request, int value);

    [LibraryImport(Opus)]
    private static partial void opus_encoder_destroy(nint encoder);
}
