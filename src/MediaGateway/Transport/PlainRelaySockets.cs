using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// The same by <see cref="Socket"/> alone, for systems without epoll. It looks at every socket each time round, which costs
/// with their number; correct everywhere, fast with few calls.
/// </summary>
internal sealed class PlainRelaySockets : IRelaySockets
{
    private const int SlotLength = IRelaySockets.MaxDatagram + 256;

    private readonly List<RelaySocket> _sockets = [];
    private readonly List<RelaySocket> _ready = [];
    private readonly AutoResetEvent _woken = new(false);
    private readonly byte[] _buffer = new byte[SlotLength * IRelaySockets.Slots];
    private readonly int[] _lengths = new int[IRelaySockets.Slots];
    private readonly PeerAddress[] _sources = new PeerAddress[IRelaySockets.Slots];
    private readonly SocketAddress _from4 = new(AddressFamily.InterNetwork), _from6 = new(AddressFamily.InterNetworkV6);
    private readonly SocketAddress _to4 = new(AddressFamily.InterNetwork), _to6 = new(AddressFamily.InterNetworkV6);

    public void Add(RelaySocket socket)
    {
        socket.Index = _sockets.Count;
        _sockets.Add(socket);
    }

    public void Remove(RelaySocket socket)
    {
        if (socket.Index < 0) return;
        _sockets[socket.Index] = _sockets[^1];
        _sockets[socket.Index].Index = socket.Index;
        _sockets.RemoveAt(_sockets.Count - 1);
        socket.Index = -1;
    }

    public int Wait(int milliseconds)
    {
        _ready.Clear();
        foreach (var socket in _sockets)
            if (socket.Socket.Available > 0) _ready.Add(socket);
        if (_ready.Count > 0 || milliseconds == 0) return _ready.Count;

        // Nothing can be waited for together with a wake-up here, so the sockets are looked at again soon.
        if (_sockets.Count == 0) _woken.WaitOne(milliseconds);
        else _woken.WaitOne(2);
        return 0;
    }

    public RelaySocket? Ready(int index) => _ready[index].Index < 0 ? null : _ready[index];

    public int Receive(RelaySocket socket, int most)
    {
        var from = socket.IsIPv6 ? _from6 : _from4;
        var count = 0;
        for (; count < most && socket.Socket.Available > 0; count++)
        {
            try
            {
                from.Size = from.Buffer.Length;
                _lengths[count] = socket.Socket.ReceiveFrom(Slot(count)[..IRelaySockets.MaxDatagram], SocketFlags.None, from);
                _sources[count] = Read(from);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.MessageSize)
            {
                (_lengths[count], _sources[count]) = (-1, Read(from));
            }
            catch (SocketException)
            {
                socket.Owner.OnUnreachable();   // ICMP about something sent earlier
                break;
            }
        }

        return count;
    }

    public Span<byte> Slot(int index) => _buffer.AsSpan(index * SlotLength, SlotLength);

    public int Length(int index) => _lengths[index];

    public PeerAddress Source(int index) => _sources[index];

    public SendOutcome Send(RelaySocket socket, ReadOnlySpan<byte> datagram, in PeerAddress destination)
    {
        if (!socket.IsIPv6 && !destination.IsIPv4) return SendOutcome.Unreachable;
        var to = socket.IsIPv6 ? _to6 : _to4;
        Write(to, destination, socket.IsIPv6);
        try
        {
            socket.Socket.SendTo(datagram, SocketFlags.None, to);
            return SendOutcome.Sent;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable ? SendOutcome.NoRoom : SendOutcome.Unreachable;
        }
    }

    public void Pause(TimeSpan time) => _woken.WaitOne(time);

    public void Wake() => _woken.Set();

    public void Dispose() => _woken.Dispose();

    private static PeerAddress Read(SocketAddress address)
    {
        var octets = address.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(octets[2..]);
        return address.Family == AddressFamily.InterNetworkV6
            ? new PeerAddress(BinaryPrimitives.ReadUInt128BigEndian(octets[8..]), port)
            : PeerAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets[4..]), port);
    }

    private static void Write(SocketAddress address, in PeerAddress peer, bool isIPv6)
    {
        var octets = address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(octets[2..], peer.Port);
        if (isIPv6) BinaryPrimitives.WriteUInt128BigEndian(octets[8..], peer.Address);
        else BinaryPrimitives.WriteUInt32BigEndian(octets[4..], peer.IPv4);
    }
}
