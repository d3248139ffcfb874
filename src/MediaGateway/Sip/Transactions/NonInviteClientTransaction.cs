using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using static EdgeAssist.MediaGateway.Sip.Transactions.NonInviteClientState;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

internal enum NonInviteClientState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

/// <summary>Non-INVITE client transaction: RFC 3261 §17.1.2.</summary>
internal sealed class NonInviteClientTransaction : IClientTransaction
{
    private readonly Queue<SipEffect> _effects = new();
    private readonly SipTimers _timers;
    private readonly bool _reliable;
    private TimeSpan _intervalE;
    private Instant _timerE;                   // retransmit; unreliable transports only
    private Instant _timerF;                   // give up
    private Instant _timerK = Instant.Never;   // absorb retransmitted responses

    /// <summary>Starts the transaction: the request is the first effect.</summary>
    public NonInviteClientTransaction(SipRequest request, SipTimers timers, bool reliable, Instant now)
    {
        Request = request;
        (_timers, _reliable, _intervalE) = (timers, reliable, timers.T1);
        _timerE = reliable ? Instant.Never : now + timers.T1;
        _timerF = now + timers.SixtyFourT1;
        _effects.Enqueue(new SipEffect.Send(request));
    }

    public NonInviteClientState State { get; private set; } = Trying;

    public SipRequest Request { get; }

    public bool IsPending => State is Trying or Proceeding;

    public bool IsTerminated => State == Terminated;

    public Instant Deadline => Instant.Min(_timerE, Instant.Min(_timerF, _timerK));

    public bool TryTake(out SipEffect? effect) => _effects.TryDequeue(out effect);

    public void OnResponse(SipResponse response, Instant now)
    {
        if (State is not (Trying or Proceeding)) return;

        _effects.Enqueue(new SipEffect.Deliver(response));
        if (response.IsProvisional)
        {
            State = Proceeding;
            return;
        }

        State = _reliable ? Terminated : Completed;
        (_timerE, _timerF, _timerK) = (Instant.Never, Instant.Never, _reliable ? Instant.Never : now + _timers.T4);
    }

    public void OnTime(Instant now)
    {
        if (_timerE <= now)
        {
            _effects.Enqueue(new SipEffect.Send(Request));
            _intervalE = State == Proceeding ? _timers.T2 : _timers.Double(_intervalE);
            _timerE = now + _intervalE;
        }

        if (_timerF <= now) _effects.Enqueue(new SipEffect.TimedOut());
        if (Instant.Min(_timerF, _timerK) > now) return;
        State = Terminated;
        _timerE = _timerF = _timerK = Instant.Never;
    }
}
