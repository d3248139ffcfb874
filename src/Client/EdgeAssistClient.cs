using System.Runtime.CompilerServices;
using EdgeAssist.Client.Streams;
using Grpc.Core;

namespace EdgeAssist.Client;

/// <summary>
/// A relay's calls, alerts and prompts. Streams reconnect and resume by themselves: what happened while the connection was away comes
/// when it is back, once each and in order, or a <see cref="WatchItem{TSnapshot,TEvent}.Reset"/> says that it cannot.
/// </summary>
public sealed class EdgeAssistClient : IAsyncDisposable
{
    private readonly ConnectionSource _connections;
    private readonly EdgeAssistClientOptions _options;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private OpenConnection? _shared;

    /// <param name="address"><c>https://…</c>, or <c>http://…</c> without encryption, meant for loopback.</param>
    /// <param name="token">The access token. When it expires, streams end with <see cref="EdgeAssistError.Unauthenticated"/>.</param>
    /// <param name="options">How the client behaves.</param>
    public EdgeAssistClient(Uri address, string token, EdgeAssistClientOptions? options = null)
        : this([address], _ => ValueTask.FromResult(token), canRenew: false, options)
    {
    }

    /// <param name="address">See above.</param>
    /// <param name="token">Gives the access token of the moment; asked for every connection, so that streams outlive a token.</param>
    /// <param name="options">How the client behaves.</param>
    public EdgeAssistClient(Uri address, Func<CancellationToken, ValueTask<string>> token, EdgeAssistClientOptions? options = null)
        : this([address], token, canRenew: true, options)
    {
    }

    /// <param name="addresses">
    /// Relays that share one log. The first is used until it is gone, then the next: streams resume there where they were.
    /// </param>
    /// <param name="token">Gives the access token of the moment.</param>
    /// <param name="options">How the client behaves.</param>
    public EdgeAssistClient(IReadOnlyList<Uri> addresses, Func<CancellationToken, ValueTask<string>> token, EdgeAssistClientOptions? options = null)
        : this(addresses, token, canRenew: true, options)
    {
    }

    private EdgeAssistClient(IReadOnlyList<Uri> addresses, Func<CancellationToken, ValueTask<string>> token, bool canRenew, EdgeAssistClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Count == 0) throw new ArgumentException("There is no address to connect to.", nameof(addresses));
        foreach (var address in addresses)
        {
            ArgumentNullException.ThrowIfNull(address, nameof(addresses));
            if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
                throw new ArgumentException($"{address} is not an http or https address, for example https://relay.example:7443.", nameof(addresses));
        }

