using System.Buffers.Binary;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>RFC 4733: each press once, whatever the network does, and never as audio.</summary>
public sealed class KeyPressTests
{
    private const byte PayloadType = 101;
    private const int Step = 160;

    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.1, 2)]
    [InlineData(0.1, 3)]
    [InlineData(0.1, 4)]
    public void Every_digit_comes_exactly_once_under_loss_jitter_and_duplication(double loss, int seed)
    {
        var network = new NetworkProfile { Loss = loss, Jitter = TimeSpan.FromMilliseconds(15), Duplication = 0.05, Reordering = loss / 2 };
        var rig = new LegRig(network, seed);
        rig.Talk(5);
        var random = new Random(seed);
        var pressed = Enumerable.Range(0, 400).Select(_ => (byte)random.Next(17)).ToArray();

        List<KeyPress> taken = [];
        foreach (var key in pressed)
        {
            Press(rig, key, packets: random.Next(2, 8));
            rig.Talk(random.Next(0, 4));
            taken.AddRange(Taken(rig));
        }

        rig.Finish();
        taken.AddRange(Taken(rig));
        Assert.Equal(pressed, taken.Select(press => press.Event));
    }

    [Fact]
    public void A_press_is_reported_where_it_began_and_with_its_key()
    {
        var rig = new LegRig();
        rig.Talk(10);

        Press(rig, 11, packets: 5);

        var press = Assert.Single(Taken(rig));
        Assert.Equal('#', press.Key);
        Assert.Equal(rig.Heard.FirstPosition + 10 * 320, press.Position);
        Assert.Equal("key press (redacted)", $"{press}");
    }

    [Fact] // §2.5.1.2: the packets of the beginning are lost
    public void The_last_packet_alone_reports_a_press()
    {
        var rig = new LegRig();
        rig.Talk(5);
        rig.Sequence = new SequenceNumber((ushort)(rig.Sequence.Value + 4));

        Send(rig, 7, duration: 5 * Step, end: true, marker: false);
        rig.Run(TimeSpan.FromMilliseconds(200));

        Assert.Equal('7', Assert.Single(Taken(rig)).Key);
    }

    [Fact] // §2.5.1.3
    public void A_press_longer_than_the_duration_can_say_is_one()
    {
        var rig = new LegRig();
        rig.Talk(5);
        for (var segment = 0; segment < 3; segment++)
        {
            for (var duration = Step; duration < 0xFFFF; duration += 100 * Step) Send(rig, 5, duration, end: false, marker: segment == 0 && duration == Step);
            Send(rig, 5, 0xFFFF, end: false, marker: false);
            rig.Timestamp += 0xFFFF;
        }

        Send(rig, 5, 800, end: true, marker: false);
        rig.Run(TimeSpan.FromMilliseconds(200));

        Assert.Single(Taken(rig));
    }

    [Fact]
    public void The_same_key_twice_in_a_row_is_two_presses()
    {
        var rig = new LegRig();
        rig.Talk(5);

        Press(rig, 1, packets: 3);
        Press(rig, 1, packets: 3);

        Assert.Equal("11", Keys(rig));
    }

    [Fact] // §2.5.1.5
    public void Several_events_in_one_packet_are_all_reported_once()
    {
        var rig = new LegRig();
        rig.Talk(5);
        byte[] payload = [1, 0x8A, 0x01, 0x90, 2, 0x8A, 0x01, 0x90];

        for (var i = 0; i < 3; i++) rig.Send(payload, PayloadType, timestampStep: 0);
        rig.Run(TimeSpan.FromMilliseconds(100));

        Assert.Equal("12", Keys(rig));
    }

    [Fact]
    public void A_tone_sent_as_audio_beside_its_event_is_masked()
    {
        var rig = new LegRig();
        rig.Talk(10);
        var begin = rig.Timestamp;
        for (var i = 1; i <= 10; i++)
        {
            // The event and the audio of the same 20 ms, both on their own numbers.
            var audioTimestamp = rig.Timestamp;
            rig.Timestamp = begin;
            Send(rig, 3, i * Step, end: i == 10, marker: i == 1);
            rig.Timestamp = audioTimestamp;
            rig.Talk(1);
        }

        rig.Talk(10);
        var heard = rig.Finish();

        Assert.Equal("3", Keys(rig));
        var masked = heard.Samples.Skip(10 * 320 + 80).Take(10 * 320 - 80).ToArray();
        Assert.All(masked, sample => Assert.Equal(0, sample));   // the interpolator has rung out after its 79 taps
        Assert.True(heard.Samples.Skip(21 * 320).Take(320).Max() > 6_000, "What follows is heard again.");
    }

    [Theory]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public void Events_on_another_clock_than_the_audio_are_taken(int clockRate)
    {
        var rig = new LegRig(formats: [LegPlans.Pcmu, new MediaFormat(110, "telephone-event", clockRate, 1, "0-16")]);
        rig.Talk(10);
        var audio = rig.Timestamp;
        for (var i = 1; i <= 6; i++)
        {
            rig.Timestamp = 77_000;
            rig.Send(Payload(9, (ushort)(Math.Min(i, 4) * clockRate / 50), i >= 4), 110, i == 1, timestampStep: 0);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        rig.Timestamp = audio + 6 * 160;
        rig.Talk(10);
        var heard = rig.Finish();

        Assert.Equal("9", Keys(rig));
        Assert.Equal(20 * 320, heard.Of(PcmFrameKind.Received));
        Assert.Equal(0, rig.Statistics.Lost);
    }

    [Fact]
    public void Events_that_are_no_keys_and_broken_ones_are_counted()
    {
        var rig = new LegRig();
        rig.Talk(5);

        rig.Send(Payload(64, 160, end: true), PayloadType, timestampStep: 0);   // a V.21 tone of RFC 4734
        rig.Send([1, 2], PayloadType, timestampStep: 0);
        rig.Run(TimeSpan.FromMilliseconds(100));

        Assert.Empty(Taken(rig));
        Assert.Equal(2, rig.Statistics.UnknownEvents);
    }

    [Fact]
    public void The_decoder_takes_any_octets()
    {
        var rig = new LegRig();
        var random = new Random(9);
        for (var i = 0; i < 20_000; i++)
        {
            var payload = new byte[random.Next(20)];
            random.NextBytes(payload);
            rig.Timestamp = (uint)random.Next();
            rig.Leg.OnDatagram(rig.Build(payload, PayloadType, random.Next(2) == 0), rig.Clock.Advance(TimeSpan.FromMilliseconds(5)));
            rig.Sequence = rig.Sequence.Next;
            while (rig.Leg.TryTakeKeyPress(out var press)) Assert.InRange(press.Event, 0, KeyPress.Highest);
        }
    }

    private static byte[] Payload(byte key, ushort duration, bool end)
    {
        var payload = new byte[TelephoneEvent.Length];
        (payload[0], payload[1]) = (key, (byte)(end ? 0x8A : 0x0A));
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), duration);
        return payload;
    }

    private static void Send(LegRig rig, byte key, int duration, bool end, bool marker)
    {
        rig.Send(Payload(key, (ushort)duration, end), PayloadType, marker, timestampStep: 0);
        rig.Run(TimeSpan.Zero);
    }

    /// <summary>A press as gateways send it: one packet each 20 ms, the last one three times.</summary>
    private static void Press(LegRig rig, byte key, int packets)
    {
        for (var i = 1; i <= packets; i++)
        {
            Send(rig, key, i * Step, end: i == packets, marker: i == 1);
            rig.Run(TimeSpan.FromMilliseconds(20));
        }

        for (var i = 0; i < 2; i++) Send(rig, key, packets * Step, end: true, marker: false);
        rig.Timestamp += (uint)(packets * Step);
    }

    private static List<KeyPress> Taken(LegRig rig)
    {
        List<KeyPress> taken = [];
        while (rig.Leg.TryTakeKeyPress(out var press)) taken.Add(press);
        return taken;
    }

    private static string Keys(LegRig rig) => new([.. Taken(rig).Select(press => press.Key)]);
}
