using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// One TCP connection: a loop that cuts messages from the stream, and a loop that writes what is queued. Reading waits when
/// the signalling loop is behind, so that the peer slows down; a peer that does not read what it is sent loses its connection.
/// </summary>
internal sealed class SipTcpConnection : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(256) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly SipLimits _limits;

    public SipTcpConnection(Socket socket, long number, SipLimits limits)
    {
        (_socket, _limits) = (socket, limits);
        socket.NoDelay = true;
        Flow = new SipFlow(SipTransport.Tcp, (IPEndPoint)socket.LocalEndPoint!, (IPEndPoint)socket.RemoteEndPoint!, number);
    }

    public SipFlow Flow { get; }

    /// <summary>Queues bytes; false when the queue is full or the connection has ended.</summary>
    public bool TrySend(ReadOnlyMemory<byte> bytes)
    {
        if (_outgoing.Writer.TryWrite(bytes)) return true;
        _outgoing.Writer.TryComplete();
        return false;
    }

    /// <summary>Runs both loops until the connection ends, by either side or by the token.</summary>
    /// <param name="received">Takes each message; awaited before the next is read.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    public async Task RunAsync(Func<SipInput, ValueTask> received, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(_socket, ownsSocket: false);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(stream, source.Token);
        try
        {
            await ReadAsync(stream, received, source.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Reset by the peer, or ended from here: either way this connection is over.
        }

        // What was queued, a 400 for a broken stream among it, still goes out; a peer that does not read it gets two seconds.
        _outgoing.Writer.TryComplete();
        source.CancelAfter(TimeSpan.FromSeconds(2));
        await writing;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReadAsync(NetworkStream stream, Func<SipInput, ValueTask> received, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var framer = new SipStreamFramer(_limits);
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (true)
            {
                var outcome = framer.TryRead(ref buffer, out var message);
                if (outcome == SipFrameResult.NeedMore) break;
                if (outcome == SipFrameResult.Ping) TrySend("\r\n"u8.ToArray());
                if (outcome == SipFrameResult.Message) await received(SipInput.Parse(message, _limits, Flow));
                if (outcome != SipFrameResult.Broken) continue;
                if (SipResponses.ToMalformed(framer.Failure!) is { } refusal) TrySend(refusal);
                await received(new SipInput(null, framer.Failure, Flow) { IsAnswered = true });
                return;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return;
        }
    }

    private async Task WriteAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var bytes in _outgoing.Reader.ReadAllAsync(cancellationToken)) await stream.WriteAsync(bytes, cancellationToken);
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            _outgoing.Writer.TryComplete();
            _socket.Close();
        }
    }
}
