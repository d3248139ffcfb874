using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A port pair on a relay loop: that of a side of a call, or of a supervisor.</summary>
internal sealed class RelayPort : IDisposable
{
    /// <summary>The <see cref="Position"/> of a supervisor's port; the sides have those of <see cref="Calls.RelaySide"/>.</summary>
    public const int Supervisor = 2;

    private readonly RtpSocketPair _sockets;
    private long? _droppedAtEnd;

    /// <param name="sockets">Bound; disposed with the port.</param>
    /// <param name="owner">Gets the datagrams.</param>
    /// <param name="position">Which of the owner's ports this is.</param>
    public RelayPort(RtpSocketPair sockets, IRelayPortOwner owner, int position)
    {
        (_sockets, Owner, Position) = (sockets, owner, position);
        sockets.Rtp.Blocking = sockets.Rtcp.Blocking = false;
        Rtp = new RelaySocket(sockets.Rtp, this, isControl: false);
        Rtcp = new RelaySocket(sockets.Rtcp, this, isControl: true);
        LocalEndPoint = (IPEndPoint)sockets.Rtp.LocalEndPoint!;
    }

    public IRelayPortOwner Owner { get; }

    public int Position { get; }

    public RelaySocket Rtp { get; }

    public RelaySocket Rtcp { get; }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>ICMP messages about what was sent from here.</summary>
    public long Unreachable { get; private set; }

    /// <summary>Datagrams the kernel dropped because the sockets' buffers were full (SO_MEMINFO); 0 where it does not say.</summary>
    public long KernelDropped => _droppedAtEnd ?? Dropped(_sockets.Rtp) + Dropped(_sockets.Rtcp);

    public void OnUnreachable() => Unreachable++;

    /// <summary>What was counted at the port and at the side behind it.</summary>
    public RelaySideStatistics StatisticsOf(RelayEnd end, Instant now) => new()
    {
        PacketsReceived = end.PacketsReceived,
        BytesReceived = end.BytesReceived,
        PacketsSent = end.PacketsSent,
        Lost = end.Lost,
        ControlReceived = end.ControlReceived,
        ControlSent = end.ControlSent,
        WrongSource = end.WrongSource,
        Unauthenticated = end.Unauthenticated,
        Malformed = end.Malformed,
        UnknownPayloadType = end.UnknownPayloadType,
        NotForwarded = end.NotForwarded,
        SendFailed = end.SendFailed,
        Unreachable = Unreachable,
        KernelDropped = KernelDropped,
        ForkDropped = end.ForkDropped,
        LastPacketAt = end.LastPacketAt,
        SilentFor = end.SilentFor(now),
    };

    public void Dispose()
    {
        _droppedAtEnd = KernelDropped;
        _sockets.Dispose();
    }

    private static long Dropped(Socket socket)
    {
        const int socketLevel = 1, memoryInfo = 55, dropsIndex = 8;
        if (!OperatingSystem.IsLinux()) return 0;
        Span<uint> values = stackalloc uint[dropsIndex + 1];
        try
        {
            return socket.GetRawSocketOption(socketLevel, memoryInfo, MemoryMarshal.AsBytes(values)) == 4 * values.Length ? values[dropsIndex] : 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return 0;   // an old kernel, or the port was closed between the look and the question
        }
    }
}
