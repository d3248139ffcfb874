using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using EdgeAssist.MediaGateway.Rtp;
using static EdgeAssist.MediaGateway.Transport.RelayNative;

namespace EdgeAssist.RelayBench;

/// <summary>What a run showed.</summary>
internal sealed record LoadResult(long Sent, long Received, TimeSpan Window, TimeSpan RelayCpu, TimeSpan LoadCpu, TimeSpan MaxLateness, LatencyHistogram Latency)
{
    public double CpuPerPacketMicroseconds => RelayCpu.TotalMicroseconds / Math.Max(1, Received);
}

/// <summary>Delays in steps of 10 µs up to a quarter of a second.</summary>
internal sealed class LatencyHistogram
{
    private readonly int[] _counts = new int[25_000];
    private long _total;

    public void Add(double microseconds)
    {
        _counts[Math.Clamp((int)(microseconds / 10), 0, _counts.Length - 1)]++;
        _total++;
    }

    /// <summary>In milliseconds; NaN without values.</summary>
    public double Percentile(double share)
    {
        if (_total == 0) return double.NaN;
        var left = (long)(share * _total);
        for (var i = 0; i < _counts.Length; i++)
            if ((left -= _counts[i]) < 0) return (i + 0.5) / 100;
        return _counts.Length / 100.0;
    }
}

/// <summary>
/// Both phones of every call: each leg sends a 172-octet PCMU packet every 20 ms from the port it announced, the legs spread
/// evenly over the 20 ms, and receives the other leg. The send time stands in the payload. One thread, no allocation per
/// packet, raw system calls: it must load a relay without being the bottleneck itself.
/// </summary>
internal sealed unsafe class LoadGenerator : IDisposable
{
    private const int PacketLength = 172;
    private const int Batch = 16;
    private const int MaxReady = 1_024;
    private const long PauseNanoseconds = 100_000;

    private readonly Socket[] _legs;
    private readonly int[] _descriptors;
    private readonly byte[] _packets;
    private readonly byte[] _receive = GC.AllocateArray<byte>(Batch * 2_048, pinned: true);
    private readonly Message[] _messages = GC.AllocateArray<Message>(Batch, pinned: true);
    private readonly Vector[] _vectors = GC.AllocateArray<Vector>(Batch, pinned: true);
    private readonly PackedEvent[] _events = GC.AllocateArray<PackedEvent>(MaxReady, pinned: true);
    private readonly int _epoll = EpollCreate(0);
    private readonly bool _oneWay;

    /// <param name="calls">Two legs each.</param>
    /// <param name="oneWay">Only callers send (the callee's side is SRTP that we hold no keys for).</param>
    public LoadGenerator(int calls, bool oneWay)
    {
        _oneWay = oneWay;
        _legs = [.. Enumerable.Range(0, 2 * calls).Select(_ => Bind())];
        _descriptors = [.. _legs.Select(leg => (int)leg.Handle)];
        _packets = GC.AllocateArray<byte>(_legs.Length * PacketLength, pinned: true);
        for (var i = 0; i < Batch; i++)
        {
            _vectors[i] = new Vector { Base = Unsafe.AsPointer(ref _receive[i * 2_048]), Length = 2_048 };
            _messages[i] = new Message { Vectors = (Vector*)Unsafe.AsPointer(ref _vectors[i]), VectorCount = 1 };
        }

        for (var i = 0; i < _legs.Length; i++)
        {
            var change = new PackedEvent { Events = EpollIn, Data = (ulong)i };
            if (EpollControl(_epoll, EpollAdd, _descriptors[i], &change) < 0) throw new InvalidOperationException("epoll_ctl failed.");
            var packet = _packets.AsSpan(i * PacketLength, PacketLength);
            packet.Fill(0xFF);
            new RtpHeader(0, false, new SequenceNumber((ushort)(i * 7)), 0, 0x1000_0000u + (uint)i).Write(packet);
        }
    }

    public IPEndPoint EndPoint(int leg) => (IPEndPoint)_legs[leg].LocalEndPoint!;

