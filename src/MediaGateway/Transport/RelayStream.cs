using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// One relayed stream on its loop: the ports around a <see cref="RelayLink"/>. What packets do happens on the loop's thread;
/// signalling calls from its own and posts.
/// </summary>
internal sealed class RelayStream : IRelayStream, IRelayPortOwner
{
    /// <summary>A loop that was held up for longer goes on from now instead of sending what is past.</summary>
    internal static readonly TimeSpan MixCatchUp = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();   // signalling threads among themselves
    private readonly RelayLoop _loop;
    private readonly RelayLink _link;
    private readonly RelayPort[] _ports;
    private readonly ForkLeg?[] _forks = new ForkLeg?[2];
    private readonly RelayProtection?[] _protections = new RelayProtection?[2];
    private readonly ImmutableArray<MediaFormat>[] _formats = [[], []];   // what each side wants to receive
    private readonly List<RelayProtection> _toWipe = [];
    private readonly TimeProvider _time;
    private readonly RelayPlan _plan;
    private readonly Func<IPAddress?, RtpSocketPair?> _bind;
    private readonly Action<RelayStream?, IReadOnlyList<int>> _closed;
    private readonly AudioPipe? _noAudio;
    private SupervisorLeg? _supervisor;
    private Supervision? _supervision;     // the loop's view of it
    private RelayPort? _supervisorPort;
    private Action<char> _keyPressed = _ => { };
    private Instant _nextMix;
    private bool _disposed;

    /// <param name="loop">Carries the stream.</param>
    /// <param name="plan">What signalling knows.</param>
    /// <param name="sockets">Of the caller, then of the callee.</param>
    /// <param name="fork">Makes the way into analysis for a side; null: no fork.</param>
    /// <param name="time">The clock.</param>
    /// <param name="bind">Takes one more port pair at a local address.</param>
    /// <param name="closed">Told of ports that are free again, and of the stream when it is over.</param>
    public RelayStream(RelayLoop loop, RelayPlan plan, (RtpSocketPair Caller, RtpSocketPair Callee) sockets, Func<MediaLegPlan, ForkLeg>? fork, TimeProvider time, Func<IPAddress?, RtpSocketPair?> bind, Action<RelayStream?, IReadOnlyList<int>> closed)
    {
        (_loop, _plan, _time, _bind, _closed) = (loop, plan, time, bind, closed);
        _link = new RelayLink(loop.Bridges);   // what every packet touches, allocated together
        _ports = [new RelayPort(sockets.Caller, this, 0), new RelayPort(sockets.Callee, this, 1)];
        if (fork is null) (_noAudio = new AudioPipe()).Complete();
        foreach (var side in (ReadOnlySpan<RelaySide>)[RelaySide.Caller, RelaySide.Callee])
        {
            if (fork is null) break;
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

    public AudioPipe Audio(RelaySide side) => _forks[(int)side]?.Audio ?? _noAudio!;

    public RelaySideStatistics Statistics(RelaySide side) => _ports[(int)side].StatisticsOf(_link.End(side), Instant.Now(_time)) with
    {
        Jitter = _link.FlowFrom(side).Jitter,
        SourceChanges = _link.FlowFrom(side).Numbers.Changes,
        ForkDroppedSamples = Audio(side).DroppedSamples,
    };

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
            _formats[(int)side] = plan.Formats;
            _loop.Post(() => _link.Update(side, plan, made, now));
            if (_forks[(int)side] is { } fork) _loop.Fork.Update(fork, LegPlan(side, plan));
        }
    }

    public bool IsMixable
    {
        get
        {
            lock (_gate) return !_disposed && Supervision.CanMix(_formats[0], _formats[1]);
        }
    }

