using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Relay;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A supervisor who hears a call from its fork: one port on a relay loop, and taps on the call's pipes.</summary>
internal sealed class ListenerStream : IRelayPortOwner, IAsyncDisposable
{
    private readonly RelayLoop _loop;
    private readonly Listener _listener;
    private readonly ListenMix _mix;
    private readonly IReadOnlyList<AudioPipe> _heard;
    private readonly RelayPort _port;
    private readonly Action<char> _keyPressed;
    private readonly Action<ListenerStream> _closed;
    private Instant _next;
    private bool _isOver;      // the loop's
    private int _isDetached;   // signalling's; whoever comes first takes it down

    /// <param name="loop">Carries the port.</param>
    /// <param name="sockets">Bound.</param>
    /// <param name="heard">The pipes of the call's legs.</param>
    /// <param name="plan">What signalling says of the phone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="closed">Told when it is over and its port free again.</param>
    public ListenerStream(RelayLoop loop, RtpSocketPair sockets, IReadOnlyList<AudioPipe> heard, SupervisorPlan plan, TimeProvider time, Action<ListenerStream> closed)
    {
        (_loop, _heard, _keyPressed, _closed) = (loop, heard, plan.KeyPressed, closed);
        _mix = new ListenMix(heard.Count);
        _listener = new Listener(_mix, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)));
        _port = new RelayPort(sockets, this, RelayPort.Supervisor);
        Leg = new SupervisorLeg(loop, _port, _listener, plan, DetachAsync, time);
        for (var i = 0; i < heard.Count; i++) heard[i].Tap = _mix.Taps[i];
        loop.Post(() =>
        {
            loop.Add(_port);
            _next = Instant.Now(time);
            loop.Schedule(this, _next);
        });
    }

    public RelayLoop Loop => _loop;

    public SupervisorLeg Leg { get; }

    public void OnDatagram(RelayPort port, bool isControl, PeerAddress source, Span<byte> slot, int length, Instant now)
    {
        var end = _listener.End;
        if (length < 0) end.Malformed++;
        else if (isControl) end.TakeControl(source, slot, ref length, _loop.Scratch, now);
        else if (end.Take(source, slot, ref length, _loop.Scratch, now) == RelayIntake.Media && _listener.TryTakeKey(slot[..length], out var key)) _keyPressed(key);
    }

    public void OnDue(Instant now)
    {
        if (_isOver || now < _next) return;
        if (now - _next > RelayStream.MixCatchUp) _next = now;
        var packet = _loop.Scratch;
        for (; _next <= now; _next += Supervision.Interval)
        {
            var length = _listener.WriteHeard(packet);
            if (length > 0 && _listener.End.TryProtect(packet, ref length)) Count(_loop.Send(_port.Rtp, packet[..length], _listener.End.Gate.Media));
        }

        _loop.Schedule(this, _next);
    }

    public ValueTask DisposeAsync() => Leg.DisposeAsync();

    private void Count(SendOutcome outcome)
    {
        if (outcome == SendOutcome.Sent) _listener.End.PacketsSent++;
        else _listener.End.SendFailed++;
    }

    private async Task DetachAsync(SupervisorLeg leg)
    {
        if (Interlocked.Exchange(ref _isDetached, 1) != 0) return;
        for (var i = 0; i < _heard.Count; i++)
            if (_heard[i].Tap == _mix.Taps[i]) _heard[i].Tap = null;
        await _loop.PostAsync(() =>
        {
            _isOver = true;
            _loop.Remove(_port);
        }).ConfigureAwait(false);
        _port.Dispose();
        _closed(this);
    }
}
