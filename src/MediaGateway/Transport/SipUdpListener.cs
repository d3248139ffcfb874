using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>One bound UDP port: a receive loop that parses, and a way to send.</summary>
internal sealed class SipUdpListener : IDisposable
{
    /// <summary>A socket that only fails is broken: then the service ends, loudly, instead of spinning.</summary>
    private const int MaxFailuresInARow = 1000;

    private readonly Socket _socket;
    private readonly SipLimits _limits;
    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;

    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public SipUdpListener(IPEndPoint endpoint, SipLimits limits, TimeProvider time, GatewayMetrics metrics)
    {
        (_limits, _time, _metrics) = (limits, time, metrics);
        _socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Packet information tells which of our addresses a datagram was sent to: what Contact and SDP must say.
            _socket.SetSocketOption(endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? SocketOptionLevel.IPv6 : SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            _socket.ReceiveBufferSize = 1024 * 1024;
            _socket.Bind(endpoint);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Whether a flow's messages leave by this socket.</summary>
    public bool Owns(SipFlow flow) => flow.Transport == SipTransport.Udp && flow.Local.Port == LocalEndPoint.Port
        && flow.Local.AddressFamily == LocalEndPoint.AddressFamily
        && (LocalEndPoint.Address.Equals(flow.Local.Address) || LocalEndPoint.Address.Equals(IPAddress.Any) || LocalEndPoint.Address.Equals(IPAddress.IPv6Any));

    /// <summary>Receives until the token ends it. When the channel is full the newest message is dropped: its sender will repeat it.</summary>
    public async Task ReceiveAsync(ChannelWriter<SipInput> inputs, SipAdmission admission, CancellationToken cancellationToken)
    {
        var buffer = new byte[65_536];
        var failures = 0;
        EndPoint any = new IPEndPoint(LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            SocketReceiveMessageFromResult received;
            try
            {
                received = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any, cancellationToken);
            }
            catch (SocketException) when (++failures < MaxFailuresInARow)
            {
                // An ICMP error about something sent earlier, or a datagram cut short: it ends nothing.
                _metrics.Dropped("receive_failed");
                continue;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && cancellationToken.IsCancellationRequested)
            {
                return;
            }

            failures = 0;
            var remote = (IPEndPoint)received.RemoteEndPoint;
            var verdict = admission.Judge(remote.Address, buffer.AsSpan(0, received.ReceivedBytes), Instant.Now(_time));
            if (verdict == SipAdmissionVerdict.Drop)
            {
                _metrics.Dropped("source_limit");
                continue;
            }

            var local = new IPEndPoint(received.PacketInformation.Address ?? LocalEndPoint.Address, LocalEndPoint.Port);
            var input = SipInput.Parse(buffer.AsSpan(0, received.ReceivedBytes), _limits, new SipFlow(SipTransport.Udp, local, remote));
            if (!inputs.TryWrite(input with { IsOverLimit = verdict == SipAdmissionVerdict.RefuseCall })) _metrics.Dropped("queue_full");
        }
    }

    public bool TrySend(SipOutput output)
    {
        try
        {
            return _socket.SendTo(output.Bytes.Span, output.Flow.Remote) == output.Bytes.Length;
        }
        catch (SocketException)
        {
            return false;   // out of reach just now; the transaction's timers send it again
        }
    }

    public void Dispose() => _socket.Dispose();
}
