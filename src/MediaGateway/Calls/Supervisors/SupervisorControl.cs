using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>
/// Orders of supervisors on their way to the signalling loop, and reports on their way back. Callers of any thread, the media's
/// thread with pressed keys, and the loop meet here.
/// </summary>
internal sealed class SupervisorControl : ICallControl
{
    /// <summary>Orders that wait at once: people ask, not packets.</summary>
    private const int MaxWaiting = 256;

    private readonly Channel<Action<SupervisorDesk, Instant>> _orders = Channel.CreateBounded<Action<SupervisorDesk, Instant>>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly Lock _gate = new();
    private readonly List<Channel<ImmutableArray<InterventionReport>>> _watchers = [];
    private ImmutableArray<InterventionReport> _reports = [];

    /// <summary>Wakes the signalling loop. Set once by its owner.</summary>
    public Action? Wake { get; set; }

    public ValueTask<CallCapabilities?> CapabilitiesAsync(CallId call, string supervisor, CancellationToken cancellationToken) =>
        AskAsync((desk, _) => Task.FromResult(desk.CapabilitiesOf(call, supervisor)), null, cancellationToken);

    public ValueTask<ControlAnswer> JoinAsync(InterventionOrder order, CancellationToken cancellationToken) =>
        AskAsync((desk, now) => Task.FromResult(desk.Join(order, now)), s_busy, cancellationToken);

    public ValueTask<ControlAnswer> ChangeAsync(string intervention, InterventionMode mode, CancellationToken cancellationToken) =>
        AskAsync((desk, now) => desk.ChangeAsync(intervention, mode, now), s_busy, cancellationToken);

    public ValueTask<ControlAnswer> LeaveAsync(string intervention, CancellationToken cancellationToken) =>
        AskAsync((desk, now) => Task.FromResult(desk.Leave(intervention, now)), s_busy, cancellationToken);

    public async IAsyncEnumerable<ImmutableArray<InterventionReport>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lists = Channel.CreateBounded<ImmutableArray<InterventionReport>>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
        {
            _watchers.Add(lists);
            lists.Writer.TryWrite(_reports);
        }

        try
        {
            await foreach (var list in lists.Reader.ReadAllAsync(cancellationToken)) yield return list;
        }
        finally
        {
            lock (_gate) _watchers.Remove(lists);
        }
    }

    /// <summary>Puts in what nobody waits for; what does not fit is dropped.</summary>
    public void Post(Action<SupervisorDesk, Instant> order)
    {
        if (_orders.Writer.TryWrite(order)) Wake?.Invoke();
    }

    /// <summary>The next order. By the signalling loop.</summary>
    public bool TryTake(out Action<SupervisorDesk, Instant>? order) => _orders.Reader.TryRead(out order);

    /// <summary>Tells all watchers. By the signalling loop.</summary>
    public void Publish(ImmutableArray<InterventionReport> reports)
    {
        lock (_gate)
        {
            _reports = reports;
            foreach (var watcher in _watchers) watcher.Writer.TryWrite(reports);
        }
    }

    private static readonly ControlAnswer s_busy = ControlAnswer.Refused("busy", "The gateway has too many orders waiting. Try again.");

    private async ValueTask<T> AskAsync<T>(Func<SupervisorDesk, Instant, Task<T>> ask, T otherwise, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_orders.Writer.TryWrite((desk, now) => done.TrySetResult(ask(desk, now)))) return otherwise;
        Wake?.Invoke();
        return await (await done.Task.WaitAsync(cancellationToken)).WaitAsync(cancellationToken);
    }
}
