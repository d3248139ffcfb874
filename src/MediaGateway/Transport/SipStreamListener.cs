using System.Net;
using System.Net.Sockets;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>One bound TCP port, for SIP over TCP or TLS: an accept loop that hands each connection to its owner.</summary>
internal sealed class SipStreamListener : IDisposable
{
    /// <summary>A socket that only fails is broken: then the service ends, loudly, instead of spinning.</summary>
    private const int MaxFailuresInARow = 1000;

    private readonly Socket _socket;
    private readonly GatewayMetrics _metrics;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public SipStreamListener(SipTransport transport, IPEndPoint endpoint, GatewayMetrics metrics)
    {
        (Transport, _metrics) = (transport, metrics);
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(endpoint);
            _socket.Listen(512);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public SipTransport Transport { get; }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Accepts until the token ends it; returns when the last connection has ended.</summary>
    /// <param name="serve">Owns an accepted socket until its connection ends; never throws.</param>
    /// <param name="maxConnections">Connections of this port at once.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    public async Task AcceptAsync(Func<Socket, SipTransport, Task> serve, int maxConnections, CancellationToken cancellationToken)
    {
        var failures = 0;
        var serving = new HashSet<Task>();
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
            if (serving.Count >= maxConnections) serving.RemoveWhere(task => task.IsCompleted);
            if (serving.Count < maxConnections) serving.Add(serve(accepted, Transport));
            else
            {
                _metrics.Dropped("too_many_connections");
                accepted.Dispose();
            }
        }

        await Task.WhenAll(serving);
    }

    public void Dispose() => _socket.Dispose();
}
