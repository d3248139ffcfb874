using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;

namespace EdgeAssist.Testing;

/// <summary>What an impaired link did.</summary>
/// <param name="Sent">Datagrams that went in.</param>
/// <param name="Lost">Dropped on purpose.</param>
/// <param name="Duplicated">Sent twice.</param>
/// <param name="Reordered">Held back so that later ones overtake them.</param>
/// <param name="Delivered">Datagrams that came out.</param>
public readonly record struct LinkCounts(long Sent, long Lost, long Duplicated, long Reordered, long Delivered);

/// <summary>
/// A bad network between two UDP addresses, on real sockets: what arrives at <see cref="Entrance"/> goes to the far side
/// through a <see cref="NetworkEmulator"/>, what comes back from there goes to whoever used the entrance last through another.
/// The kernel here has no netem; this is its stand-in. The same seed gives the same fate to the same datagrams, whatever the
/// machine does; only the times are real.
/// </summary>
public sealed class ImpairedLink : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();   // the loop and readers of the counts
    private readonly Socket _near = Bind();
    private readonly Socket _far = Bind();
    private readonly SocketAddress _farSide;
    private readonly SocketAddress _nearSide = new(AddressFamily.InterNetwork);
    private readonly NetworkEmulator _out;
    private readonly NetworkEmulator _back;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _deliveredOut, _deliveredBack;
    private bool _hasNear;
    private volatile bool _stopping;

    /// <param name="farSide">Where the link leads; IPv4.</param>
    /// <param name="profile">How both directions treat datagrams.</param>
    /// <param name="seed">Of their fates; the way back has its own, derived from it.</param>
    /// <param name="time">The clock of the delays.</param>
    public ImpairedLink(IPEndPoint farSide, NetworkProfile profile, int seed, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(farSide);
        (_farSide, _time) = (farSide.Serialize(), time);
        (_out, _back) = (new NetworkEmulator(profile, seed), new NetworkEmulator(profile, ~seed));
        _thread = new Thread(Run) { IsBackground = true, Name = "impaired link" };
        _thread.Start();
    }

    /// <summary>Where the near side sends.</summary>
    public IPEndPoint Entrance => (IPEndPoint)_near.LocalEndPoint!;

    /// <summary>Where the far side sees it come from, and answers to.</summary>
    public IPEndPoint Exit => (IPEndPoint)_far.LocalEndPoint!;

    /// <summary>The way out, and the way back.</summary>
    public (LinkCounts Out, LinkCounts Back) Counts
    {
        get
        {
            lock (_gate) return (Of(_out, _deliveredOut), Of(_back, _deliveredBack));
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _near.Dispose();
        _far.Dispose();
    }

    private static LinkCounts Of(NetworkEmulator network, long delivered) => new(network.Sent, network.Lost, network.Duplicated, network.Reordered, delivered);

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Run()
    {
        var buffer = new byte[4_096];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!_stopping)
        {
            lock (_gate)
            {
                while (TryReceive(_near, buffer, from, out var length))
                {
                    from.Buffer.CopyTo(_nearSide.Buffer);
                    _hasNear = true;
                    _out.Send(buffer.AsSpan(0, length), Instant.Now(_time));
                }

                while (TryReceive(_far, buffer, from, out var length)) _back.Send(buffer.AsSpan(0, length), Instant.Now(_time));
                var now = Instant.Now(_time);
                _deliveredOut += Deliver(_out, _far, _farSide, now);
                if (_hasNear) _deliveredBack += Deliver(_back, _near, _nearSide, now);
            }

            // Either socket may have something next, and a datagram under way may arrive: a short look at one waits for all.
            _near.Poll(s_step, SelectMode.SelectRead);
        }
    }

    private static long Deliver(NetworkEmulator network, Socket socket, SocketAddress to, Instant now)
    {
        long delivered = 0;
        for (; network.TryReceive(now, out var datagram, out _); delivered++)
        {
            try
            {
                socket.SendTo(datagram, SocketFlags.None, to);
            }
            catch (SocketException)
            {
                // Nobody listens there any more: for the datagram that is one more way to get lost, and the counts tell.
                delivered--;
            }
        }

        return delivered;
    }

    private static bool TryReceive(Socket socket, byte[] buffer, SocketAddress from, out int length)
    {
        length = 0;
        if (socket.Available == 0) return false;
        try
        {
            length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
            return true;
        }
        catch (SocketException)
        {
            return false;   // an ICMP message about something sent before
        }
    }
}
