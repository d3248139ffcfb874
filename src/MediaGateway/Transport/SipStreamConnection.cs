using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A stream that is ready for messages.</summary>
/// <param name="Socket">Owned by the stream.</param>
/// <param name="Stream">The socket's stream, TLS already shaken hands on.</param>
/// <param name="PeerNames">Names the peer's certificate proves.</param>
internal sealed record SipOpenStream(Socket Socket, Stream Stream, ImmutableArray<string> PeerNames);

/// <summary>
/// One TCP or TLS connection, taken or opened: a loop that cuts messages from the stream, and a loop that writes what is queued. Reading waits
/// when the signalling loop is behind, so that the peer slows down; a peer that does not read what it is sent loses its
/// connection. While nothing arrives it holds no buffer. What is sent before the connection stands waits for it.
/// </summary>
internal sealed class SipStreamConnection
{
    /// <summary>A peer that has closed its sending half still gets the answers to what it sent before, for this long.</summary>
    private static readonly TimeSpan s_halfClosed = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastWrites = TimeSpan.FromSeconds(2);

    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(256) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly SipLimits _limits;
    private readonly TimeProvider _time;
    private long _lastActivity;   // written by the reading loop, read by the signalling loop
    private long _lastSent;       // the signalling loop's

    /// <param name="flow">The flow its messages carry.</param>
    /// <param name="limits">Ceilings.</param>
    /// <param name="time">Clock.</param>
    public SipStreamConnection(SipFlow flow, SipLimits limits, TimeProvider time)
    {
        (Flow, _limits, _time) = (flow, limits, time);
        _lastActivity = _lastSent = Instant.Now(time).Ticks;
    }

    public SipFlow Flow { get; private set; }

    /// <summary>The peer sends nothing more: it may still read answers, or be gone; requests of ours need another connection.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>We opened it, so keeping it alive falls to us (RFC 5626 §4.4).</summary>
    public bool IsOurs { get; init; }

    /// <summary>When the last whole message or ping came in; pieces of one do not count.</summary>
    public Instant LastActivity => new(Interlocked.Read(ref _lastActivity));

    /// <summary>Queues bytes; false when the queue is full or the connection has ended.</summary>
    public bool TrySend(ReadOnlyMemory<byte> bytes)
    {
        Interlocked.Exchange(ref _lastSent, Instant.Now(_time).Ticks);
        if (_outgoing.Writer.TryWrite(bytes)) return true;
        _outgoing.Writer.TryComplete();
        return false;
    }

    /// <summary>Sends a ping when nothing was sent for this long (RFC 5626 §3.5.1): a mapping on the way stays, and a dead peer is noticed.</summary>
    public void PingAfter(TimeSpan silence, Instant now)
    {
        if (now - new Instant(Interlocked.Read(ref _lastSent)) >= silence) TrySend("\r\n\r\n"u8.ToArray());
    }

    /// <summary>Ends the connection soon; what is queued still goes out.</summary>
    public void Close() => _outgoing.Writer.TryComplete();   // the writing loop shuts the socket down, and with it the reading loop

    /// <summary>Runs both loops until the connection ends, by either side or by the token.</summary>
    /// <param name="open">Connects or shakes hands; null when that failed.</param>
    /// <param name="received">Takes each message; awaited before the next is read.</param>
    /// <param name="admit">Asked before each message is parsed, with its octets; waits, or says what becomes of it.</param>
    /// <param name="cancellationToken">Ends the connection.</param>
    /// <returns>Whether it ever stood.</returns>
    public async Task<bool> RunAsync(
        Func<CancellationToken, Task<SipOpenStream?>> open, Func<SipInput, ValueTask> received,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<SipAdmissionVerdict>> admit, CancellationToken cancellationToken)
    {
        var opened = await open(cancellationToken);
        if (opened is null)
        {
            _outgoing.Writer.TryComplete();
            return false;
        }

        await using (opened.Stream)
        {
            Flow = Flow with { PeerNames = opened.PeerNames };
            await RunAsync(opened, received, admit, cancellationToken);
        }

        return true;
    }

    private async Task RunAsync(
        SipOpenStream opened, Func<SipInput, ValueTask> received,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<SipAdmissionVerdict>> admit, CancellationToken cancellationToken)
    {
        using var writes = new CancellationTokenSource();
        var writing = WriteAsync(opened, writes.Token);
        try
        {
            var isHalfClosed = false;
            try
            {
                isHalfClosed = await ReadAsync(opened.Stream, received, admit, cancellationToken);
            }
            finally
            {
                IsSpent = true;
                if (!IsOurs) await received(new SipInput(null, null, Flow) { IsLost = true });   // one of ours is tried once, not for ever
            }

            if (isHalfClosed) await writing.WaitAsync(s_halfClosed, _time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or TimeoutException)
        {
            // Reset by the peer, or ended from here: either way this connection is over.
        }

        // What was queued, a 400 for a broken stream among it, still goes out; a peer that does not read it gets two seconds.
        _outgoing.Writer.TryComplete();
        writes.CancelAfter(s_lastWrites);
        await writing;
    }

    /// <returns>True when the peer closed its sending half; false when the stream cannot be framed any more.</returns>
    private async Task<bool> ReadAsync(
        Stream stream, Func<SipInput, ValueTask> received, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<SipAdmissionVerdict>> admit, CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        var framer = new SipStreamFramer(_limits);
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                var buffer = result.Buffer;
                while (true)
                {
                    var outcome = framer.TryRead(ref buffer, out var message);
                    if (outcome == SipFrameResult.NeedMore) break;
                    Interlocked.Exchange(ref _lastActivity, Instant.Now(_time).Ticks);
                    if (outcome == SipFrameResult.Ping) TrySend("\r\n"u8.ToArray());
                    if (outcome == SipFrameResult.Message && await admit(message, cancellationToken) is var verdict and not SipAdmissionVerdict.Drop)
                        await received(SipInput.Parse(message, _limits, Flow) with { IsOverLimit = verdict == SipAdmissionVerdict.RefuseCall });
                    if (outcome != SipFrameResult.Broken) continue;
                    if (SipResponses.ToMalformed(framer.Failure!) is { } refusal) TrySend(refusal);
                    await received(new SipInput(null, framer.Failure, Flow) { IsAnswered = true });
                    return false;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (result.IsCompleted) return true;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private async Task WriteAsync(SipOpenStream opened, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var bytes in _outgoing.Reader.ReadAllAsync(cancellationToken)) await opened.Stream.WriteAsync(bytes, cancellationToken);
            if (opened.Stream is SslStream secure) await secure.ShutdownAsync();
            opened.Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            _outgoing.Writer.TryComplete();
            opened.Socket.Close();
        }
    }
}
