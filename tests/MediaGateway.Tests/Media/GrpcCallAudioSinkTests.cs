using System.Net;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.MediaGateway.Grpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Over a real link to a worker that takes down what it is told.</summary>
public sealed class GrpcCallAudioSinkTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_whole_call_reaches_the_worker_in_order()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var worker = await Worker.StartAsync();
        using var link = worker.Connect();
        var call = Call();
        var pipe = new AudioPipe();

        var audio = link.Sink.Open(call);
        audio.AddLeg(call.Legs[0], pipe);
        pipe.Write(Frame(call, 3_200), Samples(320, 7));
        pipe.Write(Frame(call, 3_520), Samples(320, 8));
        await worker.UntilAsync(messages => messages.Any(message => message.Frame is not null), limit.Token);
        audio.Update(call with { Version = 2, Agent = "alice" });
        pipe.Complete();
        await audio.CloseAsync(CallEndReason.Hangup, limit.Token);

        var messages = worker.Taken;
        Assert.Equal(call.Id.Value, messages[0].Open.Call.CallId);
        Assert.Equal(call.StartedAt, messages[0].Open.Origin.ToDateTimeOffset());
        Assert.Equal("caller", messages.Single(message => message.AddLeg is not null).AddLeg.Leg.Label);
        var frames = messages.Where(message => message.Frame is not null).Select(message => message.Frame).ToList();
        Assert.Equal([3_200L, 3_520L], frames.Select(frame => frame.Position));
        Assert.Equal([210_000L, 210_000L], frames.Select(frame => frame.ArrivedUs));
        Assert.Equal(640, frames[0].Pcm.Length);
        Assert.Equal([7, 0], frames[0].Pcm.Take(2));
        Assert.Equal("alice", messages.Last(message => message.Update is not null).Update.Agent);
        Assert.Equal(1, messages.Count(message => message.EndLeg is not null));
        Assert.Equal("hangup", messages[^1].Close.Reason);
        Assert.Equal(0, link.Sink.LinksLost);
    }

    [Fact]
    public async Task A_broken_link_is_opened_anew_with_the_gap_announced_and_the_call_s_end_still_comes()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await using var worker = await Worker.StartAsync();
        worker.BreakAfterFrames = 1;
        using var link = worker.Connect();
        var call = Call();
        var pipe = new AudioPipe();
        var audio = link.Sink.Open(call);
        audio.AddLeg(call.Legs[0], pipe);

        pipe.Write(Frame(call, 0), Samples(320, 1));
        await worker.UntilAsync(messages => messages.Count(message => message.Open is not null) == 2, limit.Token);
        pipe.Write(Frame(call, 320), Samples(320, 2));
        await worker.UntilAsync(messages => messages.Count(message => message.Open is not null) == 2 && messages.Count(message => message.Frame is not null) >= 3, limit.Token);
        pipe.Complete();
        await audio.CloseAsync(CallEndReason.Hangup, limit.Token);

        var second = worker.Taken.SkipWhile((message, i) => i == 0 || message.Open is null).ToList();
        var frames = second.Where(message => message.Frame is not null).Select(message => message.Frame).ToList();
        Assert.Equal((uint)PcmFrameKind.Lost, frames[0].Kind);
        Assert.Equal((0, 2 * 320), (frames[0].Position, frames[0].Pcm.Length));   // ends where the worker before left off
        Assert.Equal(320, frames[1].Position);
        Assert.Equal("hangup", second[^1].Close.Reason);
        Assert.Equal(1, link.Sink.LinksLost);
    }

    [Fact]
    public async Task Without_a_worker_nothing_throws_and_closing_ends_with_its_token()
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:9");   // discard: nobody there
        var sink = new GrpcCallAudioSink(new CallAudio.CallAudioClient(channel), TimeProvider.System, NullLogger<GrpcCallAudioSink>.Instance);
        var call = Call();
        var pipe = new AudioPipe();

        var audio = sink.Open(call);
        audio.AddLeg(call.Legs[0], pipe);
        for (var i = 0; i < 1_000; i++) pipe.Write(Frame(call, i * 320), Samples(320, 1));
        pipe.Complete();
        while (sink.LinksLost == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await audio.CloseAsync(CallEndReason.Hangup, patience.Token).AsTask().WaitAsync(limit.Token);

        Assert.True(pipe.DroppedSamples > 0, "The pipe stays bounded while nobody reads.");
    }

    private static CallInfo Call() => new()
    {
        Id = new CallId("0123456789abcdef0123456789abcdef"),
        Origin = new Instant(TimeSpan.TicksPerHour),
        StartedAt = DateTimeOffset.UnixEpoch.AddDays(20_000),
        Source = "siprec",
        Legs = [new LegInfo { Id = new LegId(0), Label = "caller", Role = PartyRole.Customer }],
    };

    private static PcmFrame Frame(CallInfo call, long position)
    {
        var arrived = call.Origin + TimeSpan.FromMilliseconds(210);
        return new PcmFrame(position, 320, PcmFrameKind.Received, arrived, arrived);
    }

    private static short[] Samples(int count, short value) => [.. Enumerable.Repeat(value, count)];

    private sealed record Link(GrpcChannel Channel, GrpcCallAudioSink Sink) : IDisposable
    {
        public void Dispose() => Channel.Dispose();
    }

    private sealed class Worker(WebApplication app) : IAsyncDisposable
    {
        private readonly List<AudioMessage> _taken = [];
        private readonly Channel<bool> _news = Channel.CreateUnbounded<bool>();

        public int BreakAfterFrames { get; set; } = int.MaxValue;

        public IReadOnlyList<AudioMessage> Taken
        {
            get
            {
                lock (_taken) return [.. _taken];
            }
        }

        public static async Task<Worker> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            builder.Services.AddGrpc();
            Worker? worker = null;
            builder.Services.AddSingleton(_ => worker!);
            var app = builder.Build();
            app.MapGrpcService<Service>();
            worker = new Worker(app);
            await app.StartAsync();
            return worker;
        }

        public Link Connect()
        {
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            var channel = GrpcChannel.ForAddress(address);
            return new Link(channel, new GrpcCallAudioSink(new CallAudio.CallAudioClient(channel), TimeProvider.System, NullLogger<GrpcCallAudioSink>.Instance));
        }

        public async Task UntilAsync(Func<IReadOnlyList<AudioMessage>, bool> condition, CancellationToken limit)
        {
            while (!condition(Taken)) await _news.Reader.ReadAsync(limit);
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private void Take(AudioMessage message)
        {
            lock (_taken) _taken.Add(message);
            _news.Writer.TryWrite(true);
        }

        private sealed class Service(Worker worker) : CallAudio.CallAudioBase
        {
            public override async Task Analyse(IAsyncStreamReader<AudioMessage> requests, IServerStreamWriter<AudioReply> replies, ServerCallContext context)
            {
                await replies.WriteAsync(new AudioReply { Accepted = new Accepted { Worker = "test" } });
                while (await requests.MoveNext(context.CancellationToken))
                {
                    worker.Take(requests.Current);
                    if (requests.Current.Frame is null || --worker.BreakAfterFrames != 0) continue;
                    throw new RpcException(new Status(StatusCode.Unavailable, "going away"));
                }

                await replies.WriteAsync(new AudioReply { Closed = new Closed() });
            }
        }
    }
}
