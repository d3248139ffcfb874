using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Resolution;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// A small DNS client: UDP, and TCP for what does not fit; the servers in turn, each twice; answers kept by their time to live. A
/// query leaves by a socket of its own, so that a forged answer has to guess port and id. Called from any thread.
/// </summary>
/// <param name="servers">Asked in order.</param>
/// <param name="time">Clock.</param>
/// <param name="askSystem">For addresses that DNS does not know, the system is asked too: its table of hosts.</param>
internal sealed class DnsClient(ImmutableArray<IPEndPoint> servers, TimeProvider time, bool askSystem)
{
    private const int MaxAliases = 4;
    private const int TriesEach = 2;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();   // callers meet at the cache
    private readonly DnsCache _cache = new();

    /// <summary>A client of the servers that the system uses.</summary>
    public static DnsClient OfSystem(TimeProvider time) => new(ReadServers("/etc/resolv.conf"), time, askSystem: true);

    /// <summary>Records of a type, aliases followed; see <see cref="DnsLookup"/>.</summary>
    public async Task<ImmutableArray<DnsRecord>> LookupAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        name = name.TrimEnd('.').ToLowerInvariant();
        lock (_lock)
        {
            if (_cache.TryGet(name, type, Instant.Now(time), out var known)) return known;
        }

        var asked = await AskAsync(name, type, MaxAliases, cancellationToken);
        var records = asked ?? [];
        if (records.IsEmpty && askSystem && type is DnsType.A or DnsType.Aaaa) records = await AskSystemAsync(name, type, cancellationToken);
        if (asked is null && records.IsEmpty) return [];   // nobody answered: asked again next time
        lock (_lock) _cache.Put(name, type, records, Instant.Now(time));
        return records;
    }

    private async Task<ImmutableArray<DnsRecord>?> AskAsync(string name, DnsType type, int aliases, CancellationToken cancellationToken)
    {
        if (await QueryAsync(name, type, cancellationToken) is not { } reply) return null;
        var (owner, life) = (name, TimeSpan.MaxValue);
        for (var i = 0; i <= aliases; i++)
        {
            var found = reply.Records.Where(record => record.Type == type && record.Name == owner).ToImmutableArray();
            if (!found.IsEmpty) return [.. found.Select(record => record with { TimeToLive = record.TimeToLive < life ? record.TimeToLive : life })];
            if (reply.Records.OfType<DnsAlias>().FirstOrDefault(record => record.Name == owner) is not { } alias) break;
            (owner, life) = (alias.Target, alias.TimeToLive < life ? alias.TimeToLive : life);
        }

        // The alias leads out of this answer.
        return owner != name && aliases > 0 ? await AskAsync(owner, type, aliases - 1, cancellationToken) : [];
    }

    private async Task<DnsReply?> QueryAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        var id = BinaryPrimitives.ReadUInt16LittleEndian(RandomNumberGenerator.GetBytes(2));
        if (DnsMessage.TryWriteQuery(id, name, type) is not { } query) return new DnsReply(3, IsTruncated: false, []);   // no such name can exist
        for (var i = 0; i < TriesEach * servers.Length; i++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_patience);
            try
            {
                var server = servers[i % servers.Length];
                var reply = await AskUdpAsync(server, query, id, name, type, limit.Token);
                if (reply.IsTruncated) reply = await AskTcpAsync(server, query, id, name, type, limit.Token);
                if (reply is { IsUsable: true }) return reply;
            }
            catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // This server is silent or away: the next one.
            }
        }

        return null;
    }

    private static async Task<DnsReply> AskUdpAsync(IPEndPoint server, byte[] query, ushort id, string name, DnsType type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query, cancellationToken);
        var buffer = new byte[4096];
        while (true)
        {
            // What is no reply to this query was forged or late: the right one may still come.
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (DnsMessage.TryReadReply(buffer.AsSpan(0, length), id, name, type, out var reply)) return reply;
        }
    }

    private static async Task<DnsReply?> AskTcpAsync(IPEndPoint server, byte[] query, ushort id, string name, DnsType type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        byte[] framed = [(byte)(query.Length >> 8), (byte)query.Length, .. query];
        await socket.SendAsync(framed, cancellationToken);
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        var length = new byte[2];
        try
        {
            await stream.ReadExactlyAsync(length, cancellationToken);
            var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(message, cancellationToken);
            return DnsMessage.TryReadReply(message, id, name, type, out var reply) ? reply : null;
        }
        catch (IOException)
        {
            return null;   // cut short
        }
    }

    private static async Task<ImmutableArray<DnsRecord>> AskSystemAsync(string name, DnsType type, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(name, type == DnsType.A ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, cancellationToken);
            return [.. addresses.Select(address => new DnsAddress(name, type, TimeSpan.FromSeconds(30), address))];
        }
        catch (SocketException)
        {
            return [];   // not known there either
        }
    }

    private static ImmutableArray<IPEndPoint> ReadServers(string file)
    {
        if (!File.Exists(file)) return [];
        return
        [
            .. File.ReadLines(file).Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is ["nameserver", _, ..]).Select(words => IPAddress.TryParse(words[1], out var address) ? address : null)
                .OfType<IPAddress>().Take(3).Select(address => new IPEndPoint(address, 53)),
        ];
    }
}
