using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// One relayed stream on its loop: the ports around a <see cref="RelayLink"/>. What packets do happens on the loop's thread;
/// signalling calls from its own and posts.
/// </summary>
internal sealed class RelayStream : IRelayStream
{
    private readonly Lock _gate = new();   // signalling threads among themselves
    private readonly RelayLoop _loop;
    private readonly RelayLink _link = new();
    private readonly RelayPort[] _ports;
    private readonly ForkLeg?[] _forks = new ForkLeg?[2];
    private readonly RelayProtection?[] _protections = new RelayProtection?[2];
    private readonly List<RelayProtection> _toWipe = [];
    private readonly TimeProvider _time;
    private readonly RelayPlan _plan;
    private readonly Action<RelayStream, IReadOnlyList<int>> _closed;
    private readonly AudioPipe _noAudio = new();
    private bool _disposed;

    /// <param name="loop">Carries the stream.</param>
    /// <param name="plan">What signalling knows.</param>
    /// <param name="sockets">Of the caller, then of the callee.</param>
    /// <param name="fork">Makes the way into analysis for a side; null: no fork.</param>
    /// <param name="time">The clock.</param>
    /// <param name="closed">Told when the ports are free again.</param>
    public RelayStream(RelayLoop loop, RelayPlan plan, (RtpSocketPair Caller, RtpSocketPair Callee) sockets, Func<MediaLegPlan, ForkLeg>? fork, TimeProvider time, Action<RelayStream, IReadOnlyList<int>> closed)
    {
        (_loop, _plan, _time, _closed) = (loop, plan, time, closed);
        _ports = [new RelayPort(sockets.Caller, this, 0), new RelayPort(sockets.Callee, this, 1)];
        _noAudio.Complete();
        foreach (var side in (ReadOnlySpan<RelaySide>)[RelaySide.Caller, RelaySide.Callee])
        {
            if (fork is null) continue;
            var leg = fork(LegPlan(side, null));
            _forks[(int)side] = leg;
            loop.Fork.Add(leg);
        }

        if (plan.Caller is not null) Update(RelaySide.Caller, plan.Caller);
        if (plan.Callee is not null) Update(RelaySide.Callee, plan.Callee);
        loop.Post(() =>
        {
            foreach (var port in _ports) loop.Add(port);
        });
    }

    public RelayLoop Loop => _loop;

    public IPEndPoint LocalEndPoint(RelaySide side) => _ports[(int)side].LocalEndPoint;

    public AudioPipe Audio(RelaySide side) => _forks[(int)side]?.Audio ?? _noAudio;

    public RelaySideStatistics Statistics(RelaySide side)
    {
        var (end, port) = (_link.End(side), _ports[(int)side]);
        return new RelaySideStatistics
        {
            PacketsReceived = end.PacketsReceived,
            BytesReceived = end.BytesReceived,
            PacketsSent = end.PacketsSent,
            Lost = end.Lost,
            ControlReceived = end.ControlReceived,
            ControlSent = end.ControlSent,
            WrongSource = end.WrongSource,
            Unauthenticated = end.Unauthenticated,
            Malformed = end.Malformed,
            UnknownPayloadType = end.UnknownPayloadType,
            NotForwarded = end.NotForwarded,
            SendFailed = end.SendFailed,
            Unreachable = port.Unreachable,
            SourceChanges = _link.FlowFrom(side).Numbers.Changes,
            ForkDropped = end.ForkDropped,
            ForkDroppedSamples = Audio(side).DroppedSamples,
            LastPacketAt = end.LastPacketAt,
            SilentFor = end.SilentFor(Instant.Now(_time)),
        };
    }

    public void Update(RelaySide side, RelaySidePlan plan)
    {
        lock (_gate)
        {
            if (_disposed) return;
            var now = Instant.Now(_time);
            ref var protection = ref _protections[(int)side];
            var made = RelayProtection.For(plan.Keys, protection, now);
            if (made is not null && made != protection) _toWipe.Add(made);
            protection = made;
            _loop.Post(() => _link.Update(side, plan, made, now));
            if (_forks[(int)side] is { } fork) _loop.Fork.Update(fork, LegPlan(side, plan));
        }
    }

    public ISupervisorLeg? TryAttach(SupervisorPlan plan) => null;

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }

        await _loop.PostAsync(() =>
        {
            foreach (var port in _ports) _loop.Remove(port);
        }).ConfigureAwait(false);
        foreach (var port in _ports) port.Dispose();
        foreach (var protection in _toWipe) protection.Dispose();
        _closed(this, [.. _ports.Select(port => port.LocalEndPoint.Port)]);
        foreach (var fork in _forks)
            if (fork is not null) await _loop.Fork.RemoveAsync(fork).ConfigureAwait(false);
    }

    /// <summary>One datagram at one of the ports. On the loop's thread.</summary>
    /// <param name="port">Which.</param>
    /// <param name="isControl">On its RTCP socket.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="slot">The datagram and room behind it; changed in place.</param>
    /// <param name="length">Of the datagram; −1 when it was longer than the slot.</param>
    /// <param name="now">When it came.</param>
    public void OnDatagram(RelayPort port, bool isControl, PeerAddress source, Span<byte> slot, int length, Instant now)
    {
        var from = (RelaySide)port.Position;
        if (length < 0)
        {
            _link.End(from).Malformed++;
            return;
        }

        var intake = isControl
            ? _link.TakeControl(from, source, slot, ref length, _loop.Scratch, now)
            : _link.Take(from, source, slot, ref length, _loop.Scratch, now);
        if (intake == RelayIntake.Refused) return;

        if (_forks[(int)from] is { } fork && !_loop.Fork.Offer(fork, slot[..length], now)) _link.End(from).ForkDropped++;
        if (intake == RelayIntake.Media) Forward(from, slot, length, now);
        else ForwardControl(from, slot, length);
    }

    private void Forward(RelaySide from, Span<byte> slot, int length, Instant now)
    {
        if (!_link.TryForward(from, slot, ref length, now, out var destination)) return;
        var other = 1 - (int)from;
        if (_loop.Send(_ports[other].Rtp, slot[..length], destination) == SendOutcome.Sent) _link.End((RelaySide)other).PacketsSent++;
        else _link.End((RelaySide)other).SendFailed++;
    }

    private void ForwardControl(RelaySide from, Span<byte> slot, int length)
    {
        if (!_link.TryForwardControl(from, slot, ref length, out var destination, out var toMediaPort)) return;
        var other = 1 - (int)from;
        var port = _ports[other];
        if (_loop.Send(toMediaPort ? port.Rtp : port.Rtcp, slot[..length], destination) == SendOutcome.Sent) _link.End((RelaySide)other).ControlSent++;
        else _link.End((RelaySide)other).SendFailed++;
    }

    private MediaLegPlan LegPlan(RelaySide side, RelaySidePlan? plan) => new()
    {
        Leg = new LegId((int)side),
        Origin = _plan.Origin,
        Remote = plan?.Remote ?? new IPEndPoint(IPAddress.Any, 0),
        Formats = plan is null ? [] : plan.SentFormats.IsEmpty ? plan.Formats : plan.SentFormats,
        ExpectMedia = plan is { Direction: Sdp.SdpDirection.SendRecv or Sdp.SdpDirection.SendOnly },
        RtcpMux = plan?.RtcpMux ?? false,
    };
}