    public ISupervisorLeg? TryAttach(SupervisorPlan plan)
    {
        lock (_gate)
        {
            if (_supervisor is not null || !Supervision.CanMix(plan.Side.Formats) || !IsMixable) return null;
            if (_bind(plan.LocalAddress) is not { } sockets) return null;
            var core = new Supervision(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
            _supervisor = new SupervisorLeg(_loop, new RelayPort(sockets, this, RelayPort.Supervisor), core, plan, DetachAsync, _time);
            var (port, keyPressed) = (_supervisor.Port, plan.KeyPressed);
            _loop.Post(() => BeginSupervision(core, port, keyPressed));
            return _supervisor;
        }
    }

    /// <summary>Takes a supervisor off the call.</summary>
    private async Task DetachAsync(SupervisorLeg leg)
    {
        lock (_gate)
        {
            if (_supervisor != leg) return;
            _supervisor = null;
        }

        await _loop.PostAsync(() =>
        {
            (_supervision, _supervisorPort) = (null, null);
            _loop.Remove(leg.Port);
        }).ConfigureAwait(false);
        leg.Port.Dispose();
        _closed(null, [leg.Port.LocalEndPoint.Port]);
    }

    /// <summary>Puts a supervisor's audio into the packets. On the loop's thread.</summary>
    private void BeginSupervision(Supervision supervision, RelayPort port, Action<char> keyPressed)
    {
        (_supervision, _supervisorPort, _keyPressed) = (supervision, port, keyPressed);
        _loop.Add(port);
        _nextMix = Instant.Now(_time);
        _loop.Schedule(this, _nextMix);
    }

    public async ValueTask DisposeAsync()
    {
        SupervisorLeg? supervisor;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            supervisor = _supervisor;
        }

        if (supervisor is not null) await supervisor.DisposeAsync().ConfigureAwait(false);
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

    public void OnDatagram(RelayPort port, bool isControl, PeerAddress source, Span<byte> slot, int length, Instant now)
    {
        var end = port.Position == RelayPort.Supervisor ? _supervision?.End : _link.End((RelaySide)port.Position);
        if (end is null) return;
        if (length < 0)
        {
            end.Malformed++;
            return;
        }

        var intake = isControl
            ? end.TakeControl(source, slot, ref length, _loop.Scratch, now)
            : end.Take(source, slot, ref length, _loop.Scratch, now);
        if (intake == RelayIntake.Refused) return;
        if (port.Position == RelayPort.Supervisor)
        {
            if (intake != RelayIntake.Media) return;
            _supervision!.Say(slot[..length]);
            if (_supervision.TryTakeKey(slot[..length], out var key)) _keyPressed(key);
            return;
        }

        var from = (RelaySide)port.Position;
        if (_forks[port.Position] is { } fork && !_loop.Fork.Offer(fork, slot[..length], now)) end.ForkDropped++;
        if (intake == RelayIntake.Media) Forward(from, slot, length, now);
        else ForwardControl(from, slot, length);
    }

    /// <summary>The supervisor's next packets are due. On the loop's thread.</summary>
    public void OnDue(Instant now)
    {
        if (_supervision is not { } supervision || now < _nextMix) return;   // scheduled by a supervisor who has left
        if (now - _nextMix > MixCatchUp) _nextMix = now;
        var packet = _loop.Scratch;
        for (; _nextMix <= now; _nextMix += Supervision.Interval)
        {
            var length = supervision.WriteHeard(packet);
            if (length > 0) Send(supervision.End, _supervisorPort!.Rtp, packet, length, supervision.End.Gate.Media);
            foreach (var side in (ReadOnlySpan<RelaySide>)[RelaySide.Caller, RelaySide.Callee])
            {
                var end = _link.End(side);
                length = supervision.WriteSaid(side, end, _link.FlowFrom(1 - side), packet, now);
                if (length > 0) Send(end, _ports[(int)side].Rtp, packet, length, end.Gate.Media);
            }
        }

        _loop.Schedule(this, _nextMix);
    }

    private void Send(RelayEnd end, RelaySocket socket, Span<byte> packet, int length, in PeerAddress destination)
    {
        if (!end.TryProtect(packet, ref length)) return;
        if (_loop.Send(socket, packet[..length], destination) == SendOutcome.Sent) end.PacketsSent++;
        else end.SendFailed++;
    }

    private void Forward(RelaySide from, Span<byte> slot, int length, Instant now)
    {
        var other = 1 - (int)from;
        if (_supervision is { } supervision)
        {
            var formats = _link.FlowFrom(from).Formats;
            supervision.Hear(from, slot[..length], formats);
            supervision.Mix((RelaySide)other, slot[..length], formats);
        }

        if (!_link.TryForward(from, slot, ref length, now, out var destination)) return;
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
