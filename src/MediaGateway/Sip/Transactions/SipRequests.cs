using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Transactions;

/// <summary>Requests that are made from another request: the ACK to a failure (§17.1.1.3) and CANCEL (§9.1).</summary>
internal static class SipRequests
{
    /// <summary>ACK to a 3xx–6xx: same branch, the To of the response.</summary>
    public static SipRequest AckFailure(SipRequest invite, SipResponse response) => Derive(invite, SipMethod.Ack, response.To);

    /// <summary>CANCEL of a pending request: same branch, same To.</summary>
    public static SipRequest Cancel(SipRequest invite) => Derive(invite, SipMethod.Cancel, invite.To);

    private static SipRequest Derive(SipRequest invite, SipMethod method, NameAddress to)
    {
        var cseq = invite.CSeq with { Method = method };
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        fields.Add(new SipHeader(SipHeaderNames.Via, invite.Via.ToString()));
        fields.Add(new SipHeader(SipHeaderNames.From, invite.Headers.First(SipHeaderNames.From)!));
        fields.Add(new SipHeader(SipHeaderNames.To, to.ToString()));
        fields.Add(new SipHeader(SipHeaderNames.CallId, invite.CallId));
        fields.Add(new SipHeader(SipHeaderNames.CSeq, cseq.ToString()));
        fields.Add(new SipHeader(SipHeaderNames.MaxForwards, "70"));
        fields.AddRange(invite.Headers.Where(field => field.Is(SipHeaderNames.Route)));
        return invite with { Method = method, Headers = new SipHeaders(fields.ToImmutable()), To = to, CSeq = cseq, Body = default };
    }
}
