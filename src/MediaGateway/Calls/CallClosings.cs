using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>
/// Calls on their way out: the last words may take analysis a while, and signalling must not wait for them. Each gets a
/// bounded time; what does not end in it is let go and counted. Added by the signalling loop, awaited by
/// the stopping host: hence the lock.
/// </summary>
internal sealed class CallClosings(TimeProvider time, TimeSpan limit, GatewayMetrics metrics, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Closes a call.</summary>
    public void Add(RecordedCall call, CallEndReason reason) => Add(call.Info.Id, token => call.CloseAsync(reason, token));

    /// <summary>Runs what ends a call, or a part of it.</summary>
    public void Add(CallId call, Func<CancellationToken, Task> close) => Track(RunAsync(call, close));

    /// <summary>Disposes one stream of a call that goes on.</summary>
    public void Add(IMediaLeg leg, CallId call) => Track(RunAsync(call, _ => leg.DisposeAsync().AsTask()));

    /// <summary>Completes when every call added so far has ended or was let go.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate) return Task.WhenAll(_running);
    }

    private void Track(Task task)
    {
        if (task.IsCompleted) return;
        lock (_gate)
        {
            _running.RemoveWhere(other => other.IsCompleted);
            _running.Add(task);
        }
    }

    private async Task RunAsync(CallId call, Func<CancellationToken, Task> close)
    {
        using var source = new CancellationTokenSource(limit, time);
        try
        {
            await close(source.Token);
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested)
        {
            metrics.CloseTimedOut();
            CallLog.CloseTimedOut(logger, call, limit.TotalSeconds);
        }
        catch (Exception e)
        {
            // The outermost frame of this task: one call's failure ends that call and nothing else.
            metrics.CloseFailed();
            CallLog.CloseFailed(logger, call, e);
        }
    }
}
