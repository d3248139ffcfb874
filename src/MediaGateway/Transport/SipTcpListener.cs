using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>One bound TCP port and its connections. The accept loop adds to the table, the signalling loop looks up, each connection's task removes itself.</summary>
internal sealed class SipTcpListener : IDisposable
{
    /// <summary>A socket that only fails is broken: then the service ends, loudly, instead of spinning.</summary>
    private const int MaxFailuresInARow = 1000;

    private readonly Socket _socket;
    private readonly SipLimits _limits;
    private readonly GatewayMetrics _metrics;
    private readonly ConcurrentDictionary<long, SipTcpConnection> _connections = new();
    private static long s_numbers;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public SipTcpListener(IPEndPoint endpoint, SipLimits limits, GatewayMetrics metrics)
    {
        (_limits, _metrics) = (limits, metrics);
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(endpoint);
            _socket.Listen(128);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint LocalEndPoint { get; }

    public SipTcpConnection? Find(SipFlow flow) => _connections.GetValueOrDefault(flow.Connection);

    /// <summary>Accepts and serves connections until the token ends it; returns when the last of them has ended.</summary>
    public async Task AcceptAsync(ChannelWriter<SipInput> inputs, int maxConnections, CancellationToken cancellationToken)
    {
        var failures = 0;
        var serving = new List<Task>();
        while (!cancellationToken.IsCancellationRequested)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync(cancellationToken);
            }
            catch (SocketException) when (++failures < MaxFailuresInARow)
            {
                _metrics.Dropped("accept_failed");
                continue;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && cancellationToken.IsCancellationRequested)
            {
                break;
            }

            failures = 0;
            serving.RemoveAll(task => task.IsCompleted);
            if (_connections.Count < maxConnections) serving.Add(ServeAsync(accepted, inputs, cancellationToken));
            else
            {
                _metrics.Dropped("too_many_connections");
                accepted.Dispose();
            }
        }

        await Task.WhenAll(serving);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync(Socket accepted, ChannelWriter<SipInput> inputs, CancellationToken cancellationToken)
    {
        SipTcpConnection connection;
        try
        {
            connection = new SipTcpConnection(accepted, Interlocked.Increment(ref s_numbers), _limits);
        }
        catch (SocketException)
        {
            accepted.Dispose();   // gone before it was looked at
            return;
        }

        await using (connection)
        {
            _connections[connection.Flow.Connection] = connection;
            await connection.RunAsync(input => inputs.WriteAsync(input, cancellationToken), cancellationToken);
            _connections.TryRemove(connection.Flow.Connection, out _);
        }
    }
}
