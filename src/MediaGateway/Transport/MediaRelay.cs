using System.Net;
using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;
using EdgeAssist.MediaGateway.Rtcp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Opens relayed streams: takes ports, spreads the calls over the loops, keeps the sum of what was counted.</summary>
internal sealed class MediaRelay : IMediaRelay, IAsyncDisposable
{
    private int _isDisposed;
    private readonly Lock _gate = new();   // signalling threads meet at the ports and the list
    private readonly RelayOptions _options;
    private readonly RtpPortPool? _ports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _cname = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
    private readonly List<RelayStream> _streams = [];
    private readonly List<ListenerStream> _listeners = [];
    private RelaySideStatistics _ended = new();
    private readonly RelayLoop[] _loops;

    public MediaRelay(IOptions<RelayOptions> options, TimeProvider time, ILogger<MediaRelay> logger)
        : this(options.Value, time, logger, EpollRelaySockets.IsSupported)
    {
    }

    /// <param name="options">Checked values.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For faults.</param>
    /// <param name="native">Use epoll; false takes the way for other systems.</param>
    internal MediaRelay(RelayOptions options, TimeProvider time, ILogger logger, bool native)
    {
        (_options, _time, _logger) = (options, time, logger);
        if (options.PortMin > 0) _ports = new RtpPortPool(options.PortMin, options.PortMax, options.PortCoolDown);
        _loops = [.. Enumerable.Range(0, options.Threads).Select(index => new RelayLoop(
            $"relay {index}",
            native ? new EpollRelaySockets(options.Dscp) : new PlainRelaySockets(),
            new RelayFork($"fork {index}", options.ForkMaxAge, time, logger),
            options,
            time,
            logger))];
    }

    /// <summary>Streams now open.</summary>
    public int OpenStreams
    {
        get
        {
            lock (_gate) return _streams.Count;
        }
    }

    /// <summary>Counts over all sides, those of closed streams included.</summary>
    public RelaySideStatistics Totals
    {
        get
        {
            // One lock for both: a stream that closes meanwhile is counted once, here or there.
            lock (_gate) return _streams.Aggregate(_ended, Sum);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="System.Net.Sockets.SocketException">A local address is not one of this machine's.</exception>
    public IRelayStream? TryOpen(RelayPlan plan)
    {
        var caller = TryBind(plan.CallerLocalAddress);
        var callee = caller is null ? null : TryBind(plan.CalleeLocalAddress);
        if (caller is null || callee is null)
        {
            if (caller is not null) Release(caller);
            _logger.RelayPortsExhausted(_options.PortMin, _options.PortMax);
            return null;
        }

        var loop = TakeLoop();
        var stream = new RelayStream(loop, plan, (caller, callee), plan.Fork ? NewFork : null, _time, TryBind, OnClosed);
        lock (_gate) _streams.Add(stream);
        return stream;
    }

    /// <inheritdoc/>
    /// <exception cref="System.Net.Sockets.SocketException">The local address is not one of this machine's.</exception>
    public ISupervisorLeg? TryListen(IReadOnlyList<AudioPipe> heard, SupervisorPlan plan)
    {
        if (!Listener.CanHear(plan.Side.Formats) || TryBind(plan.LocalAddress) is not { } sockets) return null;
        var listener = new ListenerStream(TakeLoop(), sockets, heard, plan, _time, OnClosed);
        lock (_gate) _listeners.Add(listener);
        return listener.Leg;
    }

    public async ValueTask DisposeAsync()
    {
        // The container disposes of it once for each name it is registered under.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        RelayStream[] left;
        ListenerStream[] listeners;
        lock (_gate) (left, listeners) = ([.. _streams], [.. _listeners]);
        foreach (var listener in listeners) await listener.DisposeAsync().ConfigureAwait(false);
        foreach (var stream in left) await stream.DisposeAsync().ConfigureAwait(false);
        foreach (var loop in _loops) loop.Dispose();
    }

    private RelayLoop TakeLoop()
    {
        var loop = _loops.MinBy(candidate => Volatile.Read(ref candidate.Streams))!;
        Interlocked.Increment(ref loop.Streams);
        return loop;
    }

    private static RelaySideStatistics Sum(RelaySideStatistics sum, RelayStream stream) =>
        Sum(Sum(sum, stream.Statistics(RelaySide.Caller)), stream.Statistics(RelaySide.Callee));

    private static RelaySideStatistics Sum(RelaySideStatistics a, RelaySideStatistics b) => new()
    {
        PacketsReceived = a.PacketsReceived + b.PacketsReceived,
        PacketsSent = a.PacketsSent + b.PacketsSent,
        Lost = a.Lost + b.Lost,
        WrongSource = a.WrongSource + b.WrongSource,
        Unauthenticated = a.Unauthenticated + b.Unauthenticated,
        Malformed = a.Malformed + b.Malformed,
        SendFailed = a.SendFailed + b.SendFailed,
        KernelDropped = a.KernelDropped + b.KernelDropped,
        ForkDropped = a.ForkDropped + b.ForkDropped,
    };

    private void Report(RelayStream stream)
    {
        foreach (var side in Enum.GetValues<RelaySide>())
        {
            var (counts, port) = (stream.Statistics(side), stream.LocalEndPoint(side).Port);
            _logger.RelayClosed(side, port, counts.PacketsReceived, counts.PacketsSent, counts.Lost, counts.KernelDropped, counts.ForkDropped);
            if (counts.WrongSource + counts.Unauthenticated > 0) _logger.RelayAttacked(side, port, counts.WrongSource, counts.Unauthenticated);
        }
    }

    /// <summary>Takes a port pair; null when none is free. The caller gives it back through the stream or <see cref="Release"/>.</summary>
    private RtpSocketPair? TryBind(IPAddress? local)
    {
        var address = local ?? _options.LocalAddress;
        if (_ports is null) return RtpSocketPair.TryBindAny(address, _options.ReceiveBuffer);

        lock (_gate)
        {
            var now = Instant.Now(_time);
            for (var left = _ports.Free; left > 0 && _ports.TryTake(now, out var port); left--)
            {
                if (RtpSocketPair.TryBind(address, port, _options.ReceiveBuffer) is { } sockets) return sockets;
                _ports.Return(port, now);   // another program has it; it may be free after a rest
            }
        }

        return null;
    }

    private void Release(RtpSocketPair sockets)
    {
        sockets.Dispose();
        lock (_gate) _ports?.Return(sockets.Port, Instant.Now(_time));
    }

    private ForkLeg NewFork(MediaLegPlan plan)
    {
        var (ssrc, seed) = (BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)), BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
        return new ForkLeg(plan, _options.JitterDepth, _options.ForkMaxAge, new RtcpReporter(ssrc, _cname, seed));
    }

    private void OnClosed(ListenerStream listener)
    {
        Interlocked.Decrement(ref listener.Loop.Streams);
        lock (_gate)
        {
            _listeners.Remove(listener);
            _ports?.Return(listener.Leg.LocalEndPoint.Port, Instant.Now(_time));
        }
    }

    private void OnClosed(RelayStream? stream, IReadOnlyList<int> ports)
    {
        if (stream is not null)
        {
            Interlocked.Decrement(ref stream.Loop.Streams);
            Report(stream);
        }

        lock (_gate)
        {
            if (stream is not null && _streams.Remove(stream)) _ended = Sum(_ended, stream);
            var now = Instant.Now(_time);
            foreach (var port in ports) _ports?.Return(port, now);
        }
    }
}
