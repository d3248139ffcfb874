using System.Buffers;
using CsCheck;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.State;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>The shared bytes with a stream's own behind them are read as the message that they stand for.</summary>
public sealed class WireMessageTests
{
    private static readonly DateTimeOffset Emitted = new(2026, 1, 5, 9, 0, 2, 345, TimeSpan.Zero);

    [Fact]
    public void An_alert_event_reads_like_the_ordinary_message()
    {
        Gen.Select(Gen.Int[0, 300], Gen.String[Gen.Char['a', 'ö'], 0, 200], Gen.Bool, Gen.Bool).Sample((offset, text, opened, timed) =>
        {
            var change = new V1.AlertEvent
            {
                Epoch = "e",
                Offset = offset,
                EventId = $"e-{offset}",
                EventTime = Timestamp.FromDateTimeOffset(Emitted),
                Change = opened ? V1.AlertChange.Opened : V1.AlertChange.Claimed,
                Actor = text,
                Alert = new V1.Alert { AlertId = text, Latency = timed ? Latency() : null },
            };
            var expected = change.Clone();
            (expected.ResumeToken, expected.EmitTime) = ("token" + text.Length, Timestamp.FromDateTimeOffset(Emitted));
            if (opened && timed) expected.Latency = WithFanOut(Latency());

            var read = Written(new WireMessage().With(EncodedEvent.Of(change), "token" + text.Length, Emitted), V1.WatchAlertsResponse.Parser);

            Assert.Equal(new V1.WatchAlertsResponse { Event = expected }, read);
        }, iter: 500, seed: "0000KOIH3nN2");
    }

    [Fact]
    public void A_score_keeps_its_reasons_and_gets_the_hop_of_its_stream()
    {
        var change = new V1.CallEvent { Offset = 7, Score = new V1.ScoreUpdate { Score = new V1.Score { Risk = 0.7, Reasons = { new V1.Reason { Cue = "c" } } }, Latency = Latency() } };
        var expected = change.Clone();
        (expected.ResumeToken, expected.EmitTime) = ("t", Timestamp.FromDateTimeOffset(Emitted));
        expected.Score.Latency = WithFanOut(Latency());

        var read = Written(new WireMessage().With(EncodedEvent.Of(change), "t", Emitted), V1.WatchCallsResponse.Parser);

        Assert.Equal(new V1.WatchCallsResponse { Event = expected }, read);
    }

    [Fact]
    public void One_message_object_serves_a_stream_for_long_and_short_events_in_turn()
    {
        var message = new WireMessage();
        foreach (var length in new[] { 1, 5000, 2, 300 })
        {
            var change = new V1.CallEvent { Transcript = new V1.Transcript { Text = new string('w', length), Final = true } };

            var read = Written(message.With(EncodedEvent.Of(change), new string('t', length), Emitted), V1.WatchCallsResponse.Parser);

            Assert.Equal(length, read.Event.Transcript.Text.Length);
            Assert.Equal(length, read.Event.ResumeToken.Length);
        }
    }

    private static V1.Latency Latency() => new()
    {
        WordsEndedAt = Timestamp.FromDateTimeOffset(Emitted.AddSeconds(-1)),
        Hops = { new V1.HopTime { Hop = V1.Hop.Media, Duration = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(900)) } },
    };

    private static V1.Latency WithFanOut(V1.Latency latency)
    {
        RelayEventCodec.AddHop(latency, V1.Hop.FanOut, Emitted);
        return latency;
    }

    private static T Written<T>(WireMessage message, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var output = new ArrayBufferWriter<byte>();
        message.WriteTo(output);
        Assert.Equal(message.Size, output.WrittenCount);
        return parser.ParseFrom(output.WrittenSpan);
    }
}
