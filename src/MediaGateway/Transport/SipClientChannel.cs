using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Signalling of one call placed by us: an own UDP socket, or an own TCP or TLS connection.</summary>
internal sealed class SipClientChannel : ISipChannel
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket? _udp;
    private readonly SipStreamConnection? _connection;
    private readonly ChannelWriter<SipMessage?> _received;
    private readonly Func<SipParseFailure, SipMessage?>? _salvage;
    private Task _running = Task.CompletedTask;

    private SipClientChannel(
        Socket? udp, SipStreamConnection? connection, SipFlow flow, ChannelWriter<SipMessage?> received, Func<SipParseFailure, SipMessage?>? salvage)
    {
        (_udp, _connection, Flow, _received, _salvage) = (udp, connection, flow, received, salvage);
    }

    public SipFlow Flow { get; }

    /// <summary>Opens a channel; the factory <see cref="RecordingClient"/> wants.</summary>
    /// <exception cref="IOException">The peer cannot be reached or proves to be another; the message says why.</exception>
    public static Task<ISipChannel> OpenAsync(SipTransport transport, IPEndPoint target, ChannelWriter<SipMessage?> received, CancellationToken cancellationToken) =>
        OpenAsync(null, "", null, transport, target, received, cancellationToken);

    /// <summary>A factory that can also open TLS, to a server whose certificate has this name.</summary>
    public static SipChannelFactory Over(SipTls tls, string name) =>
        (transport, target, received, cancellationToken) => OpenAsync(tls, name, null, transport, target, received, cancellationToken);

    /// <summary>A factory whose channels also hand on what is no whole message, as far as <paramref name="salvage"/> makes one of it.</summary>
    public static SipChannelFactory Salvaging(SipTls? tls, string name, Func<SipParseFailure, SipMessage?> salvage) =>
        (transport, target, received, cancellationToken) => OpenAsync(tls, name, salvage, transport, target, received, cancellationToken);

    private static async Task<ISipChannel> OpenAsync(
        SipTls? tls, string name, Func<SipParseFailure, SipMessage?>? salvage, SipTransport transport, IPEndPoint target,
        ChannelWriter<SipMessage?> received, CancellationToken cancellationToken)
    {
        var isUdp = transport == SipTransport.Udp;
        var socket = new Socket(target.AddressFamily, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
        try
        {
            // Connecting a UDP socket sends nothing: it chooses our address towards the peer and refuses strangers.
            await socket.ConnectAsync(target, cancellationToken);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException) throw new IOException($"{target} cannot be reached over {transport}: {e.Message}.", e);
            throw;
        }

        var flow = new SipFlow(transport, (IPEndPoint)socket.LocalEndPoint!, target);
        if (isUdp)
        {
            var datagrams = new SipClientChannel(socket, null, flow, received, salvage);
            datagrams._running = datagrams.ReceiveAsync();
            return datagrams;
        }

        var opened = await OpenStreamAsync(tls, name, transport, socket, target, cancellationToken);
        var channel = new SipClientChannel(null, new SipStreamConnection(flow, SipLimits.Default, TimeProvider.System), flow, received, salvage);
        channel._running = channel.RunStreamAsync(opened);
        return channel;
    }

    private static async Task<SipOpenStream> OpenStreamAsync(
        SipTls? tls, string name, SipTransport transport, Socket socket, IPEndPoint target, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        if (transport == SipTransport.Tcp) return new SipOpenStream(socket, new NetworkStream(socket, ownsSocket: true), []);
        if (tls is null)
        {
            socket.Dispose();
            throw new IOException("TLS is not set up for this client.");
        }

        var (stream, names, fault) = await tls.ConnectAsync(socket, name, cancellationToken);
        return stream is null
            ? throw new IOException($"{target} was reached, but not over TLS as {name}: {fault.Replace('_', ' ')}.")
            : new SipOpenStream(socket, stream, names);
    }

    public bool TrySend(SipOutput output)
    {
        if (_connection is not null) return _connection.TrySend(output.Bytes);
        try
        {
            return _udp!.Send(output.Bytes.Span) == output.Bytes.Length;
        }
        catch (SocketException)
        {
            return false;   // nobody listens there just now; the transaction tries again and gives up by its timer
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _udp?.Dispose();
        _stop.Dispose();
    }

    private async Task RunStreamAsync(SipOpenStream opened)
    {
        await _connection!.RunAsync(
            _ => Task.FromResult<SipOpenStream?>(opened),
            input =>
            {
                if ((input.Message ?? Salvage(input.Failure)) is { } message) _received.TryWrite(message);
                return ValueTask.CompletedTask;
            },
            (_, _) => ValueTask.FromResult(SipAdmissionVerdict.Take), _stop.Token);
        _received.TryWrite(null);
    }

    private SipMessage? Salvage(SipParseFailure? failure) => failure is null ? null : _salvage?.Invoke(failure);

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65_536];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await _udp!.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                if (SipMessageParser.TryParse(buffer.AsSpan(0, length), SipLimits.Default, out var message, out var failure) || (message = Salvage(failure)) is not null)
                    _received.TryWrite(message);
            }
            catch (SocketException)
            {
                // «Port unreachable» came back: the peer may be starting. The transaction repeats the request.
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
