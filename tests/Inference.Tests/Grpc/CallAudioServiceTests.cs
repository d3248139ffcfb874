using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Grpc;
using EdgeAssist.Inference.Tests.Streaming;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.Inference.Tests.Grpc;

public sealed class CallAudioServiceTests : IAsyncLifetime
{
    private readonly AnalysisHarness _harness = new(new MeasuringRecognizer());
    private LoopbackServer? _server;

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync<CallAudioService>(services =>
    {
        services.AddSingleton<ICallAudioSink>(_harness.Service);
        services.AddSingleton(TimeProvider.System);
    });

    [Fact]
    public async Task A_call_over_the_wire_is_analysed_like_one_in_the_process()
    {
        using var stream = Analyse();
        await OpenAsync(stream);
        await SendAsync(stream, 0, milliseconds: 500, level: 4);
        await SendAsync(stream, 500, milliseconds: 1000, level: 12_000);
        await SendAsync(stream, 1500, milliseconds: 600, level: 4);
        await stream.RequestStream.WriteAsync(new AudioMessage { EndLeg = new EndLeg { Leg = 0 } });
        await stream.RequestStream.WriteAsync(new AudioMessage { Close = new CloseCall { Reason = "hangup" } });

        var replies = await RepliesAsync(stream);

        Assert.Equal([AudioReply.MessageOneofCase.Accepted, AudioReply.MessageOneofCase.Closed], replies.Select(reply => reply.MessageCase));
        var final = Assert.Single(_harness.Sink.Finals);
        Assert.InRange(final.Start.TotalMilliseconds, 470, 500);
        Assert.Equal(PartyRole.Customer, final.Role);
        Assert.Equal(CallEndReason.Hangup, _harness.Sink.Events.OfType<CallEnded>().Single().Reason);
    }

    [Fact]
    public async Task A_gateway_that_vanishes_ends_the_call_as_lost_with_its_last_words()
    {
        using (var stream = Analyse())
        {
            await OpenAsync(stream);
            await SendAsync(stream, 0, milliseconds: 1000, level: 12_000);
            await _harness.Sink.WaitForAsync(e => e is TranscriptUpdated);
        }

        var ended = (CallEnded)await _harness.Sink.WaitForAsync(e => e is CallEnded);

        Assert.Equal(CallEndReason.Lost, ended.Reason);
        Assert.Single(_harness.Sink.Finals);
    }

    [Theory]
    [InlineData(7, 0, 640, "Leg 7 was not added")]
    [InlineData(0, 0, 641, "not 641 octets")]
    [InlineData(0, 0, 0, "not 0 octets")]
    [InlineData(0, 0, 6402, "not 6402 octets")]
    [InlineData(0, -5, 640, "Position -5")]
    public async Task A_frame_that_cannot_be_is_refused_with_the_reason(int leg, long position, int octets, string why)
    {
        using var stream = Analyse();
        await OpenAsync(stream);

        await stream.RequestStream.WriteAsync(new AudioMessage { Frame = new AudioFrame { Leg = leg, Position = position, Pcm = ByteString.CopyFrom(new byte[octets]) } });
        var refusal = await Assert.ThrowsAsync<RpcException>(() => RepliesAsync(stream));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
        Assert.Contains(why, refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_message_must_open_a_call()
    {
        using var stream = Analyse();

        await stream.RequestStream.WriteAsync(new AudioMessage { EndLeg = new EndLeg() });
        var refusal = await Assert.ThrowsAsync<RpcException>(() => RepliesAsync(stream));

        Assert.Equal(StatusCode.InvalidArgument, refusal.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        await _harness.DisposeAsync();
    }

    private AsyncDuplexStreamingCall<AudioMessage, AudioReply> Analyse() =>
        new CallAudio.CallAudioClient(_server!.Channel).Analyse(deadline: DateTime.UtcNow.AddSeconds(20));

    private static async Task OpenAsync(AsyncDuplexStreamingCall<AudioMessage, AudioReply> stream)
    {
        var call = AnalysisHarness.Call();
        await stream.RequestStream.WriteAsync(new AudioMessage { Open = new OpenCall { Call = call.ToWire(), Origin = DateTimeOffset.UtcNow.ToTimestamp() } });
        await stream.RequestStream.WriteAsync(new AudioMessage { AddLeg = new AddLeg { Leg = call.Legs[0].ToWire() } });
    }

    private static async Task SendAsync(AsyncDuplexStreamingCall<AudioMessage, AudioReply> stream, int from, int milliseconds, short level)
    {
        short[] samples = [.. Enumerable.Range(0, 320).Select(i => i % 2 == 0 ? level : (short)-level)];
        for (var at = from; at < from + milliseconds; at += 20)
        {
            var frame = new AudioFrame
            {
                Position = at * PcmFormat.SamplesPerMillisecond,
                Pcm = ByteString.CopyFrom(MemoryMarshal.AsBytes(samples.AsSpan())),
                ArrivedUs = (at + 25) * 1000L,
                ForkedUs = (at + 85) * 1000L,
            };
            await stream.RequestStream.WriteAsync(new AudioMessage { Frame = frame });
        }
    }

    private static async Task<List<AudioReply>> RepliesAsync(AsyncDuplexStreamingCall<AudioMessage, AudioReply> stream)
    {
        var replies = new List<AudioReply>();
        while (await stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) replies.Add(stream.ResponseStream.Current);
        return replies;
    }
}