    public void Connect(int leg, IPEndPoint relay) => _legs[leg].Connect(relay);

    /// <summary>Warms up for a second, then measures.</summary>
    /// <param name="relayProcess">Whose processor time is counted.</param>
    /// <param name="length">Of the window.</param>
    /// <param name="mark">Called when the window begins.</param>
    public LoadResult Run(int relayProcess, TimeSpan length, Action mark)
    {
        var senders = _oneWay ? _legs.Length / 2 : _legs.Length;
        var second = Stopwatch.Frequency;
        var interval = second / 50.0 / senders;
        var warm = Pass(senders, interval, second, null);
        mark();
        var (relayBefore, ownBefore) = (CpuTime.Of(relayProcess), Environment.CpuUsage.TotalTime);
        var watch = Stopwatch.StartNew();
        var latency = new LatencyHistogram();
        var (sent, received, late) = Pass(senders, interval, (long)(length.TotalSeconds * second), latency);
        var window = watch.Elapsed;
        return new LoadResult(sent, received, window, CpuTime.Of(relayProcess) - relayBefore, Environment.CpuUsage.TotalTime - ownBefore,
            TimeSpan.FromSeconds(late / (double)second), latency) with { Received = received + warm.Received - warm.Sent };
    }

    public void Dispose()
    {
        _ = Close(_epoll);
        foreach (var leg in _legs) leg.Dispose();
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = 256 * 1024 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>Sends for a time, then listens until everything has come or 300 ms are over.</summary>
    private (long Sent, long Received, long MaxLateness) Pass(int senders, double interval, long length, LatencyHistogram? latency)
    {
        var start = Stopwatch.GetTimestamp();
        var (sent, received, late) = (0L, 0L, 0L);
        var pause = new TimeSpec { Nanoseconds = PauseNanoseconds };
        var total = (long)(length / interval);
        while (sent < total)
        {
            var now = Stopwatch.GetTimestamp();
            for (long due; sent < total && (due = start + (long)(sent * interval)) <= now; sent++)
            {
                late = Math.Max(late, now - due);
                Send(senders == _legs.Length ? (int)(sent % senders) : 2 * (int)(sent % senders));
            }

            received += Drain(latency);
            _ = Sleep(&pause, null);
        }

        for (var end = Stopwatch.GetTimestamp(); received < sent && Stopwatch.GetTimestamp() - end < Stopwatch.Frequency * 3 / 10;)
        {
            received += Drain(latency);
            _ = Sleep(&pause, null);
        }

        return (sent, received, late);
    }

    private void Send(int leg)
    {
        var packet = (byte*)Unsafe.AsPointer(ref _packets[leg * PacketLength]);
        var sequence = (ushort)((packet[2] << 8 | packet[3]) + 1);
        (packet[2], packet[3]) = ((byte)(sequence >> 8), (byte)sequence);
        var timestamp = (uint)(packet[4] << 24 | packet[5] << 16 | packet[6] << 8 | packet[7]) + 160;
        (packet[4], packet[5], packet[6], packet[7]) = ((byte)(timestamp >> 24), (byte)(timestamp >> 16), (byte)(timestamp >> 8), (byte)timestamp);
        *(long*)(packet + 16) = Stopwatch.GetTimestamp();
        _ = SendTo(_descriptors[leg], packet, PacketLength, DontWait, null, 0);
    }

    private long Drain(LatencyHistogram? latency)
    {
        long received = 0;
        var ready = EpollWait(_epoll, (PackedEvent*)Unsafe.AsPointer(ref _events[0]), MaxReady, 0);
        for (var i = 0; i < ready; i++)
        {
            var count = ReceiveMany(_descriptors[_events[i].Data], (Message*)Unsafe.AsPointer(ref _messages[0]), Batch, DontWait, null);
            if (count <= 0) continue;
            received += count;
            if (latency is null || _oneWay) continue;
            var now = Stopwatch.GetTimestamp();
            for (var k = 0; k < count; k++) latency.Add((now - *(long*)((byte*)_vectors[k].Base + 16)) * 1e6 / Stopwatch.Frequency);
        }

        return received;
    }
}
