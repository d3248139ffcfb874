using System.Buffers;
using System.Net.Sockets;
using System.Text;

namespace EdgeAssist.Testing;

/// <summary>Every octet that came from a server over the connections of one client, in the clear, to be searched afterwards.</summary>
public sealed class CapturedWire
{
    // Connections read on threads of their own and the test looks.
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _received = new();

    public long Length
    {
        get
        {
            lock (_gate) return _received.WrittenCount;
        }
    }

    /// <summary>A handler whose connections are captured. Plain HTTP only: what TLS carries cannot be searched.</summary>
    public SocketsHttpHandler Handler() => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new Tap(new NetworkStream(socket, ownsSocket: true), this);
        },
    };

    public bool Holds(string text) => Holds(Encoding.UTF8.GetBytes(text));

    /// <summary>As protocol buffers and most binary forms write it: eight octets, the lowest first.</summary>
    public bool Holds(double value) => Holds(BitConverter.GetBytes(value));

    public bool Holds(ReadOnlySpan<byte> octets)
    {
        lock (_gate) return _received.WrittenSpan.IndexOf(octets) >= 0;
    }

    private void Add(ReadOnlySpan<byte> octets)
    {
        lock (_gate) _received.Write(octets);
    }

    private sealed class Tap(Stream inner, CapturedWire wire) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            wire.Add(buffer.Span[..read]);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            wire.Add(buffer.AsSpan(offset, read));
            return read;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
