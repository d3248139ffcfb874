using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using static EdgeAssist.MediaGateway.Sip.Transactions.NonInviteServerState;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

internal enum NonInviteServerState
{
    Trying,
    Proceeding,
    Completed,
    Terminated,
}

/// <summary>Non-INVITE server transaction: RFC 3261 §17.2.2.</summary>
internal sealed class NonInviteServerTransaction(SipRequest request, SipTimers timers, bool reliable) : IServerTransaction
{
    private readonly Queue<SipEffect> _effects = new();
    private Instant _timerJ = Instant.Never;   // absorb retransmissions of the request
    private SipResponse? _last;

    public NonInviteServerState State { get; private set; } = Trying;

    public SipRequest Request => request;

    public bool IsTerminated => State == Terminated;

    public Instant Deadline => _timerJ;

    public bool TryTake(out SipEffect? effect) => _effects.TryDequeue(out effect);

    public void OnRetransmission()
    {
        if (State is Proceeding or Completed) _effects.Enqueue(new SipEffect.Send(_last!));
    }

    public void Respond(SipResponse response, Instant now)
    {
        if (State is not (Trying or Proceeding)) return;

        _last = response;
        _effects.Enqueue(new SipEffect.Send(response));
        if (response.IsProvisional)
        {
            State = Proceeding;
            return;
        }

        // Timer J is zero on reliable transports: nothing is retransmitted there.
        State = reliable ? Terminated : Completed;
        _timerJ = reliable ? Instant.Never : now + timers.SixtyFourT1;
    }

    public void OnTime(Instant now)
    {
        if (_timerJ > now) return;
        State = Terminated;
        _timerJ = Instant.Never;
    }
}
