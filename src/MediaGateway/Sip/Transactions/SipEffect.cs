using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>What a transaction wants done.</summary>
internal abstract record SipEffect
{
    /// <summary>Put this message on the wire.</summary>
    public sealed record Send(SipMessage Message) : SipEffect;

    /// <summary>Pass this message to the transaction's user.</summary>
    public sealed record Deliver(SipMessage Message) : SipEffect;

    /// <summary>Tell the user that no answer (or no ACK) came in time.</summary>
    public sealed record TimedOut : SipEffect;
}
