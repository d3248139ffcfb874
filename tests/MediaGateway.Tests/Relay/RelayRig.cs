using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>A relay and two phones around it, on loopback with real sockets.</summary>
internal sealed class RelayRig : IAsyncDisposable
{
    public static readonly MediaFormat Pcmu = new(0, "PCMU", 8_000, 1, "");
    public static readonly MediaFormat Pcma = new(8, "PCMA", 8_000, 1, "");
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private readonly MediaRelay _relay;

    private RelayRig(MediaRelay relay, IRelayStream stream, RelayPhone caller, RelayPhone callee) =>
        (_relay, Stream, Caller, Callee) = (relay, stream, caller, callee);

    public IRelayStream Stream { get; }

    public RelayPhone Caller { get; }

    public RelayPhone Callee { get; }

    public MediaRelay Relay => _relay;

    public static MediaRelay NewRelay(bool native = true, Action<RelayOptions>? configure = null)
    {
        var options = new RelayOptions { Address = "127.0.0.1", PortMin = 0, PortMax = 0 };
        configure?.Invoke(options);
        return new MediaRelay(options, TimeProvider.System, NullLogger.Instance, native);
    }

    /// <summary>Opens a stream between two phones.</summary>
    public static RelayRig Open(bool native = true, bool fork = false, Func<RelaySidePlan, RelaySidePlan>? caller = null, Func<RelaySidePlan, RelaySidePlan>? callee = null, IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        var relay = NewRelay(native, options => options.Address = address.ToString());
        var (a, b) = (new RelayPhone(address), new RelayPhone(address));
        var stream = relay.TryOpen(new RelayPlan
        {
            Origin = Instant.Now(TimeProvider.System),
            Fork = fork,
            Caller = (caller ?? Same)(Plan(a)),
            Callee = (callee ?? Same)(Plan(b)),
        });
        Assert.NotNull(stream);
        a.Relay = stream.LocalEndPoint(RelaySide.Caller);
        b.Relay = stream.LocalEndPoint(RelaySide.Callee);
        return new RelayRig(relay, stream, a, b);

        static RelaySidePlan Same(RelaySidePlan plan) => plan;
    }

    public static RelaySidePlan Plan(RelayPhone phone, params ImmutableArray<MediaFormat> formats) => new()
    {
        Remote = phone.EndPoint,
        Formats = formats.IsDefaultOrEmpty ? [Pcmu, Pcma] : formats,
    };

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        await _relay.DisposeAsync();
        Caller.Dispose();
        Callee.Dispose();
    }
}

/// <summary>A phone's RTP and RTCP sockets.</summary>
internal sealed class RelayPhone : IDisposable
{
    private readonly RtpSocketPair _pair;
    private readonly byte[] _buffer = new byte[4_096];

    public RelayPhone(IPAddress address)
    {
        _pair = RtpSocketPair.TryBindAny(address, 1 << 20)!;
        EndPoint = (IPEndPoint)_pair.Rtp.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>The relay's port for this phone.</summary>
    public IPEndPoint Relay { get; set; } = new(IPAddress.Loopback, 0);

    public uint Ssrc { get; set; } = (uint)Random.Shared.Next();

    public ushort Sequence { get; set; } = (ushort)Random.Shared.Next();

    public uint Timestamp { get; set; } = (uint)Random.Shared.Next();

    /// <summary>Sends the next packet of a stream.</summary>
    public void Send(ReadOnlySpan<byte> payload, byte payloadType = 0)
    {
        SendRaw(Packet(payload, payloadType));
        Sequence++;
        Timestamp += (uint)payload.Length;
    }

    public byte[] Packet(ReadOnlySpan<byte> payload, byte payloadType = 0)
    {
        var packet = new byte[12 + payload.Length];
        new RtpHeader(payloadType, false, new SequenceNumber(Sequence), Timestamp, Ssrc).Write(packet);
        payload.CopyTo(packet.AsSpan(12));
        return packet;
    }

    public void SendRaw(ReadOnlySpan<byte> datagram) => _pair.Rtp.SendTo(datagram, SocketFlags.None, Relay);

    public void SendControl(ReadOnlySpan<byte> datagram) =>
        _pair.Rtcp.SendTo(datagram, SocketFlags.None, new IPEndPoint(Relay.Address, Relay.Port + 1));

    /// <summary>The next RTP datagram, with the port it came from.</summary>
    public Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => ReceiveAsync(_pair.Rtp, cancellationToken);

    public Task<byte[]> ReceiveControlAsync(CancellationToken cancellationToken) => ReceiveAsync(_pair.Rtcp, cancellationToken);

    /// <summary>Datagrams waiting, in octets.</summary>
    public int Waiting => _pair.Rtp.Available;

    public int ControlWaiting => _pair.Rtcp.Available;

    public void Dispose() => _pair.Dispose();

    private async Task<byte[]> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        var result = await socket.ReceiveFromAsync(_buffer, SocketFlags.None, new IPEndPoint(EndPoint.Address, 0), cancellationToken);
        return _buffer.AsSpan(0, result.ReceivedBytes).ToArray();
    }
}
