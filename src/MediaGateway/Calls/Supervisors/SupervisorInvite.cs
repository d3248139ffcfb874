using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>The INVITE to a supervisor's phone (RFC 3261 §8.1.1, §13.2.1).</summary>
internal static class SupervisorInvite
{
    /// <param name="address">The phone.</param>
    /// <param name="flow">Over which flow, and our address on it.</param>
    /// <param name="interventionId">Tells the phone's side which intervention it is for.</param>
    /// <param name="sessionExpires">Session interval asked for; null for none.</param>
    /// <param name="sdp">Our offer.</param>
    /// <param name="newToken">Tokens for tag, branch and Call-ID.</param>
    public static SipRequest Make(SipUri address, SipFlow flow, string interventionId, TimeSpan? sessionExpires, ReadOnlyMemory<byte> sdp, Func<string> newToken)
    {
        var host = Dialog.HostOf(flow.Local.Address);
        var uri = (address with { Headers = "" }).ToString();
        var via = new Via
        {
            Transport = flow.Name, Host = host, Port = flow.Local.Port,
            Parameters = SipParameters.None.With("branch", Via.MagicCookie + newToken()).With("rport", null),
        };
        var from = new NameAddress { DisplayName = "EdgeAssist", Address = $"sip:supervision@{host}", Parameters = SipParameters.None.With("tag", newToken()) };
        var to = new NameAddress { Address = uri };
        var cseq = new CSeq(1, SipMethod.Invite);
        var callId = newToken() + newToken();
        var headers = SipHeaders.Empty
            .Add(SipHeaderNames.Via, via.ToString()).Add(SipHeaderNames.MaxForwards, "70")
            .Add(SipHeaderNames.From, from.ToString()).Add(SipHeaderNames.To, to.ToString())
            .Add(SipHeaderNames.CallId, callId).Add(SipHeaderNames.CSeq, cseq.ToString())
            .Add(SipHeaderNames.Contact, $"<{flow.LocalUri(address.Scheme == "sips")}>")
            .Add(SipHeaderNames.Allow, SessionProfile.Supervisor.Allow).Add(SipHeaderNames.Supported, SessionProfile.Supervisor.Supported)
            .Add("X-EdgeAssist-Intervention", interventionId);
        if (sessionExpires is { } interval) headers = headers.Add(SipHeaderNames.SessionExpires, ((long)interval.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return new SipRequest
        {
            Method = SipMethod.Invite, RequestUri = uri, Via = via, From = from, To = to, CallId = callId, CSeq = cseq,
            Headers = headers.Add(SipHeaderNames.ContentType, "application/sdp"), Body = sdp,
        };
    }
}
