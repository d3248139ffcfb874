using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Every way signalling has in and out: the bound ports and the connections, taken or opened by us. A message for a
/// connection that is gone opens it again, to where the message says (RFC 3261 §18.1.1, §18.2.2); the new connection keeps the
/// flow's number. The signalling loop sends and sweeps; each connection's task adds and removes itself.
/// </summary>
internal sealed class SipTransports : IDisposable
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    private readonly SipAdmission _admission;
    private readonly SipTls? _tls;
    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;
    private readonly SipLimits _limits = SipLimits.Default;
    private readonly List<SipUdpListener> _udp = [];
    private readonly List<SipStreamListener> _streams = [];
    private readonly ConcurrentDictionary<long, SipStreamConnection> _connections = new();
    private readonly ConcurrentDictionary<(SipTransport, IPEndPoint), long> _opened = new();   // connections of ours, to use again
    private readonly ConcurrentDictionary<long, Task> _dialled = new();
    private ChannelWriter<SipInput>? _inputs;
    private CancellationToken _stopping;
    private long _lastNumber;

    /// <param name="admission">Asked before anything is parsed.</param>
    /// <param name="tls">TLS; null when it is not configured.</param>
    /// <param name="time">Clock.</param>
    /// <param name="metrics">Counts what is dropped.</param>
    public SipTransports(SipAdmission admission, SipTls? tls, TimeProvider time, GatewayMetrics metrics)
    {
        (_admission, _tls, _time, _metrics) = (admission, tls, time, metrics);
    }

    /// <summary>A connection that carries no call and brought no message for this long is cut (its peer opens another when it needs one).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections we opened get a ping when we sent nothing for this long.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Connections of one port, and those opened by us, at once.</summary>
    public int MaxConnections { get; init; } = 1024;

    public int ConnectionCount => _connections.Count;

    /// <summary>Binds a port.</summary>
    /// <returns>Where it really is.</returns>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public IPEndPoint Bind(SipTransport transport, IPEndPoint endpoint)
    {
        if (transport == SipTransport.Udp)
        {
            _udp.Add(new SipUdpListener(endpoint, _limits, _time, _metrics));
            return _udp[^1].LocalEndPoint;
        }

        _streams.Add(new SipStreamListener(transport, endpoint, _metrics));
        return _streams[^1].LocalEndPoint;
    }

    /// <summary>The ports of one transport, in the order they were bound.</summary>
    public ImmutableArray<IPEndPoint> EndPoints(SipTransport transport) => transport == SipTransport.Udp
        ? [.. _udp.Select(listener => listener.LocalEndPoint)]
        : [.. _streams.Where(listener => listener.Transport == transport).Select(listener => listener.LocalEndPoint)];

    /// <summary>Receives on every port until the token ends it; returns when the last connection has ended.</summary>
    public async Task RunAsync(ChannelWriter<SipInput> inputs, CancellationToken cancellationToken)
    {
        (_inputs, _stopping) = (inputs, cancellationToken);
        var loops = _udp.Select(listener => listener.ReceiveAsync(inputs, _admission, cancellationToken))
            .Concat(_streams.Select(listener => listener.AcceptAsync(ServeAsync, MaxConnections, cancellationToken)))
            .Append(_tls?.WatchAsync(cancellationToken) ?? Task.CompletedTask);
        await Task.WhenAll(loops);
        await Task.WhenAll(_dialled.Values);
    }

    /// <summary>A way to a peer: a connection of ours that still stands, or a new one that opens with the first message sent over it.</summary>
    /// <returns>Null when no port of this transport and address family is bound, so that the peer could not come back.</returns>
    /// <param name="transport">Transport.</param>
    /// <param name="remote">The peer.</param>
    /// <param name="domain">The domain whose server it is; a connection that was opened for another one is not used again (RFC 5922 §4).</param>
    public SipFlow? FlowTo(SipTransport transport, IPEndPoint remote, string domain = "")
    {
        if (_opened.TryGetValue((transport, remote), out var number) && _connections.TryGetValue(number, out var standing) && standing.Flow.Domain == domain) return standing.Flow;
        var bound = EndPoints(transport).FirstOrDefault(candidate => candidate.AddressFamily == remote.AddressFamily);
        if (bound is null || LocalAddressTo(remote, bound.Address) is not { } local) return null;
        return new SipFlow(transport, new IPEndPoint(local, bound.Port), remote, transport == SipTransport.Udp ? 0 : Interlocked.Increment(ref _lastNumber)) { Domain = domain };
    }

    /// <summary>Sends; null when there is no way, false when the way is full or out of reach just now.</summary>
    public bool? Send(SipOutput output)
    {
        if (!output.Flow.IsReliable) return _udp.FirstOrDefault(listener => listener.Owns(output.Flow))?.TrySend(output);
        var isRequest = output.Status == 0;
        if (_connections.TryGetValue(output.Flow.Connection, out var connection) && !(isRequest && connection.IsSpent) && connection.TrySend(output.Bytes)) return true;
        return Dial(output);
    }

    /// <summary>Cuts connections that are of no use to anyone, and keeps alive those of ours that are. Called now and then by the signalling loop.</summary>
    /// <param name="inUse">Numbers of the connections that calls go over.</param>
    /// <param name="now">Now.</param>
    public void Sweep(IReadOnlySet<long> inUse, Instant now)
    {
        foreach (var (number, connection) in _connections)
        {
            var isUsed = inUse.Contains(number);
            if (!isUsed && now - connection.LastActivity >= IdleTimeout)
            {
                _metrics.Dropped("idle_connection");
                connection.Close();
            }
            else if (isUsed && connection.IsOurs) connection.PingAfter(PingInterval, now);
        }
    }

    public void Dispose()
    {
        foreach (var listener in _udp) listener.Dispose();
        foreach (var listener in _streams) listener.Dispose();
    }

    private async Task ServeAsync(Socket accepted, SipTransport transport)
    {
        await Task.Yield();   // the accept loop goes on at once
        if (Describe(accepted, transport) is not { } flow)
        {
            accepted.Dispose();   // gone before it was looked at
            return;
        }

        if (!_admission.TryConnect(flow.Remote.Address, transport == SipTransport.Tls))
        {
            _metrics.Dropped("source_connections");
            accepted.Dispose();
            return;
        }

        var connection = new SipStreamConnection(flow, _limits, _time);
        await RunAsync(connection, token => ShakeAsync(accepted, transport, token));
        _admission.Disconnect(flow.Remote.Address);
    }

    private SipFlow? Describe(Socket accepted, SipTransport transport)
    {
        try
        {
            Prepare(accepted);
            return new SipFlow(transport, (IPEndPoint)accepted.LocalEndPoint!, (IPEndPoint)accepted.RemoteEndPoint!, Interlocked.Increment(ref _lastNumber));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task<bool> RunAsync(SipStreamConnection connection, Func<CancellationToken, Task<SipOpenStream?>> open)
    {
        var number = connection.Flow.Connection;
        _connections[number] = connection;
        try
        {
            return await connection.RunAsync(open, input => _inputs!.WriteAsync(input, _stopping), (message, token) => AdmitAsync(connection.Flow, message, token), _stopping);
        }
        finally
        {
            _connections.TryRemove(new KeyValuePair<long, SipStreamConnection>(number, connection));
        }
    }

    private async ValueTask<SipAdmissionVerdict> AdmitAsync(SipFlow flow, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (verdict, wait) = _admission.JudgeStream(flow.Remote.Address, message.Span, Instant.Now(_time));
            if (wait == TimeSpan.Zero) return verdict;
            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    private async Task<SipOpenStream?> ShakeAsync(Socket accepted, SipTransport transport, CancellationToken cancellationToken)
    {
        if (transport != SipTransport.Tls) return new SipOpenStream(accepted, new NetworkStream(accepted, ownsSocket: true), []);
        var (stream, names, fault) = await _tls!.AcceptAsync(accepted, cancellationToken);
        if (stream is not null) return new SipOpenStream(accepted, stream, names);
        _metrics.TlsRefused(fault);
        return null;
    }

    /// <summary>Opens the connection a message wants to leave by; the message waits in its queue.</summary>
    private bool? Dial(SipOutput output)
    {
        if (_inputs is null || _stopping.IsCancellationRequested || output.Elsewhere is not { } target) return null;
        if (_dialled.Count >= MaxConnections) return false;

        var flow = output.Flow with { Remote = target, PeerNames = [] };
        var connection = new SipStreamConnection(flow, _limits, _time) { IsOurs = true };
        connection.TrySend(output.Bytes);
        _connections[flow.Connection] = connection;   // at once: the next message must not open another
        _opened[(flow.Transport, target)] = flow.Connection;
        var running = DialAsync(connection, output.ElsewhereName);
        _dialled[flow.Connection] = running;
        if (running.IsCompleted) _dialled.TryRemove(flow.Connection, out _);
        return true;
    }

    private async Task DialAsync(SipStreamConnection connection, string name)
    {
        await Task.Yield();
        var flow = connection.Flow;
        var stood = await RunAsync(connection, token => ConnectAsync(flow, name, token));
        _opened.TryRemove(new KeyValuePair<(SipTransport, IPEndPoint), long>((flow.Transport, flow.Remote), flow.Connection));
        _dialled.TryRemove(flow.Connection, out _);
        if (stood) return;
        _metrics.Dropped("connect_failed");
        if (!_stopping.IsCancellationRequested) _inputs!.TryWrite(new SipInput(null, null, flow) { IsUnreachable = true });
    }

    private async Task<SipOpenStream?> ConnectAsync(SipFlow flow, string name, CancellationToken cancellationToken)
    {
        var socket = new Socket(flow.Remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_connectTimeout);
        try
        {
            await socket.ConnectAsync(flow.Remote, limit.Token);
            Prepare(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }

        if (flow.Transport == SipTransport.Tcp) return new SipOpenStream(socket, new NetworkStream(socket, ownsSocket: true), []);
        if (_tls is null)
        {
            socket.Dispose();
            return null;
        }

        var (stream, names, fault) = await _tls.ConnectAsync(socket, name, cancellationToken);
        if (stream is not null) return new SipOpenStream(socket, stream, names);
        _metrics.TlsRefused(fault);
        return null;
    }

    /// <summary>Small messages leave at once; a peer that vanished is noticed within a minute and a half.</summary>
    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 45);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Our address on the way to a peer: the bound one, or what the routing table says (connecting a UDP socket sends nothing).</summary>
    private static IPAddress? LocalAddressTo(IPEndPoint remote, IPAddress bound)
    {
        if (!bound.Equals(IPAddress.Any) && !bound.Equals(IPAddress.IPv6Any)) return bound;
        using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Connect(remote);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;   // no route
        }
    }
}
