using System.Net.Sockets;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>One bound socket of the relay.</summary>
/// <param name="socket">Bound, not blocking.</param>
/// <param name="owner">The port it belongs to.</param>
/// <param name="isControl">RTCP's socket of the pair.</param>
internal sealed class RelaySocket(Socket socket, RelayPort owner, bool isControl)
{
    public Socket Socket { get; } = socket;

    public RelayPort Owner { get; } = owner;

    public bool IsControl { get; } = isControl;

    public bool IsIPv6 { get; } = socket.AddressFamily == AddressFamily.InterNetworkV6;

    public int Descriptor { get; } = (int)socket.Handle;

    /// <summary>Where it stands in the loop's table.</summary>
    public int Index { get; set; } = -1;

    /// <summary>The round of the loop that served it last.</summary>
    public long ServedIn { get; set; } = -1;
}

/// <summary>What became of a datagram to send.</summary>
internal enum SendOutcome
{
    Sent = 0,

    /// <summary>The system has no room for it.</summary>
    NoRoom,

    /// <summary>An earlier one met nobody, or there is no way there.</summary>
    Unreachable,
}

/// <summary>
/// Many sockets as one loop uses them: wait, then receive and send in a batch. Only <see cref="Wake"/> may be called from
/// another thread than the loop's. Datagrams lie in slots that this object owns; they are overwritten by the next receive.
/// </summary>
internal interface IRelaySockets : IDisposable
{
    /// <summary>Datagrams one <see cref="Receive"/> gives at most.</summary>
    const int Slots = 8;

    /// <summary>The largest datagram that is taken; a longer one is counted and dropped.</summary>
    const int MaxDatagram = 2_048;

    void Add(RelaySocket socket);

    void Remove(RelaySocket socket);

    /// <summary>Waits until a socket has something, somebody calls <see cref="Wake"/>, or the time is over.</summary>
    /// <param name="milliseconds">0 to look only, −1 without end.</param>
    /// <returns>Sockets that have something, up to a bound; the rest come next time.</returns>
    int Wait(int milliseconds);

    /// <summary>A socket that has something, 0 ≤ <paramref name="index"/> &lt; the count of <see cref="Wait"/>; null when it was removed since.</summary>
    RelaySocket? Ready(int index);

    /// <summary>Takes what is there. ICMP messages are counted at the socket's owner.</summary>
    /// <param name="socket">Which.</param>
    /// <param name="most">Datagrams to take at most, 1 to <see cref="Slots"/>.</param>
    int Receive(RelaySocket socket, int most);

    /// <summary>The buffer of a datagram, with room behind it.</summary>
    Span<byte> Slot(int index);

    /// <summary>Its length, −1 when it was longer than <see cref="MaxDatagram"/>.</summary>
    int Length(int index);

    PeerAddress Source(int index);

    SendOutcome Send(RelaySocket socket, ReadOnlySpan<byte> datagram, in PeerAddress destination);

    /// <summary>Stands still for a moment while packets gather.</summary>
    void Pause(TimeSpan time);

    void Wake();
}
