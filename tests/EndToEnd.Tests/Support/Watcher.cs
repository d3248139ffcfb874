using EdgeAssist.Client;
using EdgeAssist.V1;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>Something that came over a stream, and when.</summary>
internal sealed record Heard<T>(T Value, DateTimeOffset At);

/// <summary>
/// Follows all calls and alerts of a relay as a desktop would and keeps what comes. Its two readers and the tests meet under
/// its lock.
/// </summary>
internal sealed class Watcher : IAsyncDisposable
{
    private readonly EdgeAssistClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Heard<CallEvent>> _calls = [];
    private readonly List<Heard<AlertEvent>> _alerts = [];
    private readonly List<string> _resets = [];
    private readonly Task _reading;
    private TaskCompletionSource _changed = NewSignal();
    private int _streamsOpen;
    private int _reconnects;
    private Exception? _failure;

    public Watcher(EdgeAssistClient client)
    {
        _client = client;
        _reading = Task.WhenAll(
            ReadAsync(client.WatchCallsAsync(cancellationToken: _stop.Token), _calls),
            ReadAsync(client.WatchAlertsAsync(cancellationToken: _stop.Token), _alerts));
    }

    public IReadOnlyList<Heard<CallEvent>> Calls => Locked(() => _calls.ToArray());

    public IReadOnlyList<Heard<AlertEvent>> Alerts => Locked(() => _alerts.ToArray());

    /// <summary>Histories that could not be resumed.</summary>
    public IReadOnlyList<string> Resets => Locked(() => _resets.ToArray());

    /// <summary>Connections lost and mended.</summary>
    public int Reconnects => Locked(() => _reconnects);

    /// <summary>Both streams are open: nothing that begins from here on is missed.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => WaitAsync(() => _streamsOpen >= 2, cancellationToken);

    /// <summary>Waits until so many journaled call events came.</summary>
    public Task WaitForEventsAsync(int count, CancellationToken cancellationToken) =>
        WaitAsync(() => _calls.Count(heard => heard.Value.Offset > 0) >= count, cancellationToken);

    public Task WaitForOffsetAsync(long offset, CancellationToken cancellationToken) =>
        WaitAsync(() => _calls.Any(heard => heard.Value.Offset >= offset), cancellationToken);

    public Task WaitForEndAsync(string sipCallId, CancellationToken cancellationToken) =>
        WaitAsync(() => Of(sipCallId).Any(heard => heard.Value.KindCase == CallEvent.KindOneofCase.Ended), cancellationToken);

    /// <summary>Waits until something came that fits.</summary>
    public Task WaitForAsync(Func<IReadOnlyList<Heard<CallEvent>>, IReadOnlyList<Heard<AlertEvent>>, bool> fits, CancellationToken cancellationToken) =>
        WaitAsync(() => fits(_calls, _alerts), cancellationToken);

    /// <summary>Waits until some call has a final with words.</summary>
    public Task WaitForFinalAsync(CancellationToken cancellationToken) =>
        WaitAsync(() => _calls.Any(heard => heard.Value.Transcript is { Final: true, Text.Length: > 0 }), cancellationToken);

    /// <summary>Waits until so many calls ended.</summary>
    public Task WaitForEndingsAsync(int count, CancellationToken cancellationToken) =>
        WaitAsync(() => _calls.Count(heard => heard.Value.KindCase == CallEvent.KindOneofCase.Ended) >= count, cancellationToken);

    public IReadOnlyList<Heard<CallEvent>> EventsOf(string sipCallId) => Locked(() => Of(sipCallId).ToArray());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _client.DisposeAsync();
        _stop.Dispose();
    }

    private IEnumerable<Heard<CallEvent>> Of(string sipCallId)
    {
        var id = _calls.Select(heard => heard.Value.Started).FirstOrDefault(
            call => call is not null && call.CorrelationIds.TryGetValue("sip-call-id", out var value) && value == sipCallId)?.CallId;
        return id is null ? [] : _calls.Where(heard => heard.Value.CallId == id);
    }

    private async Task ReadAsync<TSnapshot, TEvent>(IAsyncEnumerable<WatchItem<TSnapshot, TEvent>> stream, List<Heard<TEvent>> into)
    {
        try
        {
            await foreach (var item in stream) Change(() => Take(item, into));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test has seen enough.
        }
        catch (EdgeAssistException refused)
        {
            Change(() => _failure = refused);
        }
    }

    private void Take<TSnapshot, TEvent>(WatchItem<TSnapshot, TEvent> item, List<Heard<TEvent>> into)
    {
        switch (item)
        {
            case WatchItem<TSnapshot, TEvent>.Event { Value: var value }:
                into.Add(new Heard<TEvent>(value, TimeProvider.System.GetUtcNow()));
                break;
            case WatchItem<TSnapshot, TEvent>.Reset { Reason: var reason }:
                _resets.Add(reason);
                break;
            case WatchItem<TSnapshot, TEvent>.SnapshotEnd:
                _streamsOpen++;
                break;
            case WatchItem<TSnapshot, TEvent>.Connection { State: ConnectionState.Reconnecting }:
                _reconnects++;
                break;
        }
    }

    private async Task WaitAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                if (_failure is not null) throw new InvalidOperationException("A stream ended: " + _failure.Message, _failure);
                if (isSo()) return;
                change = _changed.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            (changed, _changed) = (_changed, NewSignal());
        }

        changed.SetResult();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
