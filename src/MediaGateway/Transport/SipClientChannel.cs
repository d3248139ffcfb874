using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Signalling of one call placed by us: an own UDP socket, or an own TCP connection.</summary>
internal sealed class SipClientChannel : ISipChannel
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket? _udp;
    private readonly SipTcpConnection? _tcp;
    private readonly ChannelWriter<SipMessage?> _received;
    private Task _running = Task.CompletedTask;

    private SipClientChannel(Socket? udp, SipTcpConnection? tcp, SipFlow flow, ChannelWriter<SipMessage?> received)
    {
        (_udp, _tcp, Flow, _received) = (udp, tcp, flow, received);
    }

    public SipFlow Flow { get; }

    /// <summary>Opens a channel; the factory <see cref="RecordingClient"/> wants.</summary>
    /// <exception cref="IOException">The peer cannot be reached; the message says why.</exception>
    public static async Task<ISipChannel> OpenAsync(SipTransport transport, IPEndPoint target, ChannelWriter<SipMessage?> received, CancellationToken cancellationToken)
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
        var channel = isUdp
            ? new SipClientChannel(socket, null, flow, received)
            : new SipClientChannel(null, new SipTcpConnection(socket, 0, SipLimits.Default), flow, received);
        channel._running = isUdp ? channel.ReceiveAsync() : channel.RunTcpAsync();
        return channel;
    }

    public bool TrySend(SipOutput output)
    {
        if (_tcp is not null) return _tcp.TrySend(output.Bytes);
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
        if (_tcp is not null) await _tcp.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunTcpAsync()
    {
        await _tcp!.RunAsync(
            input =>
            {
                if (input.Message is not null) _received.TryWrite(input.Message);
                return ValueTask.CompletedTask;
            }, _stop.Token);
        _received.TryWrite(null);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65_536];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await _udp!.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                if (SipMessageParser.TryParse(buffer.AsSpan(0, length), SipLimits.Default, out var message, out _)) _received.TryWrite(message);
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
