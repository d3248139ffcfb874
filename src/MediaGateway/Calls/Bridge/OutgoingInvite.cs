using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>The INVITE of the called side, made from the caller's (RFC 7092 §3: nothing of one dialog shows in the other).</summary>
internal static class OutgoingInvite
{
    /// <summary>The INVITE.</summary>
    /// <param name="incoming">The caller's INVITE.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="flow">Over which flow, and our address on it.</param>
    /// <param name="trunk">What the trunk wants.</param>
    /// <param name="passed">Header fields that go on.</param>
    /// <param name="sdp">What the callee is offered; empty leaves the offer to it.</param>
    /// <param name="newToken">Tokens for tag, branch and Call-ID.</param>
    public static SipRequest Make(
        SipRequest incoming, RouteTarget target, SipFlow flow, InlineTrunk trunk, ImmutableArray<SipHeader> passed, ReadOnlyMemory<byte> sdp, Func<string> newToken)
    {
        var profile = SessionProfile.Bridge;
        var transport = flow.Transport == SipTransport.Udp ? "" : ";transport=" + flow.Name.ToLowerInvariant();
        var called = incoming.Target is { } to ? to.User : "";
        var requestUri = incoming.Target is null && !incoming.RequestUri.StartsWith("tel:", StringComparison.OrdinalIgnoreCase)
            ? incoming.RequestUri   // urn:service:sos stays what it is
            : $"sip:{UserOf(called.Length > 0 ? called : InlineTrunk.Called(incoming))}{target.HostPort}{transport}";
        var via = new Via
        {
            Transport = flow.Name, Host = Dialog.HostOf(flow.Local.Address), Port = flow.Local.Port,
            Parameters = SipParameters.None.With("branch", Via.MagicCookie + newToken()).With("rport", null),
        };
        var from = new NameAddress
        {
            DisplayName = incoming.From.DisplayName, Address = FromAddress(incoming.From, flow), Parameters = SipParameters.None.With("tag", newToken()),
        };
        var toAddress = new NameAddress
        {
            DisplayName = incoming.To.DisplayName,
            Address = incoming.To.Uri is { } uri ? $"sip:{UserOf(uri.User)}{target.HostPort}" : incoming.To.Address,
        };
        var cseq = new CSeq(1, SipMethod.Invite);
        var callId = newToken() + newToken();
        var hops = int.TryParse(incoming.Headers.First(SipHeaderNames.MaxForwards), NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left - 1 : 69;
        var headers = SipHeaders.Empty
            .Add(SipHeaderNames.Via, via.ToString()).Add(SipHeaderNames.MaxForwards, hops.ToString(CultureInfo.InvariantCulture))
            .Add(SipHeaderNames.From, from.ToString()).Add(SipHeaderNames.To, toAddress.ToString())
            .Add(SipHeaderNames.CallId, callId).Add(SipHeaderNames.CSeq, cseq.ToString())
            .Add(SipHeaderNames.Contact, $"<{flow.LocalUri()}>")
            .Add(SipHeaderNames.Allow, profile.Allow).Add(SipHeaderNames.Supported, Supported(incoming, sdp));
        if (trunk.SessionExpires is { } interval)
            headers = headers.Add(SipHeaderNames.SessionExpires, ((long)interval.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        headers = passed.Aggregate(headers, (list, field) => list.Add(field.Name, field.Value));
        var body = OutgoingBody.Make(incoming, sdp, trunk.PassBodies, newToken);
        if (body.ContentType.Length > 0) headers = headers.Add(SipHeaderNames.ContentType, body.ContentType);
        return new SipRequest
        {
            Method = SipMethod.Invite, RequestUri = requestUri, Via = via, From = from, To = toAddress, CallId = callId, CSeq = cseq, Headers = headers, Body = body.Content,
        };
    }

    /// <summary>
    /// Reliable 1xx are asked for, except when the caller left the offer to the callee and cannot acknowledge 1xx itself: an
    /// offer in one could then never be answered (RFC 3262 §5).
    /// </summary>
    private static string Supported(SipRequest incoming, ReadOnlyMemory<byte> sdp)
    {
        var canAnswer = !sdp.IsEmpty || incoming.Headers.HasToken(SipHeaderNames.Supported, "100rel") || incoming.Headers.HasToken(SipHeaderNames.Require, "100rel");
        return canAnswer ? SessionProfile.Bridge.Supported : "timer, replaces";
    }

    // An anonymous caller stays anonymous (RFC 3323 §4.1); any other host is replaced by ours.
    private static string FromAddress(NameAddress from, SipFlow flow) =>
        from.Uri is not { } uri || uri.Host.EndsWith(".invalid", StringComparison.OrdinalIgnoreCase)
            ? from.Address
            : $"sip:{UserOf(uri.User)}{Dialog.HostOf(flow.Local.Address)}";

    private static string UserOf(string user) => user.Length > 0 ? user + "@" : "";
}
