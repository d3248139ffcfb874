using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Plays G.711 in real time from bound sockets. All streams run on one clock: packet n leaves n × 20 ms after the first,
/// however late the one before it was, so a long call does not drift.
/// </summary>
internal sealed class RtpPlayout : IRtpPlayout
{
    /// <summary>20 ms at 8 kHz, the default of RFC 3551 §4.2.</summary>
    public const int SamplesPerPacket = 160;

    private static readonly TimeSpan s_packetTime = TimeSpan.FromMilliseconds(20);

    private readonly ImmutableArray<RtpSocketPair> _sockets;
    private readonly TimeProvider _time;

    private RtpPlayout(ImmutableArray<RtpSocketPair> sockets, TimeProvider time)
    {
        _sockets = sockets;
        _time = time;
        LocalPorts = [.. sockets.Select(pair => pair.Port)];
    }

    public ImmutableArray<int> LocalPorts { get; }

    /// <summary>Binds a free port pair for each stream.</summary>
    /// <param name="local">Local address.</param>
    /// <param name="streams">How many.</param>
    /// <param name="time">The clock that paces.</param>
    /// <exception cref="SocketException">The address is not one of this machine's, or no ports are free.</exception>
    public static RtpPlayout Bind(IPAddress local, int streams, TimeProvider time)
    {
        var sockets = ImmutableArray.CreateBuilder<RtpSocketPair>(streams);
        while (sockets.Count < streams)
        {
            if (RtpSocketPair.TryBindAny(local, receiveBuffer: 64 * 1024) is { } pair)
            {
                sockets.Add(pair);
                continue;
            }

            foreach (var bound in sockets) bound.Dispose();
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        return new RtpPlayout(sockets.ToImmutable(), time);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// <see cref="PlayoutResult.StartedAt"/> lies one packet before the first is sent: a live sender's packet leaves when its
    /// last sample was spoken. A cancelled playout returns what it sent, it does not throw.
    /// </remarks>
    /// <exception cref="ArgumentException">There are not as many streams as ports, or none.</exception>
    /// <exception cref="SocketException">Sending failed.</exception>
    public async Task<ImmutableArray<PlayoutResult>> PlayAsync(ImmutableArray<PlayoutStream> streams, CancellationToken cancellationToken)
    {
        if (streams.IsEmpty || streams.Length != _sockets.Length) throw new ArgumentException($"{streams.Length} streams came for {_sockets.Length} ports.", nameof(streams));

        ImmutableArray<Sender> senders = [.. streams.Select((stream, i) => new Sender(stream, _sockets[i].Rtp))];
        var packets = senders.Max(sender => sender.TotalPackets);
        var startedAt = _time.GetUtcNow() - s_packetTime;
        var start = _time.GetTimestamp();
        for (var n = 0L; n < packets && !cancellationToken.IsCancellationRequested; n++)
        {
            foreach (var sender in senders) sender.Send(n);
            await WaitUntilAsync(start, (n + 1) * s_packetTime, cancellationToken).ConfigureAwait(false);
        }

        return [.. senders.Select(sender => new PlayoutResult(sender.Sent, startedAt))];
    }

    public ValueTask DisposeAsync()
    {
        foreach (var pair in _sockets) pair.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WaitUntilAsync(long start, TimeSpan due, CancellationToken cancellationToken)
    {
        var left = due - _time.GetElapsedTime(start);
        if (left <= TimeSpan.Zero) return;   // late: the next packet goes at once and the pace is kept
        try
        {
            await Task.Delay(left, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop's condition ends the playout.
        }
    }

    /// <summary>One stream on its way out.</summary>
    private sealed class Sender(PlayoutStream stream, Socket socket)
    {
        private readonly byte[] _packet = new byte[RtpPacketView.FixedHeaderLength + SamplesPerPacket];
        private readonly SocketAddress _remote = stream.Remote.Serialize();
        private readonly uint _firstTimestamp = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));   // §5.1: should be random
        private SequenceNumber _sequence = new(BitConverter.ToUInt16(RandomNumberGenerator.GetBytes(2)));

        public long Sent { get; private set; }

        public long TotalPackets => (stream.Encoded.Length + SamplesPerPacket - 1) / SamplesPerPacket;

        /// <summary>Sends packet n; nothing when the stream is over.</summary>
        public void Send(long n)
        {
            if (n >= TotalPackets) return;

            var offset = (int)(n * SamplesPerPacket);
            var samples = stream.Encoded.Span.Slice(offset, Math.Min(SamplesPerPacket, stream.Encoded.Length - offset));
            var header = new RtpHeader(stream.PayloadType, Marker: n == 0, _sequence, _firstTimestamp + (uint)offset, stream.Ssrc);
            var length = header.Write(_packet);
            samples.CopyTo(_packet.AsSpan(length));
            socket.SendTo(_packet.AsSpan(0, length + samples.Length), SocketFlags.None, _remote);
            _sequence = _sequence.Next;
            Sent++;
        }
    }
}
