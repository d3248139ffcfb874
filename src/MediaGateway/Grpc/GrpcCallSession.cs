using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>
/// One stream to one worker. Tells it the call as it stands, then what changes; a pump a leg carries the audio. Ends when
/// the worker has closed the call, or with the exception that broke the link.
/// </summary>
internal sealed class GrpcCallSession : IAsyncDisposable
{
    private const int GapSamples = 20 * PcmFormat.SamplesPerMillisecond;

    private readonly CancellationTokenSource _end;
    private readonly AsyncDuplexStreamingCall<AudioMessage, AudioReply> _stream;
    private readonly SemaphoreSlim _writing = new(1, 1);   // pumps and the session's loop share the stream, which takes one write at a time
    private readonly List<Task> _pumps = [];
    private readonly ILogger _logger;
    private Task _closed = Task.CompletedTask;
    private Task _rung = Task.CompletedTask;

    /// <exception cref="RpcException">Never here: a failure shows when the stream is used.</exception>
    public GrpcCallSession(CallAudio.CallAudioClient client, ILogger logger, CancellationToken cancellationToken)
    {
        _logger = logger;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _stream = client.Analyse(cancellationToken: _end.Token);
    }

    /// <summary>A worker took the call.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Runs until the worker has closed the call.</summary>
    /// <param name="current">What the worker should know now.</param>
    /// <param name="doorbell">Rings when that changes.</param>
    /// <exception cref="RpcException">The link broke, or the worker ended the stream too early.</exception>
    public async Task RunAsync(Func<CallAudioState> current, Doorbell doorbell)
    {
        var call = current().Call;
        await WriteAsync(new AudioMessage { Open = new OpenCall { Call = call.ToWire(), Origin = call.StartedAt.ToTimestamp() } }).ConfigureAwait(false);
        _closed = ReadRepliesAsync(call.Id);
        _rung = doorbell.WaitAsync(_end.Token);
        var told = call;
        var closing = false;
        while (!_closed.IsCompleted)
        {
            var state = current();
            foreach (var leg in state.Legs.Skip(_pumps.Count)) _pumps.Add(PumpAsync(leg, state.Call.Origin));
            if (!ReferenceEquals(told, state.Call)) await WriteAsync(new AudioMessage { Update = (told = state.Call).ToWire() }).ConfigureAwait(false);

            if (_pumps.Exists(pump => pump.IsFaulted)) break;
            if (!closing && state.Closing is { } reason && _pumps.TrueForAll(pump => pump.IsCompletedSuccessfully))
            {
                closing = true;
                await WriteAsync(new AudioMessage { Close = new CloseCall { Reason = reason.ToWire() } }).ConfigureAwait(false);
                await _stream.RequestStream.CompleteAsync().ConfigureAwait(false);
            }

            if (_rung.IsCompleted) _rung = doorbell.WaitAsync(_end.Token);
            await Task.WhenAny([_closed, _rung, .. _pumps.Where(pump => !pump.IsCompleted)]).ConfigureAwait(false);
        }

        await Task.WhenAll(_pumps.Where(pump => pump.IsFaulted)).ConfigureAwait(false);
        await _closed.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _stream.Dispose();
        foreach (var task in (IEnumerable<Task>)[.. _pumps, _closed, _rung])
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // RunAsync has told what there was to tell
        _writing.Dispose();
        _end.Dispose();
    }

    private async Task PumpAsync(LegLink leg, Instant origin)
    {
        await WriteAsync(new AudioMessage { AddLeg = new AddLeg { Leg = leg.Info.ToWire() } }).ConfigureAwait(false);
        if (leg.SentTo > 0) await WriteAsync(Gap(leg)).ConfigureAwait(false);

        var pcm = new short[AudioPipe.MaxFrameSamples];
        while (await leg.Audio.WaitToReadAsync(_end.Token).ConfigureAwait(false))
        {
            while (leg.Audio.TryRead(pcm, out var frame))
            {
                await WriteAsync(Message(leg.Info.Id, frame, pcm.AsSpan(0, frame.SampleCount), origin)).ConfigureAwait(false);
                leg.SentTo = frame.End;
            }
        }

        await WriteAsync(new AudioMessage { EndLeg = new EndLeg { Leg = leg.Info.Id.Value } }).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells a worker that comes in later where the one before left off: lost audio that ends at that place. The next frame's
    /// position says how far the gap reaches; it may be that very place, when the pipe kept what came meanwhile.
    /// </summary>
    private static AudioMessage Gap(LegLink leg)
    {
        var position = Math.Max(0, leg.SentTo - GapSamples);
        return new AudioMessage
        {
            Frame = new AudioFrame
            {
                Leg = leg.Info.Id.Value,
                Position = position,
                Pcm = UnsafeByteOperations.UnsafeWrap(new byte[2 * (leg.SentTo - position)]),
                Kind = (uint)PcmFrameKind.Lost,
            },
        };
    }

    private static AudioMessage Message(LegId leg, in PcmFrame frame, ReadOnlySpan<short> pcm, Instant origin) => new()
    {
        Frame = new AudioFrame
        {
            Leg = leg.Value,
            Position = frame.Position,
            Pcm = ByteString.CopyFrom(MemoryMarshal.AsBytes(pcm)),
            Kind = (uint)frame.Kind,
            ArrivedUs = (long)(frame.ArrivedAt - origin).TotalMicroseconds,
            ForkedUs = (long)(frame.ForkedAt - origin).TotalMicroseconds,
        },
    };

    private async Task WriteAsync(AudioMessage message)
    {
        await _writing.WaitAsync(_end.Token).ConfigureAwait(false);
        try
        {
            await _stream.RequestStream.WriteAsync(message, _end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The client library's answers to a write on a stream that the worker has ended, or died with, meanwhile.
            throw new RpcException(new Status(StatusCode.Unavailable, e.Message, e));
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadRepliesAsync(CallId call)
    {
        while (await _stream.ResponseStream.MoveNext(_end.Token).ConfigureAwait(false))
        {
            var reply = _stream.ResponseStream.Current;
            if (reply.MessageCase == AudioReply.MessageOneofCase.Closed) return;
            if (reply.MessageCase != AudioReply.MessageOneofCase.Accepted) continue;
            IsAccepted = true;
            _logger.WorkerAccepted(call.Value, reply.Accepted.Worker);
        }

        throw new RpcException(new Status(StatusCode.Unavailable, "The worker ended the stream before the call was over."));
    }
}
