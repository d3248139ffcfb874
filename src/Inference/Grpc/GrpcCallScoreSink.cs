using System.Diagnostics;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Grpc;

/// <summary>
/// Hands results to a relay in another process over one stream, with a receipt for each. What has no receipt when the stream
/// breaks is sent again over the next one, in order: an event may arrive twice, none is left out silently. The window of
/// events without a receipt is bounded; a relay that stays away makes publishing fail, and the caller decides.
/// </summary>
internal sealed class GrpcCallScoreSink : ICallScoreSink, IAsyncDisposable
{
    private const int Window = 512;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);

    private readonly CallScores.CallScoresClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TimeSpan _patience;
    private readonly ClockAnchor _clock;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _work = new(0);
    private readonly Task _loop;

    // Publishers of all calls, the stream's writer and the receipts' reader meet here, for a list operation each.
    private readonly Lock _gate = new();
    private readonly List<Pending> _window = [];
    private int _sent;         // of the window's front, over the present stream
    private long _receipts;    // of the present stream: the sequence of the last one

    public GrpcCallScoreSink(CallInvoker relay, TimeProvider time, ILogger<GrpcCallScoreSink> log, TimeSpan? patience = null)
    {
        _client = new CallScores.CallScoresClient(relay);
        (_time, _log, _patience, _clock) = (time, log, patience ?? DefaultPatience, ClockAnchor.Read(time));
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken)
    {
        var pending = new Pending(callEvent.ToWire(_clock), callEvent is TranscriptUpdated { Segment.IsFinal: false });
        lock (_gate)
        {
            if (_window.Count >= Window) throw new ScoreSinkException($"The relay has not confirmed the last {Window} events.");
            _window.Add(pending);
        }

        _work.Release();
        if (pending.Partial) return;
        try
        {
            await pending.Receipt.Task.WaitAsync(_patience, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            Withdraw(pending);
            throw new ScoreSinkException($"The relay has not confirmed an event within {_patience.TotalSeconds:0} s.", e);
        }
        catch (OperationCanceledException)
        {
            Withdraw(pending);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        FailAll("The worker is shutting down.");
        _stop.Dispose();
        _work.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await StreamAsync().ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                OnBroken(e.StatusCode, e.Status.Detail);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }

            if (_receipts > 0) pause = FirstPause;
            await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One stream, from the first event that waits to its end. Throws what ended it.</summary>
    private async Task StreamAsync()
    {
        while (Next(send: false) is null) await _work.WaitAsync(_stop.Token).ConfigureAwait(false);

        lock (_gate)
        {
            _sent = 0;
            _receipts = 0;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var stream = _client.Publish(cancellationToken: ended.Token);
        var reading = ReadReceiptsAsync(stream.ResponseStream, ended);
        try
        {
            await WriteAsync(stream.RequestStream, ended.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or RpcException)
        {
            // The stream is over; the reader knows the status.
        }

        await reading.ConfigureAwait(false);
    }

    private async Task WriteAsync(IClientStreamWriter<PublishRequest> requests, CancellationToken cancellationToken)
    {
        for (var sequence = 1L; ; sequence++)
        {
            Pending? next;
            while ((next = Next(send: true)) is null) await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
            await requests.WriteAsync(new PublishRequest { Sequence = sequence, Event = next.Event }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadReceiptsAsync(IAsyncStreamReader<PublishReceipt> receipts, CancellationTokenSource ended)
    {
        try
        {
            while (await receipts.MoveNext(ended.Token).ConfigureAwait(false)) Confirm(receipts.Current.Sequence);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private Pending? Next(bool send)
    {
        lock (_gate)
        {
            if (_sent >= _window.Count && send) return null;
            if (_window.Count == 0) return null;
            return send ? _window[_sent++] : _window[0];
        }
    }

    private void Confirm(long sequence)
    {
        List<Pending> confirmed;
        lock (_gate)
        {
            var count = (int)Math.Clamp(sequence - _receipts, 0, _sent);
            _receipts += count;
            confirmed = _window.GetRange(0, count);
            _window.RemoveRange(0, count);
            _sent -= count;
        }

        foreach (var pending in confirmed) pending.Receipt.TrySetResult();
    }

    // An event nobody waits for any more is not sent when it was not; once sent its place is kept, for the count of receipts.
    private void Withdraw(Pending pending)
    {
        lock (_gate)
        {
            pending.Receipt.TrySetCanceled(CancellationToken.None);
            if (_window.IndexOf(pending) is var at and >= 0 && at >= _sent) _window.RemoveAt(at);
        }
    }

    private void OnBroken(StatusCode status, string detail)
    {
        SinkLog.StreamBroken(_log, status, detail);
        lock (_gate)
        {
            // After a refusal of its own the first one is told no, so that it does not block those behind it; when the
            // journal is full nobody's event was taken.
            var refused = status switch
            {
                StatusCode.ResourceExhausted => _window.Count,
                StatusCode.InvalidArgument or StatusCode.FailedPrecondition => Math.Min(1, _window.Count),
                _ => 0,
            };
            foreach (var pending in _window.Take(refused)) pending.Receipt.TrySetException(new ScoreSinkException($"The relay did not take the event: {detail}"));
            _window.RemoveRange(0, refused);
            _window.RemoveAll(pending => pending.Partial || pending.Receipt.Task.IsCompleted);
            _sent = 0;
        }
    }

    private void FailAll(string why)
    {
        lock (_gate)
        {
            foreach (var pending in _window) pending.Receipt.TrySetException(new ScoreSinkException(why));
            _window.Clear();
        }
    }

    [DebuggerDisplay("{Event.KindCase}")]
    private sealed class Pending(V1.CallEvent happened, bool partial)
    {
        public V1.CallEvent Event => happened;

        public bool Partial => partial;

        public TaskCompletionSource Receipt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
