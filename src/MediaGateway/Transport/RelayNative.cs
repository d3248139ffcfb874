using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// The Linux calls of the relay loop (x86-64 and arm64 share these layouts). They work on descriptors of sockets that .NET
/// opened and keeps; all are set not to block.
/// </summary>
internal static unsafe partial class RelayNative
{
    public const int EpollIn = 1;
    public const int EpollError = 8;
    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int DontWait = 0x40;
    public const int Truncated = 0x20;
    public const int ErrorQueue = 0x2000;
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;
    public const int NetUnreachable = 101;

    /// <summary>Room for either socket address.</summary>
    public const int AddressLength = 28;

    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    /// <summary>struct epoll_event; packed on x86-64 only.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct PackedEvent
    {
        public uint Events;
        public ulong Data;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Vector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: a msghdr of 56 octets and the length received.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;
        public uint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, PackedEvent* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, PackedEvent* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, Message* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(int socket, void* buffer, nuint length, int flags, void* address, uint* addressLength);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    public static partial int Sleep(TimeSpec* time, TimeSpec* left);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "gettid")]
    public static partial int ThreadId();

    /// <summary>
    /// Asks the system to run the calling thread before others (nice −10). Needs CAP_SYS_NICE; without it the thread shares the
    /// processor like any other.
    /// </summary>
    public static void PreferThisThread() => _ = SetPriority(0, (uint)ThreadId(), -10);

    /// <summary>Reads sockaddr_in or sockaddr_in6.</summary>
    public static PeerAddress ReadAddress(byte* address)
    {
        var family = *(ushort*)address;
        var port = BinaryPrimitives.ReverseEndianness(*(ushort*)(address + 2));
        return family switch
        {
            FamilyIPv4 => PeerAddress.FromIPv4(BinaryPrimitives.ReverseEndianness(*(uint*)(address + 4)), port),
            FamilyIPv6 => new PeerAddress(BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(address + 8, 16)), port),
            _ => PeerAddress.None,
        };
    }

    /// <summary>Writes the address for a socket of the given family.</summary>
    /// <returns>Its length; 0 when the family cannot reach it.</returns>
    public static uint WriteAddress(byte* address, in PeerAddress peer, bool isIPv6)
    {
        *(ushort*)address = isIPv6 ? FamilyIPv6 : FamilyIPv4;
        *(ushort*)(address + 2) = BinaryPrimitives.ReverseEndianness(peer.Port);
        *(uint*)(address + 4) = isIPv6 ? 0 : BinaryPrimitives.ReverseEndianness(peer.IPv4);
        if (!isIPv6)
        {
            *(ulong*)(address + 8) = 0;
            return peer.IsIPv4 ? 16u : 0;
        }

        BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(address + 8, 16), peer.Address);
        *(uint*)(address + 24) = 0;
        return AddressLength;
    }
}
