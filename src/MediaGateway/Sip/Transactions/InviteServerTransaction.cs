using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using static EdgeAssist.MediaGateway.Sip.Transactions.InviteServerState;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

internal enum InviteServerState
{
    Proceeding,
    Accepted,
    Completed,
    Confirmed,
    Terminated,
}

/// <summary>
/// INVITE server transaction: RFC 3261 §17.2.1, with the Accepted state of RFC 6026 §7.1. A 2xx is retransmitted by the
/// transaction's user, who owns the ACK (§13.3.1.4).
/// </summary>
internal sealed class InviteServerTransaction(SipRequest invite, SipTimers timers, bool reliable) : IServerTransaction
{
    private readonly Queue<SipEffect> _effects = new();
    private Instant _timerG = Instant.Never;   // retransmit the final response; unreliable transports only
    private Instant _timerH = Instant.Never;   // give up waiting for the ACK
    private Instant _timerI = Instant.Never;   // absorb further ACKs
    private Instant _timerL = Instant.Never;   // absorb further INVITEs after a 2xx
    private TimeSpan _intervalG = timers.T1;
    private SipResponse? _last;

    public InviteServerState State { get; private set; } = Proceeding;

    public SipRequest Request => invite;

    public bool IsTerminated => State == Terminated;

    public Instant Deadline => Instant.Min(Instant.Min(_timerG, _timerH), Instant.Min(_timerI, _timerL));

    public bool TryTake(out SipEffect? effect) => _effects.TryDequeue(out effect);

    public void OnRetransmission()
    {
        if (State is Proceeding or Completed && _last is not null) _effects.Enqueue(new SipEffect.Send(_last));
    }

    public void Respond(SipResponse response, Instant now) => State = (State, response) switch
    {
        (Proceeding, { IsProvisional: true }) => SendAndStay(response, Proceeding),
        (Proceeding, { IsSuccess: true }) => Accept(response, now),
        (Proceeding, _) => Complete(response, now),
        (Accepted, { IsSuccess: true }) => SendAndStay(response, Accepted),
        _ => State,
    };

    public void OnAck(SipRequest ack, Instant now)
    {
        switch (State)
        {
            case Completed:
                (_timerG, _timerH, _timerI) = (Instant.Never, Instant.Never, reliable ? now : now + timers.T4);
                State = reliable ? Terminated : Confirmed;
                break;
            case Accepted:
                _effects.Enqueue(new SipEffect.Deliver(ack));
                break;
        }
    }

    public void OnTime(Instant now)
    {
        if (State == Completed && _timerG <= now)
        {
            _effects.Enqueue(new SipEffect.Send(_last!));
            _intervalG = timers.Double(_intervalG);
            _timerG = now + _intervalG;
        }

        if (State == Completed && _timerH <= now)
        {
            _effects.Enqueue(new SipEffect.TimedOut());
            Terminate();
        }

        if (Instant.Min(_timerI, _timerL) <= now) Terminate();
    }

    private InviteServerState SendAndStay(SipResponse response, InviteServerState state)
    {
        _last = response;
        _effects.Enqueue(new SipEffect.Send(response));
        return state;
    }

    private InviteServerState Accept(SipResponse response, Instant now)
    {
        _timerL = now + timers.SixtyFourT1;
        return SendAndStay(response, Accepted);
    }

    private InviteServerState Complete(SipResponse response, Instant now)
    {
        _timerG = reliable ? Instant.Never : now + timers.T1;
        _timerH = now + timers.SixtyFourT1;
        return SendAndStay(response, Completed);
    }

    private void Terminate()
    {
        State = Terminated;
        _timerG = _timerH = _timerI = _timerL = Instant.Never;
    }
}
