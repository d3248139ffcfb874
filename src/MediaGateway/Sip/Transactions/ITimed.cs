using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>Something with a deadline, driven by its owner.</summary>
internal interface ITimed
{
    /// <summary>When <see cref="OnTime"/> wants to be called next.</summary>
    Instant Deadline { get; }

    /// <summary>Fires every timer that is due at <paramref name="now"/>.</summary>
    void OnTime(Instant now);
}

/// <summary>A transaction as the table sees it.</summary>
internal interface ITransaction : ITimed
{
    bool IsTerminated { get; }

    bool TryTake(out SipEffect? effect);
}

/// <summary>A server transaction as the user agent core sees it.</summary>
internal interface IServerTransaction : ITransaction
{
    SipRequest Request { get; }

    /// <summary>A retransmission of the request came.</summary>
    void OnRetransmission();

    /// <summary>The user answers.</summary>
    void Respond(SipResponse response, Instant now);
}

/// <summary>A client transaction as the user agent core sees it.</summary>
internal interface IClientTransaction : ITransaction
{
    SipRequest Request { get; }

    /// <summary>No final answer yet.</summary>
    bool IsPending { get; }

    void OnResponse(SipResponse response, Instant now);
}
