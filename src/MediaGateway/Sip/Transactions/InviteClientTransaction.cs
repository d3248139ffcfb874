using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using static EdgeAssist.MediaGateway.Sip.Transactions.InviteClientState;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

internal enum InviteClientState
{
    Calling,
    Proceeding,
    Accepted,
    Completed,
    Terminated,
}

/// <summary>
/// INVITE client transaction: RFC 3261 §17.1.1, with the Accepted state of RFC 6026 §7.2. The ACK to a 2xx is the user's,
/// the ACK to anything else is made here (§17.1.1.3).
/// </summary>
internal sealed class InviteClientTransaction : IClientTransaction
{
    private readonly Queue<SipEffect> _effects = new();
    private readonly SipTimers _timers;
    private readonly bool _reliable;
    private TimeSpan _intervalA;
    private Instant _timerA;                   // retransmit; unreliable transports only
    private Instant _timerB;                   // give up
    private Instant _timerD = Instant.Never;   // absorb retransmitted failures
    private Instant _timerM = Instant.Never;   // absorb retransmitted successes

    /// <summary>Starts the transaction: the request is the first effect.</summary>
    public InviteClientTransaction(SipRequest invite, SipTimers timers, bool reliable, Instant now)
    {
        Request = invite;
        (_timers, _reliable, _intervalA) = (timers, reliable, timers.T1);
        _timerA = reliable ? Instant.Never : now + timers.T1;
        _timerB = now + timers.SixtyFourT1;
        _effects.Enqueue(new SipEffect.Send(invite));
    }

    public InviteClientState State { get; private set; } = Calling;

    public SipRequest Request { get; }

    public bool IsPending => State is Calling or Proceeding;

    public bool IsTerminated => State == Terminated;

    public Instant Deadline => Instant.Min(Instant.Min(_timerA, _timerB), Instant.Min(_timerD, _timerM));

    public bool TryTake(out SipEffect? effect) => _effects.TryDequeue(out effect);

    public void OnResponse(SipResponse response, Instant now) => State = (State, response) switch
    {
        (Calling or Proceeding, { IsProvisional: true }) => Proceed(response),
        (Calling or Proceeding, { IsSuccess: true }) => Accept(response, now),
        (Calling or Proceeding, _) => Reject(response, now),
        (Completed, { Status: >= 300 }) => AckAgain(response),
        (Accepted, { IsSuccess: true }) => Deliver(response, Accepted),
        _ => State,
    };

    public void OnTime(Instant now)
    {
        if (State == Calling && _timerA <= now)
        {
            _effects.Enqueue(new SipEffect.Send(Request));
            _intervalA += _intervalA;
            _timerA = now + _intervalA;
        }

        if (State == Calling && _timerB <= now)
        {
            _effects.Enqueue(new SipEffect.TimedOut());
            Terminate();
        }

        if (Instant.Min(_timerD, _timerM) <= now) Terminate();
    }

    private InviteClientState Proceed(SipResponse response)
    {
        _timerA = _timerB = Instant.Never;
        return Deliver(response, Proceeding);
    }

    private InviteClientState Accept(SipResponse response, Instant now)
    {
        (_timerA, _timerB, _timerM) = (Instant.Never, Instant.Never, now + _timers.SixtyFourT1);
        return Deliver(response, Accepted);
    }

    private InviteClientState Reject(SipResponse response, Instant now)
    {
        (_timerA, _timerB, _timerD) = (Instant.Never, Instant.Never, _reliable ? Instant.Never : now + _timers.D);
        AckAgain(response);
        return Deliver(response, _reliable ? Terminated : Completed);
    }

    private InviteClientState AckAgain(SipResponse response)
    {
        _effects.Enqueue(new SipEffect.Send(SipRequests.AckFailure(Request, response)));
        return Completed;
    }

    private InviteClientState Deliver(SipResponse response, InviteClientState next)
    {
        _effects.Enqueue(new SipEffect.Deliver(response));
        return next;
    }

    private void Terminate()
    {
        State = Terminated;
        _timerA = _timerB = _timerD = _timerM = Instant.Never;
    }
}
