using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A port pair on a relay loop: that of a side of a call, or of its supervisor.</summary>
internal sealed class RelayPort : IDisposable
{
    /// <summary>The <see cref="Position"/> of a supervisor's port; the sides have those of <see cref="Calls.RelaySide"/>.</summary>
    public const int Supervisor = 2;

    private readonly RtpSocketPair _sockets;

    /// <param name="sockets">Bound; disposed with the port.</param>
    /// <param name="stream">Gets the datagrams.</param>
    /// <param name="position">Which of the stream's ports this is.</param>
    public RelayPort(RtpSocketPair sockets, RelayStream stream, int position)
    {
        (_sockets, Stream, Position) = (sockets, stream, position);
        sockets.Rtp.Blocking = sockets.Rtcp.Blocking = false;
        Rtp = new RelaySocket(sockets.Rtp, this, isControl: false);
        Rtcp = new RelaySocket(sockets.Rtcp, this, isControl: true);
        LocalEndPoint = (IPEndPoint)sockets.Rtp.LocalEndPoint!;
    }

    public RelayStream Stream { get; }

    public int Position { get; }

    public RelaySocket Rtp { get; }

    public RelaySocket Rtcp { get; }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>ICMP messages about what was sent from here.</summary>
    public long Unreachable { get; private set; }

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
        ForkDropped = end.ForkDropped,
        LastPacketAt = end.LastPacketAt,
        SilentFor = end.SilentFor(now),
    };

    public void Dispose() => _sockets.Dispose();
}
