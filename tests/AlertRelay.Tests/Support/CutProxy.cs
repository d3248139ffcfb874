using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>
/// A network between client and relay that can go bad: it forwards bytes, or keeps connections open and forwards nothing
/// more (half-open), or resets them.
/// </summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _end = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private volatile bool _holds;

    public CutProxy(Uri relay)
    {
        _target = relay.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Accepted { get; private set; }

    /// <summary>Nothing is forwarded any more in either direction, and nobody is told.</summary>
    public void Hold() => _holds = true;

    public void LetGo() => _holds = false;

    /// <summary>Ends every connection with a reset.</summary>
    public void Cut()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets)
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }

            _sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested) return;
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptSocketAsync(_end.Token);
                Accepted++;
                var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                near.NoDelay = true;
                await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                lock (_sockets) _sockets.AddRange([near, far]);
                _ = ForwardAsync(near, far);
                _ = ForwardAsync(far, near);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy, or the relay behind it, is gone.
        }
    }

    private async Task ForwardAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var length)
            {
                if (_holds) continue;   // taken from the wire and lost, as behind a router that died
                await to.SendAsync(buffer.AsMemory(0, length), _end.Token);
            }

            if (!_holds) to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
