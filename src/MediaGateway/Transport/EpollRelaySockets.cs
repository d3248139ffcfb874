using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeAssist.MediaGateway.Relay;
using static EdgeAssist.MediaGateway.Transport.RelayNative;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Linux: one epoll for all sockets, level-triggered; <c>recvfrom</c>, where more waits <c>recvmmsg</c>, and <c>sendto</c> without blocking. Buffers are pinned
/// once; a datagram allocates nothing. Other ways that were tried, and their figures, stand in Relay/README.md.
/// </summary>
internal sealed unsafe class EpollRelaySockets : IRelaySockets
{
    private const int SlotLength = IRelaySockets.MaxDatagram + 256;
    private const int MaxReady = 512;
    private const ulong WakeMark = ulong.MaxValue;

    private const int IPLevel = 0, IPv6Level = 41, ReceiveErrors = 11, ReceiveErrors6 = 25, TypeOfService = 1, TrafficClass = 67;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(SlotLength * IRelaySockets.Slots, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(AddressLength * (IRelaySockets.Slots + 1), pinned: true);
    private readonly Message[] _messages = GC.AllocateArray<Message>(IRelaySockets.Slots, pinned: true);
    private readonly Vector[] _vectors = GC.AllocateArray<Vector>(IRelaySockets.Slots, pinned: true);
    private readonly PackedEvent[] _events = GC.AllocateArray<PackedEvent>(MaxReady, pinned: true);
    private readonly int[] _lengths = new int[IRelaySockets.Slots];
    private readonly int _dscp;
    private RelaySocket?[] _sockets = new RelaySocket?[64];
    private readonly Stack<int> _freeIndices = new();
    private int _used;

    /// <param name="dscp">DiffServ code point of what is sent.</param>
    /// <exception cref="Win32Exception">The system has no descriptors left.</exception>
    public EpollRelaySockets(int dscp)
    {
        const int closeOnExec = 0x80000, nonBlocking = 0x800;
        _dscp = dscp;
        _epoll = Check(EpollCreate(closeOnExec), "epoll_create1");
        _wake = Check(EventDescriptor(0, closeOnExec | nonBlocking), "eventfd");
        Watch(_wake, WakeMark);
        for (var i = 0; i < IRelaySockets.Slots; i++)
        {
            _vectors[i] = new Vector { Base = Unsafe.AsPointer(ref _buffer[i * SlotLength]), Length = IRelaySockets.MaxDatagram };
            _messages[i] = new Message
            {
                Name = Unsafe.AsPointer(ref _names[i * AddressLength]),
                Vectors = (Vector*)Unsafe.AsPointer(ref _vectors[i]),
                VectorCount = 1,
            };
        }
    }

    /// <summary>Whether this machine has what the class needs.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public void Add(RelaySocket socket)
    {
        // Both options are aids: a system that refuses them relays all the same, without marks and without hearing of ICMP.
        var (errors, service) = (1, _dscp << 2);
        _ = SetOption(socket.Descriptor, socket.IsIPv6 ? IPv6Level : IPLevel, socket.IsIPv6 ? ReceiveErrors6 : ReceiveErrors, &errors, sizeof(int));
        if (socket.IsIPv6) _ = SetOption(socket.Descriptor, IPv6Level, TrafficClass, &service, sizeof(int));
        _ = SetOption(socket.Descriptor, IPLevel, TypeOfService, &service, sizeof(int));

        if (!_freeIndices.TryPop(out var index)) index = _used++;
        if (index == _sockets.Length) Array.Resize(ref _sockets, 2 * index);
        socket.Index = index;
        _sockets[index] = socket;
        Watch(socket.Descriptor, (ulong)index);
    }

    public void Remove(RelaySocket socket)
    {
        if (socket.Index < 0) return;
        var change = default(PackedEvent);
        _ = EpollControl(_epoll, EpollDelete, socket.Descriptor, &change);
        _sockets[socket.Index] = null;
        _freeIndices.Push(socket.Index);
        socket.Index = -1;
    }

    public int Wait(int milliseconds)
    {
        var count = EpollWait(_epoll, (PackedEvent*)Unsafe.AsPointer(ref _events[0]), MaxReady, milliseconds);
        return Math.Max(0, count);   // a signal interrupts it: nothing is ready
    }

    public RelaySocket? Ready(int index)
    {
        ref var happened = ref _events[index];
        if (happened.Data == WakeMark)
        {
            ulong value;
            _ = Read(_wake, &value, sizeof(ulong));
            return null;
        }

        var socket = _sockets[happened.Data];
        if ((happened.Events & EpollError) != 0 && socket is not null) DrainErrors(socket);
        return socket;
    }

    public int Receive(RelaySocket socket, int most)
    {
        for (var attempt = 0; ; attempt++)
        {
            var count = most == 1 ? ReceiveOne(socket.Descriptor) : ReceiveMany(socket.Descriptor, most);
            if (count >= 0) return count;

            // An ICMP message stands in front of the datagrams; once read it is out of the way.
            if (Marshal.GetLastPInvokeError() is TryAgain or Interrupted || attempt == 2) return 0;
            DrainErrors(socket);
        }
    }

    public Span<byte> Slot(int index) => _buffer.AsSpan(index * SlotLength, SlotLength);

    public int Length(int index) => _lengths[index];

    public PeerAddress Source(int index) => ReadAddress((byte*)_messages[index].Name);

    public SendOutcome Send(RelaySocket socket, ReadOnlySpan<byte> datagram, in PeerAddress destination)
    {
        var name = (byte*)Unsafe.AsPointer(ref _names[IRelaySockets.Slots * AddressLength]);
        var nameLength = WriteAddress(name, destination, socket.IsIPv6);
        if (nameLength == 0) return SendOutcome.Unreachable;

        fixed (byte* start = datagram)
        {
            for (var attempt = 0; ; attempt++)
            {
                if (SendTo(socket.Descriptor, start, (nuint)datagram.Length, DontWait, name, nameLength) >= 0) return SendOutcome.Sent;
                switch (Marshal.GetLastPInvokeError())
                {
                    case Interrupted when attempt < 2:
                        continue;
                    case ConnectionRefused or HostUnreachable or NetUnreachable when attempt < 2:
                        DrainErrors(socket);   // it speaks of an earlier datagram; this one is still to be sent
                        continue;
                    case ConnectionRefused or HostUnreachable or NetUnreachable:
                        return SendOutcome.Unreachable;
                    default:
                        return SendOutcome.NoRoom;
                }
            }
        }
    }

    public void Pause(TimeSpan time)
    {
        var wanted = new TimeSpec { Nanoseconds = time.Ticks * 100 };
        _ = Sleep(&wanted, null);
    }

    public void Wake()
    {
        var one = 1UL;
        _ = Write(_wake, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = Close(_epoll);
        _ = Close(_wake);
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call} failed, the media relay cannot start: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary>One datagram, the usual case: with MSG_TRUNC the call gives its whole length, longer than the slot or not.</summary>
    private int ReceiveOne(int descriptor)
    {
        uint nameLength = AddressLength;
        var length = ReceiveFrom(descriptor, _vectors[0].Base, IRelaySockets.MaxDatagram, DontWait | Truncated, _messages[0].Name, &nameLength);
        if (length < 0) return -1;
        _lengths[0] = length > IRelaySockets.MaxDatagram ? -1 : (int)length;
        return 1;
    }

    private int ReceiveMany(int descriptor, int most)
    {
        for (var i = 0; i < most; i++) _messages[i].NameLength = AddressLength;
        var count = RelayNative.ReceiveMany(descriptor, (Message*)Unsafe.AsPointer(ref _messages[0]), (uint)most, DontWait, null);
        for (var i = 0; i < count; i++) _lengths[i] = (_messages[i].Flags & Truncated) != 0 ? -1 : (int)_messages[i].Length;
        return count;
    }

    /// <summary>Reads the ICMP messages that wait at a socket (IP_RECVERR) and counts them.</summary>
    private static void DrainErrors(RelaySocket socket)
    {
        const int most = 16;
        Span<byte> room = stackalloc byte[512];
        fixed (byte* start = room)
        {
            for (var i = 0; i < most; i++)
            {
                var vector = new Vector { Base = start, Length = 256 };
                var message = new Message { Vectors = &vector, VectorCount = 1, Control = start + 256, ControlLength = 256 };
                if (ReceiveMessage(socket.Descriptor, &message, ErrorQueue | DontWait) < 0) return;
                socket.Owner.OnUnreachable();
            }
        }
    }

    private void Watch(int descriptor, ulong mark)
    {
        var change = new PackedEvent { Events = EpollIn, Data = mark };
        Check(EpollControl(_epoll, EpollAdd, descriptor, &change), "epoll_ctl");
    }
}
