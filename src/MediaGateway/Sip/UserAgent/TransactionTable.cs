using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Transactions;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>A server transaction with the flow its responses take.</summary>
internal sealed class ServerEntry(TransactionKey key, IServerTransaction transaction, SipFlow reply, string? merge) : ITimed
{
    public TransactionKey Key => key;

    public IServerTransaction Transaction => transaction;

    public SipFlow Reply => reply;

    /// <summary>Identity of the request without its Via, null inside a dialog (§8.2.2.2).</summary>
    public string? Merge => merge;

    /// <summary>The session an INVITE opened or belongs to.</summary>
    public SipSession? Session { get; set; }

    public Instant Deadline => transaction.Deadline;

    public void OnTime(Instant now) => transaction.OnTime(now);
}

/// <summary>A client transaction with the flow its request took and who waits for the answer.</summary>
internal sealed class ClientEntry(TransactionKey key, IClientTransaction transaction, SipFlow flow, Action<SipResponse?, Instant> answered) : ITimed
{
    public TransactionKey Key => key;

    public IClientTransaction Transaction => transaction;

    public SipFlow Flow => flow;

    /// <summary>Called with every response, and with null when none came in time.</summary>
    public Action<SipResponse?, Instant> Answered => answered;

    public Instant Deadline => transaction.Deadline;

    public void OnTime(Instant now) => transaction.OnTime(now);
}

/// <summary>Live transactions by key (RFC 3261 §17), and the requests they came from, to tell a merged one.</summary>
internal sealed class TransactionTable
{
    private readonly Dictionary<TransactionKey, ServerEntry> _servers = [];
    private readonly Dictionary<TransactionKey, ClientEntry> _clients = [];
    private readonly Dictionary<string, TransactionKey> _merges = new(StringComparer.Ordinal);

    public int Count => _servers.Count + _clients.Count;

    /// <summary>Requests of ours that wait for their final answer.</summary>
    public int PendingCount => _clients.Values.Count(client => client.Transaction.IsPending);

    public IReadOnlyList<ClientEntry> ClientsOn(long connection) => [.. _clients.Values.Where(client => client.Flow.IsReliable && client.Flow.Connection == connection)];

    /// <summary>Connections that requests of ours went over.</summary>
    public IEnumerable<long> ClientConnections => _clients.Values.Where(client => client.Flow.IsReliable).Select(client => client.Flow.Connection);

    public ServerEntry? FindServer(TransactionKey key) => _servers.GetValueOrDefault(key);

    public ClientEntry? FindClient(TransactionKey key) => _clients.GetValueOrDefault(key);

    public ClientEntry? FindClient(SipResponse response) => _clients.GetValueOrDefault(TransactionKey.OfClient(response));

    /// <summary>Whether the same request already came by another way (RFC 3261 §8.2.2.2).</summary>
    public bool IsMerged(SipRequest request, TransactionKey key) =>
        MergeKey(request) is { } merge && _merges.TryGetValue(merge, out var first) && first != key;

    public ServerEntry AddServer(SipRequest request, SipFlow flow, SipTimers timers)
    {
        var key = TransactionKey.OfServer(request);
        IServerTransaction transaction = request.Method == SipMethod.Invite
            ? new InviteServerTransaction(request, timers, flow.IsReliable)
            : new NonInviteServerTransaction(request, timers, flow.IsReliable);
        var merge = MergeKey(request);
        var entry = new ServerEntry(key, transaction, flow.ForResponse(request.Via), merge);
        _servers.Add(key, entry);
        if (merge is not null) _merges.TryAdd(merge, key);
        return entry;
    }

    public ClientEntry AddClient(IClientTransaction transaction, SipFlow flow, Action<SipResponse?, Instant> answered)
    {
        var entry = new ClientEntry(TransactionKey.OfClient(transaction.Request), transaction, flow, answered);
        _clients.Add(entry.Key, entry);
        return entry;
    }

    public void Remove(ServerEntry entry)
    {
        _servers.Remove(entry.Key);
        if (entry.Merge is { } merge && _merges.TryGetValue(merge, out var first) && first == entry.Key) _merges.Remove(merge);
    }

    public void Remove(ClientEntry entry) => _clients.Remove(entry.Key);

    private static string? MergeKey(SipRequest request) =>
        request.To.Tag is null ? $"{request.CallId} {request.From.Tag} {request.CSeq}" : null;
}
