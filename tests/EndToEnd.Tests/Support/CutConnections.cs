using System.Net.Sockets;
using EdgeAssist.Client;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>A client's way to the relay that can be cut as a pulled cable would, without a goodbye.</summary>
internal sealed class CutConnections
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];

    public EdgeAssistClientOptions Options => new()
    {
        MinBackoff = TimeSpan.FromMilliseconds(50),
        MaxBackoff = TimeSpan.FromMilliseconds(400),
        ConfigureHandler = handler => handler.ConnectCallback = ConnectAsync,
    };

    /// <summary>Resets every connection now open.</summary>
    /// <returns>How many there were.</returns>
    public int Cut()
    {
        lock (_gate)
        {
            var count = _open.Count;
            foreach (var socket in _open)
            {
                // Linger 0 closes with RST: neither side gets to say anything more.
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                socket.Close();
            }

            _open.Clear();
            return count;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        lock (_gate) _open.Add(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