        _options = options ?? new EdgeAssistClientOptions();
        _connections = new ConnectionSource(addresses, token, canRenew, _options);
    }

    /// <summary>Follows alerts until cancelled.</summary>
    /// <param name="filter">Null: every alert in the token's scope.</param>
    /// <param name="snapshot">The alerts that are open first.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EdgeAssistException">Trying again would not help: token, scope or filter.</exception>
    public IAsyncEnumerable<WatchItem<V1.Alert, V1.AlertEvent>> WatchAlertsAsync(
        V1.AlertFilter? filter = null, bool snapshot = true, CancellationToken cancellationToken = default) =>
        WatchAsync(new AlertDialect(filter ?? new V1.AlertFilter()), snapshot, cancellationToken);

    /// <summary>Follows calls until cancelled.</summary>
    /// <param name="filter">Null: every call in the token's scope.</param>
    /// <param name="snapshot">The live calls with their words so far first.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EdgeAssistException">Trying again would not help: token, scope or filter.</exception>
    public IAsyncEnumerable<WatchItem<V1.CallDetail, V1.CallEvent>> WatchCallsAsync(
        V1.CallFilter? filter = null, bool snapshot = true, CancellationToken cancellationToken = default) =>
        WatchAsync(new CallDialect(filter ?? new V1.CallFilter()), snapshot, cancellationToken);

    /// <summary>Follows prompts and messages until cancelled.</summary>
    /// <param name="filter">Null: everything in the token's scope; of an agent, what is for them.</param>
    /// <param name="snapshot">What stands and is not read first.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EdgeAssistException">Trying again would not help: token, scope or filter.</exception>
    public IAsyncEnumerable<WatchItem<V1.AssistSnapshot, V1.AssistEvent>> WatchAssistAsync(
        V1.AssistFilter? filter = null, bool snapshot = true, CancellationToken cancellationToken = default) =>
        WatchAsync(new AssistDialect(filter ?? new V1.AssistFilter()), snapshot, cancellationToken);

    /// <summary>Says that a prompt is on the agent's screen.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.Prompt> MarkPromptShownAsync(string promptId, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).MarkShownAsync(new V1.PromptActionRequest { PromptId = promptId }, options), cancellationToken);

    /// <summary>The agent uses the prompt.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.Prompt> AcceptPromptAsync(string promptId, CancellationToken cancellationToken = default)
    {
        var request = new V1.PromptActionRequest { PromptId = promptId, RequestId = Guid.NewGuid().ToString("N") };
        return CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).AcceptAsync(request, options), cancellationToken);
    }

    /// <summary>The agent does not want the prompt. The reason may be empty.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.Prompt> DismissPromptAsync(string promptId, string reason = "", CancellationToken cancellationToken = default)
    {
        var request = new V1.PromptActionRequest { PromptId = promptId, RequestId = Guid.NewGuid().ToString("N"), Reason = reason };
        return CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).DismissAsync(request, options), cancellationToken);
    }

    /// <summary>The agent wants the prompt later, and quiet until then: 15 s to 30 minutes.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.Prompt> SnoozePromptAsync(string promptId, TimeSpan length, string reason = "", CancellationToken cancellationToken = default)
    {
        var request = new V1.SnoozePromptRequest
        {
            PromptId = promptId,
            RequestId = Guid.NewGuid().ToString("N"),
            Reason = reason,
            For = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(length),
        };
        return CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).SnoozeAsync(request, options), cancellationToken);
    }

    /// <summary>Prompts and messages of one call.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.ListPromptsResponse> ListPromptsAsync(string callId, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).ListAsync(new V1.ListPromptsRequest { CallId = callId }, options), cancellationToken);

    /// <summary>The library in force, with what was measured of its entries.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.ListEntriesResponse> ListEntriesAsync(V1.ListEntriesRequest? request = null, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).ListEntriesAsync(request ?? new V1.ListEntriesRequest(), options), cancellationToken);

    /// <summary>A supervisor writes to the agent of a live call.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.AgentMessage> SendMessageAsync(string callId, string text, CancellationToken cancellationToken = default)
    {
        var request = new V1.SendMessageRequest { CallId = callId, RequestId = Guid.NewGuid().ToString("N"), Text = text };
        return CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).SendMessageAsync(request, options), cancellationToken);
    }

    /// <summary>The agent has read a message.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.AgentMessage> MarkMessageReadAsync(string messageId, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Assist.AssistClient(invoker).MarkReadAsync(new V1.MarkReadRequest { MessageId = messageId }, options), cancellationToken);

    /// <summary>Takes the alert for the caller for a lease; repeating it renews the lease.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> ClaimAsync(string alertId, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.ClaimAsync(request, call), alertId, "", expectedVersion, cancellationToken);

    /// <summary>Makes the caller's own lease longer.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> RenewAsync(string alertId, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.RenewAsync(request, call), alertId, "", expectedVersion, cancellationToken);

    /// <summary>Gives the alert to the next tier of the rota.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> EscalateAsync(string alertId, string reason, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.EscalateAsync(request, call), alertId, reason, expectedVersion, cancellationToken);

    /// <summary>Says that alerts were shown to the caller.</summary>
    /// <param name="alertIds">At most 100.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many of them were not marked before.</returns>
    /// <exception cref="EdgeAssistException">It was refused, or the relay cannot be reached.</exception>
    public async Task<int> MarkShownAsync(IEnumerable<string> alertIds, CancellationToken cancellationToken = default)
    {
        var request = new V1.MarkShownRequest { AlertIds = { alertIds } };
        return (await CallAsync((invoker, options) => new V1.Alerts.AlertsClient(invoker).MarkShownAsync(request, options), cancellationToken)).Marked;
    }

    /// <summary>Adds a note to the alert, and what came of it.</summary>
    /// <param name="alertId">Which.</param>
    /// <param name="note">May be empty when there is a disposition.</param>
    /// <param name="disposition">What was done; empty: leaves the earlier one.</param>
    /// <param name="cancellationToken">Gives up waiting; it may have been done.</param>
    /// <exception cref="EdgeAssistException">It was refused, or the relay cannot be reached.</exception>
    public Task<V1.Alert> AnnotateAsync(string alertId, string note, string disposition = "", CancellationToken cancellationToken = default)
    {
        var request = new V1.AnnotateAlertRequest { AlertId = alertId, RequestId = Guid.NewGuid().ToString("N"), Note = note, Disposition = disposition };
        return CallAsync((invoker, options) => new V1.Alerts.AlertsClient(invoker).AnnotateAsync(request, options), cancellationToken);
    }

    /// <summary>Gives the alert back.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> ReleaseAsync(string alertId, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.ReleaseAsync(request, call), alertId, "", expectedVersion, cancellationToken);

    /// <summary>Says that the caller deals with it.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> AcknowledgeAsync(string alertId, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.AcknowledgeAsync(request, call), alertId, "", expectedVersion, cancellationToken);

    /// <summary>Ends the alert: it was right and the call was helped.</summary>
    /// <inheritdoc cref="DismissAsync"/>
    public Task<V1.Alert> ResolveAsync(string alertId, string reason = "", int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.ResolveAsync(request, call), alertId, reason, expectedVersion, cancellationToken);

    /// <summary>Ends the alert: it was not right.</summary>
    /// <param name="alertId">Which.</param>
    /// <param name="reason">Why; required to dismiss.</param>
    /// <param name="expectedVersion">The version the caller saw; 0: any.</param>
    /// <param name="cancellationToken">Gives up waiting; the action may have been done.</param>
    /// <returns>The alert as it is now.</returns>
    /// <exception cref="EdgeAssistException">It was refused, or the relay cannot be reached.</exception>
    public Task<V1.Alert> DismissAsync(string alertId, string reason, int expectedVersion = 0, CancellationToken cancellationToken = default) =>
        ActAsync((alerts, request, call) => alerts.DismissAsync(request, call), alertId, reason, expectedVersion, cancellationToken);

    /// <exception cref="EdgeAssistException">It was refused, or the relay cannot be reached.</exception>
    public Task<V1.Alert> GetAlertAsync(string alertId, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Alerts.AlertsClient(invoker).GetAsync(new V1.GetAlertRequest { AlertId = alertId }, options), cancellationToken);

    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.ListAlertsResponse> ListAlertsAsync(V1.ListAlertsRequest request, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Alerts.AlertsClient(invoker).ListAsync(request, options), cancellationToken);

    /// <summary>One call with its words and scores so far.</summary>
    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.CallDetail> GetCallAsync(string callId, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Calls.CallsClient(invoker).GetAsync(new V1.GetCallRequest { CallId = callId }, options), cancellationToken);

    /// <inheritdoc cref="GetAlertAsync"/>
    public Task<V1.ListCallsResponse> ListCallsAsync(V1.ListCallsRequest request, CancellationToken cancellationToken = default) =>
        CallAsync((invoker, options) => new V1.Calls.CallsClient(invoker).ListAsync(request, options), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _shared?.Dispose();
        _opening.Dispose();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<WatchItem<TSnapshot, TEvent>> WatchAsync<TResponse, TSnapshot, TEvent>(
        WatchDialect<TResponse, TSnapshot, TEvent> dialect, bool snapshot, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TResponse : Google.Protobuf.IMessage<TResponse>
        where TSnapshot : class
        where TEvent : class
    {
        await using var session = new WatchSession<TResponse, TSnapshot, TEvent>(dialect, _connections, snapshot, _options);
        while (true) yield return await session.NextAsync(cancellationToken);
    }

    private Task<V1.Alert> ActAsync(
        Func<V1.Alerts.AlertsClient, V1.AlertActionRequest, CallOptions, AsyncUnaryCall<V1.Alert>> act,
        string alertId, string reason, int expectedVersion, CancellationToken cancellationToken)
    {
        // One id for all attempts: the server does it once however often the answer gets lost.
        var request = new V1.AlertActionRequest
        {
            AlertId = alertId,
            RequestId = Guid.NewGuid().ToString("N"),
            ExpectedVersion = expectedVersion,
            Reason = reason,
        };
        return CallAsync((invoker, options) => act(new V1.Alerts.AlertsClient(invoker), request, options), cancellationToken);
    }

    private async Task<T> CallAsync<T>(Func<CallInvoker, CallOptions, AsyncUnaryCall<T>> start, CancellationToken cancellationToken)
    {
        const int attempts = 3;
        var backoff = new Backoff(_options.MinBackoff, _options.MaxBackoff, Random.Shared);
        for (var attempt = 1; ; attempt++)
        {
            var pause = backoff.Next();
            if (pause > TimeSpan.Zero) await Task.Delay(pause, _options.Time, cancellationToken);
            var connection = await SharedAsync(cancellationToken);
            try
            {
                using var call = start(connection.Invoker, connection.Options(DateTime.UtcNow + _options.CallTimeout, cancellationToken));
                return await call;
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable && attempt < attempts)
            {
                Drop(connection);
            }
            catch (RpcException error)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (error.StatusCode is StatusCode.Unauthenticated or StatusCode.Unavailable) Drop(connection);
                throw RelayFailure.Explain(error);
            }
        }
    }

    private async ValueTask<OpenConnection> SharedAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _shared) is { } open) return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _shared ??= await _connections.OpenAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    // Calls still under way on it end by themselves; the next one opens a new connection and asks for the token again.
    private void Drop(OpenConnection connection)
    {
        if (Interlocked.CompareExchange(ref _shared, null, connection) != connection) return;
        _connections.MoveOn(connection);
        connection.Dispose();
    }
}
