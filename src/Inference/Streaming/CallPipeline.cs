using System.Threading.Channels;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// One call under analysis: a loop that owns everything the call has, woken by its audio, by messages and by a clock. Audio is
/// read in the order of the timeline, so that the same recording gives the same frames in the same order.
/// </summary>
internal sealed class CallPipeline : ICallAudio, IDisposable
{
    private const int StretchesBeforeMessages = 32;
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    // The gateway's thread, the workers and the timer write, the loop reads. Bounded by what they are: legs, updates, and one
    // job a leg and utterance.
    private readonly Channel<CallMessage> _inbox = Channel.CreateUnbounded<CallMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abort = new();
    private readonly Dictionary<SpeechLeg, Task<bool>> _waits = [];
    private readonly CallInfo _call;
    private readonly AnalysisEngine _engine;
    private readonly EventOutbox _outbox;
    private readonly CustomerLook _look;
    private readonly ILogger _log;
    private Task<bool>? _message;
    private CallEndReason? _closing;
    private int _tickWaits;

    public CallPipeline(CallInfo call, AnalysisEngine engine, ICallScoreSink sink, ILogger log)
    {
        (_call, _engine, _log) = (call, engine, log);
        _outbox = new EventOutbox(sink, engine.Time, engine.Metrics, log);
        _look = new CustomerLook(engine.Customers, found => _inbox.Writer.TryWrite(found), log);
    }

    public void AddLeg(LegInfo leg, AudioPipe audio) => _inbox.Writer.TryWrite(new CallMessage.LegAdded(leg, audio));

    public void Update(CallInfo call) => _inbox.Writer.TryWrite(new CallMessage.Updated(call));

    public async ValueTask CloseAsync(CallEndReason reason, CancellationToken cancellationToken)
    {
        _inbox.Writer.TryWrite(new CallMessage.Close(reason));
        try
        {
            await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await _abort.CancelAsync().ConfigureAwait(false);   // the caller gave up; the loop ends by itself
        }
    }

    /// <summary>Runs until the call is closed and everything was handed on.</summary>
    public async Task RunAsync()
    {
        _outbox.Post(new CallStarted(_call, Now));
        var publishing = _outbox.RunAsync(_abort.Token);
        var timer = _engine.Time.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
        await using var _ = timer.ConfigureAwait(false);

        using var analysis = new CallAnalysis(_call, _engine, _outbox, (leg, job) => _inbox.Writer.TryWrite(new CallMessage.JobDone(leg, job)));
        StreamingLog.CallStarted(_log, _call.Id);
        _look.Follow(_call);
        await GuardAsync(analysis).ConfigureAwait(false);
        await _look.DisposeAsync().ConfigureAwait(false);

        var reason = _closing ?? CallEndReason.Lost;
        StreamingLog.CallEnded(_log, _call.Id, reason, analysis.Utterances, analysis.Gaps);
        _outbox.Post(new CallEnded(_call.Id, Now, reason));
        _outbox.Complete();
        await publishing.ConfigureAwait(false);
        _ended.TrySetResult();
    }

    public void Dispose() => _abort.Dispose();

    private Instant Now => Instant.Now(_engine.Time);

    private async Task GuardAsync(CallAnalysis analysis)
    {
        try
        {
            await AnalyseAsync(analysis).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            analysis.Abandon("worker_lost");
        }
        catch (Exception e)   // the call's outermost loop: this call gets no more analysis, the others do
        {
            StreamingLog.CallFailed(_log, e, _call.Id);
            _engine.Metrics.CallFailed();
            analysis.Abandon("recogniser_failed");
            foreach (var leg in analysis.Legs) analysis.OnGap(leg, leg.End, leg.End, "recogniser_failed");
            await DiscardAsync(analysis).ConfigureAwait(false);
        }
    }

    private async Task AnalyseAsync(CallAnalysis analysis)
    {
        while (true)
        {
            while (_inbox.Reader.TryRead(out var message)) Handle(analysis, message);
            analysis.Observe();
            if (AdvanceLegs(analysis)) continue;
            if (_closing is not null)
            {
                foreach (var leg in analysis.Legs) leg.Finish(analysis);
                if (analysis.Settled) return;
            }

            await WaitAsync(analysis).ConfigureAwait(false);
        }
    }

    private void Handle(CallAnalysis analysis, CallMessage message)
    {
        switch (message)
        {
            case CallMessage.LegAdded added: analysis.AddLeg(added.Leg, added.Audio); break;
            case CallMessage.Updated updated:
                analysis.Update(updated.Call);
                _look.Follow(updated.Call);
                break;
            case CallMessage.HistoryFound found when _look.IsNewest(found): analysis.Learn(found.History); break;
            case CallMessage.JobDone done: analysis.OnJobDone(done.Leg, done.Job); break;
            case CallMessage.Tick: Interlocked.Exchange(ref _tickWaits, 0); break;
            case CallMessage.Close close: _closing = close.Reason; break;
        }
    }

    // The leg that is furthest behind goes first; after some stretches messages get their turn.
    private bool AdvanceLegs(CallAnalysis analysis)
    {
        var worked = false;
        for (var i = 0; i < StretchesBeforeMessages; i++)
        {
            SpeechLeg? next = null;
            foreach (var leg in analysis.Legs)
                if (leg.HasAudio && (next is null || leg.End < next.End)) next = leg;

            if (next is null || !next.TryAdvance(Now, analysis)) return worked;
            worked = true;
        }

        return worked;
    }

    private async Task WaitAsync(CallAnalysis analysis)
    {
        _message ??= _inbox.Reader.WaitToReadAsync(_abort.Token).AsTask();
        var waits = new List<Task>(analysis.Legs.Count + 1) { _message };
        foreach (var leg in analysis.Legs.Where(leg => !leg.Ended))
        {
            if (!_waits.TryGetValue(leg, out var wait)) _waits[leg] = wait = leg.WaitToReadAsync(_abort.Token).AsTask();
            waits.Add(wait);
        }

        await Task.WhenAny(waits).ConfigureAwait(false);
        _abort.Token.ThrowIfCancellationRequested();
        if (_message.IsCompleted) _message = null;

        foreach (var leg in analysis.Legs)
        {
            if (!_waits.TryGetValue(leg, out var wait) || !wait.IsCompleted) continue;
            _waits.Remove(leg);
            if (!await wait.ConfigureAwait(false)) leg.Finish(analysis);   // completed and empty
        }
    }

    private void Tick()
    {
        if (Interlocked.Exchange(ref _tickWaits, 1) == 0) _inbox.Writer.TryWrite(CallMessage.Tick.Instance);
    }

    // After a failure the pipes are still read, so that the gateway's counts stay those of a call that is listened to.
    private async Task DiscardAsync(CallAnalysis analysis)
    {
        while (_closing is null && !_abort.IsCancellationRequested)
        {
            foreach (var leg in analysis.Legs) leg.Discard();
            _message ??= _inbox.Reader.WaitToReadAsync(_abort.Token).AsTask();
            await ((Task)_message).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _message = null;
            while (_inbox.Reader.TryRead(out var message))
            {
                if (message is CallMessage.Close close) _closing = close.Reason;
                else if (message is CallMessage.Updated updated) _outbox.Post(new CallUpdated(updated.Call, Now));
                else if (message is CallMessage.Tick) Interlocked.Exchange(ref _tickWaits, 0);
            }
        }
    }
}
