using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.Testing;

namespace EdgeAssist.MediaGateway.Tests.Sip.Resolution;

/// <summary>Records as a name server has them, and the octets of its replies.</summary>
internal sealed class DnsZone
{
    private readonly List<(string Name, DnsType Type, uint Life, byte[] Data)> _records = [];

    public DnsZone A(string name, string address, uint life = 60) => Add(name, DnsType.A, life, IPAddress.Parse(address).GetAddressBytes());

    public DnsZone Aaaa(string name, string address, uint life = 60) => Add(name, DnsType.Aaaa, life, IPAddress.Parse(address).GetAddressBytes());

    public DnsZone Alias(string name, string target) => Add(name, DnsType.CName, 60, Name(target));

    public DnsZone Srv(string name, int priority, int weight, int port, string target, uint life = 60) =>
        Add(name, DnsType.Srv, life, [.. Number(priority), .. Number(weight), .. Number(port), .. Name(target)]);

    public DnsZone Naptr(string name, int order, int preference, string service, string replacement) =>
        Add(name, DnsType.Naptr, 60, [.. Number(order), .. Number(preference), .. Text("s"), .. Text(service), .. Text(""), .. Name(replacement)]);

    /// <summary>The reply to a query, or its head alone, marked as truncated.</summary>
    public byte[] Answer(ReadOnlySpan<byte> query, bool truncate = false)
    {
        var end = 12;
        while (query[end] != 0) end += query[end] + 1;
        end += 5;
        var name = ReadName(query);
        var type = (DnsType)((query[end - 4] << 8) | query[end - 3]);
        var found = _records.Where(record => record.Name == name && (record.Type == type || record.Type == DnsType.CName)).ToList();
        var code = _records.Exists(record => record.Name == name) ? 0 : 3;
        if (truncate) found.Clear();
        List<byte> reply = [query[0], query[1], (byte)(0x81 | (truncate ? 2 : 0)), (byte)(0x80 | code), 0, 1, .. Number(found.Count), 0, 0, 0, 0, .. query[12..end]];
        foreach (var record in found)   // owners by a pointer to the question, as servers do
            reply.AddRange([0xC0, 12, .. Number((int)record.Type), 0, 1, .. Number((int)(record.Life >> 16)), .. Number((int)(record.Life & 0xFFFF)), .. Number(record.Data.Length), .. record.Data]);
        return [.. reply];
    }

    public static string ReadName(ReadOnlySpan<byte> query)
    {
        var labels = new List<string>();
        for (var at = 12; query[at] != 0; at += query[at] + 1) labels.Add(Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
        return string.Join('.', labels);
    }

    private DnsZone Add(string name, DnsType type, uint life, byte[] data)
    {
        _records.Add((name, type, life, data));
        return this;
    }

    private static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Name(string name) => [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(Text), 0];
}

/// <summary>A name server on loopback, UDP and TCP on one port.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _queries;

    public DnsServer(DnsZone zone, bool truncates = false, Func<byte[], IEnumerable<byte[]>>? forge = null)
    {
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, LoopbackPorts.Free()));
        _tcp = new TcpListener((IPEndPoint)_udp.LocalEndPoint!);
        _tcp.Start();
        _running = Task.WhenAll(ServeUdpAsync(zone, truncates, forge), ServeTcpAsync(zone));
    }

    public IPEndPoint EndPoint => (IPEndPoint)_udp.LocalEndPoint!;

    public int Queries => Volatile.Read(ref _queries);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _udp.Dispose();
        _tcp.Dispose();
        _stop.Dispose();
    }

    private async Task ServeUdpAsync(DnsZone zone, bool truncates, Func<byte[], IEnumerable<byte[]>>? forge)
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                Interlocked.Increment(ref _queries);
                var reply = zone.Answer(buffer.AsSpan(0, received.ReceivedBytes), truncates);
                foreach (var forged in forge?.Invoke(reply) ?? []) await _udp.SendToAsync(forged, received.RemoteEndPoint);
                await _udp.SendToAsync(reply, received.RemoteEndPoint);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync(DnsZone zone)
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var query = new byte[(length[0] << 8) | length[1]];
                await stream.ReadExactlyAsync(query, _stop.Token);
                var reply = zone.Answer(query);
                byte[] framed = [(byte)(reply.Length >> 8), (byte)reply.Length, .. reply];
                await stream.WriteAsync(framed, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
