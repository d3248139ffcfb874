using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>A peer of raw bytes over UDP or TCP: sends what a test wrote, parses what comes back, waits with a deadline.</summary>
internal sealed class SipPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[65_536];
    private readonly SipStreamFramer _framer = new(SipLimits.Default);
    private byte[] _stream = [];

    private SipPeer(Socket socket) => _socket = socket;

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    public string SentBy => Local.ToString();

    /// <summary>Datagrams or octets that lie unread, 0 for none.</summary>
    public int Waiting => _socket.Available;

    /// <param name="gateway">Where the gateway listens.</param>
    /// <param name="local">Our own address, for another than the system chooses.</param>
    public static SipPeer Udp(IPEndPoint gateway, IPAddress? local = null)
    {
        var socket = new Socket(gateway.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (local is not null) socket.Bind(new IPEndPoint(local, 0));
        return Connect(socket, gateway);
    }

    public static SipPeer Tcp(IPEndPoint gateway) => Connect(new Socket(gateway.AddressFamily, SocketType.Stream, ProtocolType.Tcp), gateway);

    /// <summary>A connection the gateway opened to us.</summary>
    public static SipPeer Of(Socket accepted) => new(accepted);

    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _socket.SendAsync(bytes, Deadline());

    /// <summary>The next message, within five seconds.</summary>
    public async Task<SipMessage> ReceiveAsync()
    {
        var bytes = _socket.SocketType == SocketType.Dgram
            ? _buffer.AsMemory(0, await _socket.ReceiveAsync(_buffer, Deadline()))
            : await ReceiveFrameAsync();
        return SipMessageParser.TryParse(bytes.Span, SipLimits.Default, out var message, out var failure)
            ? message
            : throw new InvalidOperationException(failure.Why);
    }

    /// <summary>The next final response to this method; provisional ones and repeated ones of others are passed over.</summary>
    public async Task<SipResponse> ReceiveFinalAsync(string method, string? callId = null)
    {
        while (true)
            if (await ReceiveAsync() is SipResponse { IsFinal: true } response && response.CSeq.Method.Name == method && (callId ?? response.CallId) == response.CallId) return response;
    }

    public async Task<SipRequest> ReceiveRequestAsync(string method)
    {
        while (true)
            if (await ReceiveAsync() is SipRequest request && request.Method.Name == method) return request;
    }

    /// <summary>The next datagram as text.</summary>
    public async Task<string> ReceiveTextAsync() => Encoding.UTF8.GetString(_buffer, 0, await _socket.ReceiveAsync(_buffer, Deadline()));

    /// <summary>Everything the gateway says until it closes the connection.</summary>
    public async Task<string> ReceiveTextUntilClosedAsync(TimeSpan? patience = null)
    {
        var text = new StringBuilder();
        while (await _socket.ReceiveAsync(_buffer, Deadline(patience)) is var length and > 0) text.Append(Encoding.UTF8.GetString(_buffer, 0, length));
        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private static SipPeer Connect(Socket socket, IPEndPoint gateway)
    {
        socket.Connect(gateway);
        return new SipPeer(socket);
    }

    private static CancellationToken Deadline(TimeSpan? patience = null) => new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(30)).Token;

    private async Task<ReadOnlyMemory<byte>> ReceiveFrameAsync()
    {
        while (true)
        {
            var sequence = new System.Buffers.ReadOnlySequence<byte>(_stream);
            var result = _framer.TryRead(ref sequence, out var message);
            _stream = System.Buffers.BuffersExtensions.ToArray(sequence);
            if (result == SipFrameResult.Message) return message;
            var length = await _socket.ReceiveAsync(_buffer, Deadline());
            if (length == 0) throw new InvalidOperationException("The connection was closed.");
            _stream = [.. _stream, .. _buffer.AsSpan(0, length)];
        }
    }
}
