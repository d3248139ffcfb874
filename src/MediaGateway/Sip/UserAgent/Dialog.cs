using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Dialog state (RFC 3261 §12.1) and the requests it makes (§12.2.1.1). The same for both sides.</summary>
internal sealed class Dialog
{
    private readonly NameAddress _local;
    private readonly NameAddress _remote;
    private ImmutableArray<string> _routes;
    private uint _localSequence;

    private Dialog(DialogId id, NameAddress local, NameAddress remote, string target, ImmutableArray<string> routes)
    {
        Id = id;
        (_local, _remote, RemoteTarget, _routes) = (local, remote, target, routes);
    }

    public DialogId Id { get; }

    /// <summary>Where requests go: the peer's Contact.</summary>
    public string RemoteTarget { get; private set; }

    /// <summary>Highest CSeq number the peer has used; null before its first request.</summary>
    public uint? RemoteSequence { get; set; }

    /// <summary>The dialog an accepted INVITE opens here (§12.1.1).</summary>
    public static Dialog AsServer(SipRequest invite, string localTag) => new(
        new DialogId(invite.CallId, localTag, invite.From.Tag ?? ""),
        invite.To with { Parameters = invite.To.Parameters.With("tag", localTag) },
        invite.From,
        TargetOf(invite.Headers) ?? invite.From.Address,
        invite.Headers.Values(SipHeaderNames.RecordRoute)) { RemoteSequence = invite.CSeq.Number };

    /// <summary>What our INVITE says before any answer: no remote tag, and nothing but the INVITE's own address to send to.</summary>
    public static Dialog AsClient(SipRequest invite) => new(
        new DialogId(invite.CallId, invite.From.Tag ?? "", ""), invite.From, invite.To, invite.RequestUri, []) { _localSequence = invite.CSeq.Number };

    /// <summary>The dialog a 1xx or 2xx to our INVITE opens (§12.1.2).</summary>
    public static Dialog AsClient(SipRequest invite, SipResponse success) => new(
        new DialogId(invite.CallId, invite.From.Tag ?? "", success.To.Tag ?? ""),
        invite.From,
        success.To,
        TargetOf(success.Headers) ?? invite.RequestUri,
        [.. success.Headers.Values(SipHeaderNames.RecordRoute).Reverse()]) { _localSequence = invite.CSeq.Number };

    /// <summary>Number of the last reliable 1xx taken in this dialog; 0 before the first (RFC 3262 §4).</summary>
    public uint RemoteReliableNumber { get; set; }

    /// <summary>A request of ours took this CSeq number without being made here.</summary>
    public void NoteSent(uint sequence) => _localSequence = Math.Max(_localSequence, sequence);

    /// <summary>A 2xx to the INVITE says the route anew; the target too (§13.2.2.4).</summary>
    public void Confirm(SipResponse success)
    {
        _routes = [.. success.Headers.Values(SipHeaderNames.RecordRoute).Reverse()];
        Refresh(success.Headers);
    }

    /// <summary>A target refresh request or response moves the remote target (§12.2.2).</summary>
    public void Refresh(SipHeaders headers) => RemoteTarget = TargetOf(headers) ?? RemoteTarget;

    /// <summary>A request inside the dialog.</summary>
    /// <param name="method">Its method; ACK takes the number of the INVITE it acknowledges.</param>
    /// <param name="flow">Where it will go, for Via.</param>
    /// <param name="branch">Branch without the cookie.</param>
    /// <param name="sequence">CSeq number for ACK, null for the next one.</param>
    public SipRequest MakeRequest(SipMethod method, SipFlow flow, string branch, uint? sequence = null)
    {
        var cseq = new CSeq(sequence ?? ++_localSequence, method);
        var via = new Via
        {
            Transport = flow.Name, Host = HostOf(flow.Local.Address), Port = flow.Local.Port,
            Parameters = SipParameters.None.With("branch", Via.MagicCookie + branch).With("rport", null),
        };
        var (uri, routes) = Route();
        var headers = SipHeaders.Empty.Add(SipHeaderNames.Via, via.ToString()).Add(SipHeaderNames.MaxForwards, "70");
        headers = routes.Aggregate(headers, (list, route) => list.Add(SipHeaderNames.Route, route))
            .Add(SipHeaderNames.From, _local.ToString()).Add(SipHeaderNames.To, _remote.ToString())
            .Add(SipHeaderNames.CallId, Id.CallId).Add(SipHeaderNames.CSeq, cseq.ToString());
        return new SipRequest
        {
            Method = method, RequestUri = uri, Headers = headers, Via = via, From = _local, To = _remote, CallId = Id.CallId, CSeq = cseq,
        };
    }

    /// <summary>
    /// Where the next request goes: the connection the dialog lives on, or on UDP the first route or the remote target when
    /// that is an address. A name is not looked up: the source the dialog came from answers for it.
    /// </summary>
    public SipFlow NextHop(SipFlow flow)
    {
        if (flow.IsReliable) return flow;

        var next = _routes.Length > 0 && NameAddressParser.TryParse(_routes[0], out var route, out _) ? route!.Uri : null;
        if (next is null && SipUriParser.TryParse(RemoteTarget, out var target)) next = target;
        if (next?.Address is not { } address || address.AddressFamily != flow.Remote.AddressFamily || address.Equals(IPAddress.Any)) return flow;
        return flow with { Remote = new IPEndPoint(address, next.Port ?? SipFlow.DefaultPort) };
    }

    public static string HostOf(IPAddress address) => address.GetAddressBytes().Length == 16 ? $"[{address}]" : address.ToString();

    private (string Uri, ImmutableArray<string> Routes) Route()
    {
        if (_routes.IsEmpty || !NameAddressParser.TryParse(_routes[0], out var first, out _) || first!.Uri is null || first.Uri.Parameters.Has("lr"))
            return (RemoteTarget, _routes);

        // A strict router wants itself in the Request-URI and the target at the end (§12.2.1.1).
        return (first.Address, _routes.RemoveAt(0).Add($"<{RemoteTarget}>"));
    }

    private static string? TargetOf(SipHeaders headers) =>
        headers.Values(SipHeaderNames.Contact) is [var contact, ..] && NameAddressParser.TryParse(contact, out var address, out _)
            ? address!.Address
            : null;
}
