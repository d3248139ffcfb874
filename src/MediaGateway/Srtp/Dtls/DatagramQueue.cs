using Org.BouncyCastle.Tls;

namespace EdgeAssist.MediaGateway.Srtp.Dtls;

/// <summary>
/// The handshake's view of the leg's socket. Two threads meet here: the receive loop adds datagrams, the handshake takes
/// them. When it is full the newest is dropped: the peer sends its flight again.
/// </summary>
internal sealed class DatagramQueue(DatagramQueue.Send send) : DatagramTransport
{
    public delegate void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Keeps flights in one piece on any path; certificates of some kilobytes are fragmented by DTLS.</summary>
    private const int Limit = 1_200;

    private const int Capacity = 32;

    private readonly Queue<byte[]> _datagrams = new();
    private bool _closed;

    public void Add(ReadOnlySpan<byte> datagram)
    {
        lock (_datagrams)
        {
            if (_closed || _datagrams.Count == Capacity) return;
            _datagrams.Enqueue(datagram.ToArray());
            Monitor.Pulse(_datagrams);
        }
    }

    public int GetReceiveLimit() => 2_048;

    public int GetSendLimit() => Limit;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    /// <returns>Octets received; −1 when none came in time.</returns>
    /// <exception cref="IOException">The leg closed.</exception>
    public int Receive(Span<byte> buffer, int waitMillis)
    {
        lock (_datagrams)
        {
            if (_datagrams.Count == 0 && !_closed && waitMillis > 0) Monitor.Wait(_datagrams, waitMillis);
            if (_closed) throw new IOException("The leg closed.");
            if (!_datagrams.TryDequeue(out var datagram)) return -1;

            var length = Math.Min(buffer.Length, datagram.Length);
            datagram.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }

    void DatagramSender.Send(byte[] buf, int off, int len) => send(buf.AsSpan(off, len));

    void DatagramSender.Send(ReadOnlySpan<byte> buffer) => send(buffer);

    public void Close()
    {
        lock (_datagrams)
        {
            _closed = true;
            Monitor.PulseAll(_datagrams);
        }
    }
}
