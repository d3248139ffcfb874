using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>What makes two messages belong to one transaction (RFC 3261 §17.1.3, §17.2.3).</summary>
internal readonly record struct TransactionKey(string Id, SipMethod Method)
{
    /// <summary>Key of the server transaction a request starts or belongs to; ACK belongs to its INVITE.</summary>
    public static TransactionKey OfServer(SipRequest request) =>
        new(Identity(request), request.Method == SipMethod.Ack ? SipMethod.Invite : request.Method);

    /// <summary>Key of the INVITE a CANCEL means (§9.2).</summary>
    public static TransactionKey OfCancelled(SipRequest cancel) => new(Identity(cancel), SipMethod.Invite);

    /// <summary>Key of the client transaction that sent a request, or that a response answers.</summary>
    public static TransactionKey OfClient(SipMessage message) => new("c " + message.Via.Branch, message.CSeq.Method);

    private static string Identity(SipRequest request)
    {
        // Sent-by belongs to the key: two clients may have chosen the same branch.
        if (request.Via.HasUniqueBranch) return $"{request.Via.Branch} {request.Via.SentBy.ToLowerInvariant()}";

        // RFC 2543 peers have no usable branch: §17.2.3 compares these instead. The To tag is left out, because an ACK has
        // one where its INVITE had none.
        return string.Create(CultureInfo.InvariantCulture,
            $"2543 {request.CallId} {request.CSeq.Number} {request.From.Tag} {request.Via.SentBy} {request.RequestUri}");
    }
}
