using System.Text;
using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>The back-to-back user agent in virtual time, both ends scripted.</summary>
public sealed class BridgeTests
{
    private static readonly byte[] s_offer = ScriptedPeer.Sdp(1, "1.1.1.1");
    private static readonly byte[] s_answer = ScriptedPeer.Sdp(1, "2.2.2.2", port: 6000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact] // RFC 3261 §13, RFC 7092 §3
    public async Task A_call_is_carried_through_in_two_dialogs_that_share_nothing()
    {
        await using var rig = new BridgeRig();

        rig.Invite(s_offer, headers: ["Session-ID: ab30317f1a784dc48ff824d0d3715d86", "X-Queue: 7", "Warning: 399 inside.caller.example \"x\"", "Route: <sip:127.0.0.9;lr>"]);
        rig.Answer(new SessionDecision { Status = 180 });
        rig.Answer(SessionDecision.Accept(s_answer));

        var invite = rig.Callee.Requests[0];
        Assert.Equal([180, 200], rig.Caller.Responses.Select(response => response.Status));
        Assert.Equal("sip:100@127.0.0.1:6002", invite.RequestUri);
        Assert.NotEqual("call-of-ann", invite.CallId);
        Assert.NotEqual("anntag", invite.From.Tag);
        Assert.Equal("\"Ann\" <sip:+4930111@127.0.0.9>;tag=" + invite.From.Tag, invite.From.ToString());
        Assert.Equal("69", invite.Headers.First("Max-Forwards"));
        Assert.Equal("ab30317f1a784dc48ff824d0d3715d86", invite.Headers.First("Session-ID"));
        Assert.Equal("7", invite.Headers.First("X-Queue"));
        Assert.Equal("<sip:127.0.0.9:5060>", invite.Headers.First("Contact"));
        Assert.Single(invite.Headers.Values("Via"));
        Assert.Empty(invite.Headers.Values("Warning"));
        Assert.Empty(invite.Headers.Values("Route"));
        var toCallee = rig.Sent.Where(text => text.StartsWith("INVITE", StringComparison.Ordinal) || text.StartsWith("ACK", StringComparison.Ordinal)).ToList();
        Assert.All(toCallee, text => Assert.DoesNotContain("caller.example", text, StringComparison.Ordinal));
        Assert.All(toCallee, text => Assert.DoesNotContain("1.1.1.1", text, StringComparison.Ordinal));
        Assert.All(rig.Sent.Where(text => text.StartsWith("SIP/2.0", StringComparison.Ordinal)), text => Assert.DoesNotContain("2.2.2.2", text, StringComparison.Ordinal));

        rig.Hangup(rig.Caller, "Q.850;cause=16");
        Assert.Equal([SessionEnd.Bye], rig.Callee.Ends);
        Assert.Equal("Q.850;cause=16", rig.Callee.LastEnd!.Headers.First("Reason"));
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Fact] // RFC 6442 §3, RFC 7852, RFC 3204, RFC 2392
    public async Task Where_the_caller_is_goes_on_beside_our_description_and_other_parts_end_here()
    {
        await using var rig = new BridgeRig();
        const string location = "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"pres:ann@x\"/>";
        var body = "--b1\r\nContent-Type: application/vnd.maker+xml\r\n\r\n<secret/>\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n"
            + Encoding.UTF8.GetString(s_offer)
            + "\r\n--b1\r\nContent-Type: application/pidf+xml;charset=utf-8\r\nContent-ID: <here@caller.example>\r\nContent-Disposition: render;handling=optional\r\n\r\n"
            + location + "\r\n--b1--\r\n";

        rig.Invite(Encoding.UTF8.GetBytes(body), "urn:service:sos", "Content-Type: multipart/mixed;boundary=b1", "Geolocation: <cid:here@caller.example>");

        var invite = rig.Callee.Requests[0];
        Assert.Equal(BodyError.None, MultipartReader.TryRead(invite.Headers.First("Content-Type")!, "", "", invite.Body, out var parts));
        Assert.Equal(["application/sdp", "application/pidf+xml"], parts.Select(part => part.ContentType));
        Assert.DoesNotContain("1.1.1.1", Encoding.UTF8.GetString(parts[0].Content.Span), StringComparison.Ordinal);
        Assert.Equal(
            ("application/pidf+xml;charset=utf-8", "<here@caller.example>", "render;handling=optional", location),
            (parts[1].TypeField, parts[1].ContentId, parts[1].DispositionField, Encoding.UTF8.GetString(parts[1].Content.Span)));
        Assert.Equal("<cid:here@caller.example>", invite.Headers.First("Geolocation"));
        rig.Answer(SessionDecision.Accept(s_answer));
        rig.Hangup(rig.Callee);
    }

    [Fact]
    public async Task A_location_without_an_offer_goes_on_alone()
    {
        await using var rig = new BridgeRig();

        rig.Invite("<presence/>"u8.ToArray(), headers: ["Content-Type: application/pidf+xml"]);

        Assert.Equal(("application/pidf+xml", "<presence/>"), (rig.Callee.Requests[0].Headers.First("Content-Type"), Encoding.UTF8.GetString(rig.Callee.Requests[0].Body.Span)));
        rig.Answer(new SessionDecision { Status = 486 });
    }

    [Fact] // RFC 3264 §5, §6
    public async Task Each_side_is_told_our_media_addresses_and_the_relay_learns_theirs()
    {
        await using var rig = new BridgeRig();

        rig.Establish();

        var stream = Assert.Single(rig.Relay.Streams);
        var offered = BridgeRig.Parse(rig.Callee.Requests[0]);
        var answered = BridgeRig.Parse(rig.Caller.Responses[^1]);
        Assert.Equal(stream.LocalEndPoint(RelaySide.Callee).Port, offered.Media[0].Port);
        Assert.Equal(stream.LocalEndPoint(RelaySide.Caller).Port, answered.Media[0].Port);
        Assert.Equal("127.0.0.9", offered.Connection);
        Assert.Equal("20", offered.Media[0].Attribute("ptime"));
        Assert.Equal("1.1.1.1:5000", stream.Sides[RelaySide.Caller].Remote.ToString());
        Assert.Equal("2.2.2.2:6000", stream.Sides[RelaySide.Callee].Remote.ToString());
        Assert.Equal(["PCMA", "telephone-event"], stream.Sides[RelaySide.Callee].Formats.Select(format => format.EncodingName));
        rig.Hangup(rig.Callee);
        await rig.Bridge.WhenClosedAsync();
        Assert.True(stream.IsDisposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ports_are_learnt_where_the_trunk_says_so_and_nowhere_else(bool learnPort)
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { LearnPort = learnPort });

        rig.Establish();

        Assert.All(Assert.Single(rig.Relay.Streams).Sides.Values, side => Assert.Equal(learnPort, side.LearnPort));
        rig.Hangup(rig.Callee);
    }

    [Fact]
    public async Task Analysis_gets_both_legs_with_the_roles_of_the_trunk()
    {
        await using var rig = new BridgeRig();

        rig.Establish("P-Asserted-Identity: \"Customer\" <sip:+4930222@carrier.example>");
        rig.Hangup(rig.Caller);

        await rig.Bridge.WhenClosedAsync();
        var call = Assert.Single(rig.Sink.Calls);
        Assert.Equal(CallEndReason.Hangup, await call.Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        Assert.Equal([PartyRole.Customer, PartyRole.Agent], call.Legs.Select(leg => leg.Role));
        Assert.Equal(["PCMA", "PCMA"], call.Legs.Select(leg => leg.Codec));
        Assert.Equal(("inline", "pstn", "support", "100", "+4930222"), (call.Info.Source, call.Info.Trunk, call.Info.Team, call.Info.Agent, call.Info.Customer));
        Assert.Equal("call-of-ann", call.Info.CorrelationIds["sip-call-id"]);
    }

    [Fact] // RFC 3325 §9.1, RFC 4916
    public async Task A_participant_put_on_a_leg_later_reaches_analysis_with_the_role_of_the_rules()
    {
        var rules = new RoleRules { Addresses = [new RoleRule(AddressTest.Prefix, "9", PartyRole.Unknown), new RoleRule(AddressTest.Domain, "pbx.example", PartyRole.Agent)] };
        await using var rig = new BridgeRig(trunk: new Trunk { Name = "pstn", Roles = rules });
        rig.Establish();

        rig.Callee.Description = ScriptedPeer.Sdp(2, "2.2.2.3", port: 6004);
        rig.Caller.ModifyDecision = SessionDecision.Accept(s_offer);
        rig.Send(rig.Callee, SessionRequest.WithDescription(SipMethod.Invite, rig.Callee.Description) with
        {
            Headers = [new SipHeader("P-Asserted-Identity", "\"Second line\" <sip:200@pbx.example>")],
        });
        rig.Hangup(rig.Caller);
        await rig.Bridge.WhenClosedAsync();

        var call = Assert.Single(rig.Sink.Calls);
        Assert.Equal("200", call.Info.Agent);
        Assert.Equal((PartyRole.Agent, RoleEvidence.Metadata), (call.Info.Legs[1].Role, call.Info.Legs[1].RoleEvidence));
        Assert.True(call.Info.Version > 1);
    }

    [Theory] // RFC 3261 §9.1, §9.2
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_CANCEL_ends_the_other_side_whenever_it_comes(bool ringing)
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer);
        if (ringing) rig.Answer(new SessionDecision { Status = 180 });

        rig.Hangup(rig.Caller, "SIP;cause=200;text=\"elsewhere\"");

        Assert.Equal([SessionEnd.Cancelled], rig.Caller.Ends);
        Assert.Equal([SessionEnd.Cancelled], rig.Callee.Ends);
        Assert.Equal("SIP;cause=200;text=\"elsewhere\"", rig.Callee.LastEnd!.Headers.First("Reason"));
        Assert.Equal(0, rig.Bridge.CallCount);
    }

    [Fact] // RFC 3261 §9.1, §13.2.2.4
    public async Task A_200_that_crosses_the_CANCEL_is_acknowledged_and_ended()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer);
        rig.Answer(new SessionDecision { Status = 180 });
        rig.Loses = message => message is SipRequest { Method.Name: "CANCEL" } cancel && cancel.CallId != "call-of-ann";

        rig.Hangup(rig.Caller);
        rig.Answer(SessionDecision.Accept(s_answer));

        Assert.Equal([SessionEnd.Bye], rig.Callee.Ends);
        Assert.Contains(rig.Callee.Requests, request => request.Method == SipMethod.Ack);
        Assert.Equal([SessionEnd.Cancelled], rig.Caller.Ends);
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Theory] // RFC 3261 §8.1.3, RFC 3326
    [InlineData(486)]
    [InlineData(404)]
    [InlineData(603)]
    public async Task A_refusal_comes_back_as_it_is_and_the_ports_are_free_again(int status)
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer);

        rig.Answer(new SessionDecision { Status = status, Headers = [new SipHeader("Reason", "Q.850;cause=17"), new SipHeader("Warning", "399 pbx.inside \"busy\"")] });

        Assert.Equal(status, rig.Caller.LastStatus);
        Assert.Equal("Q.850;cause=17", rig.Caller.Responses[^1].Headers.First("Reason"));
        Assert.Empty(rig.Caller.Responses[^1].Headers.Values("Warning"));
        await rig.Bridge.WhenClosedAsync();
        Assert.True(Assert.Single(rig.Relay.Streams).IsDisposed);
        Assert.Equal(0, rig.Bridge.CallCount);
    }

    [Fact] // RFC 3261 §22.3
    public async Task A_challenge_goes_to_the_caller_and_its_credentials_to_the_callee()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer, headers: ["Proxy-Authorization: Digest username=\"ann\""]);
        rig.Answer(new SessionDecision { Status = 407, Headers = [new SipHeader("Proxy-Authenticate", "Digest realm=\"pbx\", nonce=\"1\"")] });

        Assert.Equal("Digest username=\"ann\"", rig.Callee.Requests[0].Headers.First("Proxy-Authorization"));
        Assert.Equal("Digest realm=\"pbx\", nonce=\"1\"", rig.Caller.Responses[^1].Headers.First("Proxy-Authenticate"));
    }

    [Fact] // RFC 3261 §13.3.1.1; early media
    public async Task Early_media_of_the_callee_reaches_the_caller_with_our_address()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer);

        rig.Answer(new SessionDecision { Status = 183, ContentType = "application/sdp", Body = s_answer });

        Assert.Equal(183, rig.Caller.LastStatus);
        var told = BridgeRig.Parse(rig.Caller.Responses[^1]);
        Assert.Equal(rig.Relay.Streams[0].LocalEndPoint(RelaySide.Caller).Port, told.Media[0].Port);
        Assert.Equal("2.2.2.2:6000", rig.Relay.Streams[0].Sides[RelaySide.Callee].Remote.ToString());
        rig.Answer(SessionDecision.Accept(s_answer));
        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(1ul, BridgeRig.Parse(rig.Caller.Responses[^1]).Origin.Version);
    }

    [Theory] // RFC 3262 §3, §4
    [InlineData("Supported: 100rel", true)]
    [InlineData("Supported: timer", false)]
    public async Task Reliable_responses_are_each_sides_own_matter(string callerSays, bool callerAcknowledges)
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer, headers: [callerSays]);

        rig.Answer(new SessionDecision { Status = 183, ContentType = "application/sdp", Body = s_answer, Reliable = true });
        rig.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("PRACK", rig.Callee.Requests[^1].Method.Name);
        Assert.Equal(callerAcknowledges, rig.Sent.Any(text => text.StartsWith("SIP/2.0 183", StringComparison.Ordinal) && text.Contains("RSeq:", StringComparison.Ordinal)));
        Assert.Single(rig.Sent, text => text.StartsWith("SIP/2.0 183", StringComparison.Ordinal));
        rig.Answer(SessionDecision.Accept(default));
        Assert.Equal(200, rig.Caller.LastStatus);
    }

    [Fact] // RFC 3261 §13.2.2.4: the offer in the 200, the answer in the ACK
    public async Task An_offer_left_to_the_callee_is_answered_in_the_ACK()
    {
        await using var rig = new BridgeRig();
        rig.Invite(default);
        Assert.True(rig.Callee.Requests[0].Body.IsEmpty);

        rig.Answer(SessionDecision.Accept(s_answer));
        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.DoesNotContain(rig.Callee.Requests, request => request.Method == SipMethod.Ack);
        rig.Caller.Core.Acknowledge(rig.Caller.Session!, s_offer, rig.Now);
        rig.Run();

        var ack = rig.Callee.Requests[^1];
        Assert.Equal("ACK", ack.Method.Name);
        Assert.Equal(rig.Relay.Streams[0].LocalEndPoint(RelaySide.Callee).Port, BridgeRig.Parse(ack).Media[0].Port);
        Assert.Equal("1.1.1.1:5000", rig.Relay.Streams[0].Sides[RelaySide.Caller].Remote.ToString());
    }

    [Fact] // RFC 3262 §5: the offer in a reliable 183, the answer in the PRACK
    public async Task An_offer_in_a_reliable_183_is_answered_in_the_PRACK()
    {
        await using var rig = new BridgeRig();
        rig.Invite(default, headers: ["Supported: 100rel"]);

        rig.Answer(new SessionDecision { Status = 183, ContentType = "application/sdp", Body = s_answer, Reliable = true });
        Assert.Equal(OfferState.Remote, rig.Caller.Session!.Exchange.State);
        rig.Caller.Core.AcknowledgeProvisional(rig.Caller.Session!, rig.Caller.Responses[^1], s_offer, rig.Now);
        rig.Run();

        var prack = rig.Callee.Requests[^1];
        Assert.Equal("PRACK", prack.Method.Name);
        Assert.Equal("127.0.0.9", BridgeRig.Parse(prack).Connection);
        rig.Answer(SessionDecision.Accept(default));
        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(SipSessionState.Confirmed, rig.Callee.Session!.State);
    }

    [Theory] // RFC 3264 §8.4, RFC 6337 §5.3
    [InlineData("sendonly", "1.1.1.1", "sendonly")]
    [InlineData("inactive", "1.1.1.1", "inactive")]
    [InlineData("sendrecv", "0.0.0.0", "sendonly")]
    public async Task Hold_reaches_the_other_side_in_both_styles(string direction, string address, string told)
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        rig.Callee.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(2, "2.2.2.2", "recvonly", 6000));

        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, address, direction)));

        var offer = BridgeRig.Parse(rig.Callee.Requests.Last(request => request.Method == SipMethod.Invite));
        Assert.Equal((told, 2ul), (offer.Media[0].DirectionIn(offer).ToString().ToLowerInvariant(), offer.Origin.Version));
        var answer = BridgeRig.Parse(rig.Caller.Responses[^1]);
        Assert.Equal(SdpDirection.RecvOnly, answer.Media[0].DirectionIn(answer));
        Assert.NotEqual(SdpDirection.SendRecv, rig.Relay.Streams[0].Sides[RelaySide.Caller].Direction);
        Assert.Single(rig.Relay.Streams);
    }

    [Fact] // RFC 4028 §10: each leg's own
    public async Task A_refresh_stays_on_its_leg()
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        var before = rig.Callee.Requests.Count;

        rig.Send(rig.Caller, new SessionRequest(SipMethod.Update));
        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, s_offer));

        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(rig.Relay.Streams[0].LocalEndPoint(RelaySide.Caller).Port, BridgeRig.Parse(rig.Caller.Responses[^1]).Media[0].Port);
        Assert.Equal(before, rig.Callee.Requests.Count);
    }

    [Fact] // RFC 3311 §5.1, both states
    public async Task An_UPDATE_with_an_offer_is_passed_on_before_and_after_the_answer()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer, headers: ["Supported: 100rel"]);
        rig.Answer(new SessionDecision { Status = 183, ContentType = "application/sdp", Body = s_answer, Reliable = true });
        rig.Callee.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(2, "2.2.2.2", port: 6000));

        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Update, ScriptedPeer.Sdp(2, "1.1.1.5")));
        Assert.Equal(("UPDATE", 200), (rig.Callee.Requests[^1].Method.Name, rig.Caller.LastStatus));
        Assert.Equal("1.1.1.5:5000", rig.Relay.Streams[0].Sides[RelaySide.Caller].Remote.ToString());

        rig.Answer(SessionDecision.Accept(default));
        rig.Caller.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(3, "1.1.1.5"));
        rig.Send(rig.Callee, SessionRequest.WithDescription(SipMethod.Update, ScriptedPeer.Sdp(3, "2.2.2.9", port: 6000)));

        Assert.Equal(("UPDATE", 200), (rig.Caller.Requests[^1].Method.Name, rig.Callee.LastStatus));
        Assert.Equal("2.2.2.9:6000", rig.Relay.Streams[0].Sides[RelaySide.Callee].Remote.ToString());
    }

    [Fact] // RFC 3261 §14.1, §14.2
    public async Task Offers_that_cross_get_491_on_each_side()
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        rig.Callee.ModifyDecision = SessionDecision.Later;

        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "1.1.1.2")));
        rig.Send(rig.Callee, SessionRequest.WithDescription(SipMethod.Update, ScriptedPeer.Sdp(2, "2.2.2.4", port: 6000)));

        Assert.Equal(491, rig.Callee.LastStatus);
        rig.Callee.Core.Answer(rig.Callee.Session!, rig.Callee.Requests[^1], new SessionDecision { Status = 491 }, rig.Now);
        rig.Run();
        Assert.Equal(491, rig.Caller.LastStatus);
        Assert.Equal("1.1.1.1:5000", rig.Relay.Streams[0].Sides[RelaySide.Caller].Remote.ToString());
    }

    [Fact] // RFC 3261 §14.1
    public async Task A_refused_change_leaves_everything_as_it_was()
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        rig.Callee.ModifyDecision = new SessionDecision { Status = 488 };

        rig.Send(rig.Caller, SessionRequest.WithDescription(SipMethod.Invite, ScriptedPeer.Sdp(2, "1.1.1.7", more: "m=video 7000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")));

        Assert.Equal(488, rig.Caller.LastStatus);
        Assert.Equal("1.1.1.1:5000", rig.Relay.Streams[0].Sides[RelaySide.Caller].Remote.ToString());
        await rig.Bridge.WhenClosedAsync();
        Assert.Equal([false, true], rig.Relay.Streams.Select(stream => stream.IsDisposed));
        Assert.Equal(1, rig.Bridge.CallCount);
    }

    [Fact] // RFC 3261 §14.1: a re-INVITE without a description
    public async Task A_re_INVITE_without_an_offer_brings_the_other_sides()
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        rig.Callee.ModifyDecision = SessionDecision.Accept(ScriptedPeer.Sdp(2, "2.2.2.8", port: 6000));

        rig.Send(rig.Caller, new SessionRequest(SipMethod.Invite));
        rig.Caller.Core.Acknowledge(rig.Caller.Session!, ScriptedPeer.Sdp(2, "1.1.1.8"), rig.Now);
        rig.Run();

        Assert.Equal("ACK", rig.Callee.Requests[^1].Method.Name);
        Assert.False(rig.Callee.Requests[^1].Body.IsEmpty);
        Assert.Equal(("1.1.1.8:5000", "2.2.2.8:6000"),
            (rig.Relay.Streams[0].Sides[RelaySide.Caller].Remote.ToString(), rig.Relay.Streams[0].Sides[RelaySide.Callee].Remote.ToString()));
    }

    [Fact] // RFC 6086, RFC 2976: key presses
    public async Task INFO_is_passed_on_with_its_body_and_its_answer()
    {
        await using var rig = new BridgeRig();
        rig.Establish();

        rig.Send(rig.Callee, new SessionRequest(SipMethod.Info) { ContentType = "application/dtmf-relay", Body = "Signal=5\r\nDuration=160\r\n"u8.ToArray() });

        var info = rig.Caller.Requests[^1];
        Assert.Equal(("INFO", "application/dtmf-relay", 24), (info.Method.Name, info.Headers.First("Content-Type"), info.Body.Length));
        Assert.Equal(200, rig.Callee.LastStatus);
    }

    [Fact] // RFC 3515, RFC 3891, RFC 5589 §7
    public async Task A_transfer_names_the_dialog_the_receiver_knows()
    {
        await using var rig = new BridgeRig();
        rig.Establish();
        rig.Callee.RequestDecision = new SessionDecision { Status = 202 };
        var ours = rig.Caller.Session!.Dialog.Id;
        var theirs = rig.Callee.Session!.Dialog.Id;

        rig.Send(rig.Caller, new SessionRequest(SipMethod.Refer)
        {
            Headers = [new SipHeader("Refer-To", $"<sip:300@127.0.0.9:5060?Replaces={ours.CallId}%3Bto-tag%3D{ours.RemoteTag}%3Bfrom-tag%3D{ours.LocalTag}>")],
        });
        rig.Send(rig.Callee, new SessionRequest(SipMethod.Notify)
        {
            Headers = [new SipHeader("Event", "refer"), new SipHeader("Subscription-State", "terminated;reason=noresource")],
            ContentType = "message/sipfrag", Body = "SIP/2.0 200 OK"u8.ToArray(),
        });

        var refer = rig.Callee.Requests.Single(request => request.Method == SipMethod.Refer);
        Assert.Equal($"<sip:300@127.0.0.9:5060?Replaces={theirs.CallId}%3Bto-tag%3D{theirs.LocalTag}%3Bfrom-tag%3D{theirs.RemoteTag}>", refer.Headers.First("Refer-To"));
        Assert.Equal(202, rig.Caller.Responses[^1].Status);
        Assert.Equal("refer", rig.Caller.Requests.Single(request => request.Method == SipMethod.Notify).Headers.First("Event"));
    }

    [Fact]
    public async Task A_transfer_is_refused_where_the_trunk_says_so()
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { Refer = ReferMode.Refuse });
        rig.Establish();

        rig.Send(rig.Callee, new SessionRequest(SipMethod.Refer) { Headers = [new SipHeader("Refer-To", "<sip:300@127.0.0.9>")] });

        Assert.Equal(403, rig.Callee.LastStatus);
        Assert.DoesNotContain(rig.Caller.Requests, request => request.Method == SipMethod.Refer);
    }

    [Fact] // RFC 4028 §7.3, §7.4
    public async Task Each_leg_has_a_session_timer_of_its_own()
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { SessionExpires = TimeSpan.FromSeconds(100) });
        rig.Invite(s_offer, headers: ["Supported: timer", "Session-Expires: 1200;refresher=uac"]);
        rig.Answer(SessionDecision.Accept(s_answer));

        Assert.StartsWith("100", rig.Callee.Requests[0].Headers.First("Session-Expires"), StringComparison.Ordinal);
        Assert.Equal("1200;refresher=uac", rig.Caller.Responses[^1].Headers.First("Session-Expires"));
        Assert.Equal(TimeSpan.FromSeconds(100), rig.Callee.Session!.Interval!.Interval);
        rig.Advance(TimeSpan.FromSeconds(300));
        Assert.Empty(rig.Callee.Ends);
        Assert.Contains(rig.Callee.Requests, request => request.Method == SipMethod.Update);
    }

    [Fact] // RFC 4028 §7.3
    public async Task An_interval_too_small_for_the_callee_is_raised_without_the_caller_noticing()
    {
        await using var rig = new BridgeRig(
            BridgeRig.Trunk() with { SessionExpires = TimeSpan.FromSeconds(100) }, callee: new UserAgentSettings { MinSessionExpires = TimeSpan.FromSeconds(300) });

        rig.Invite(s_offer);
        rig.Answer(SessionDecision.Accept(s_answer));

        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(("300", "300", 2u), (rig.Callee.Requests[0].Headers.First("Session-Expires"), rig.Callee.Requests[0].Headers.First("Min-SE"), rig.Callee.Requests[0].CSeq.Number));
        Assert.Equal(TimeSpan.FromSeconds(300), rig.Callee.Session!.Interval!.Interval);
        Assert.DoesNotContain(rig.Caller.Responses, response => response.Status == 422);
    }

    [Fact] // RFC 3261 §8.1.1.6, §16.3
    public async Task Hops_that_have_run_out_and_calls_that_go_in_a_circle_are_refused()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer, headers: ["Max-Forwards: 0"]);
        Assert.Equal(483, rig.Caller.LastStatus);

        await using var circle = new BridgeRig(BridgeRig.Trunk(6001));
        circle.Caller.InviteDecision = SessionDecision.Later;
        circle.Invite(s_offer);
        var own = circle.Caller.Requests[0];
        var back = circle.Caller.Core.Call(circle.Caller, own with { Via = own.Via with { Parameters = own.Via.Parameters.With("branch", "z9hG4bKback") },
            Headers = own.Headers.WithTopVia(own.Via with { Parameters = own.Via.Parameters.With("branch", "z9hG4bKback") }) },
            new SipFlow(SipTransport.Udp, circle.Caller.EndPoint, new(System.Net.IPAddress.Parse("127.0.0.9"), 5060)), circle.Now);
        circle.Run();
        Assert.Equal((482, SipSessionState.Ended), (circle.Caller.LastStatus, back.State));
    }

    [Fact] // RFC 3263 §4.3 in spirit: the next target of the route
    public async Task A_target_that_refuses_or_is_silent_gives_way_to_the_next()
    {
        await using var refusing = new BridgeRig(BridgeRig.Trunk(6002, 6003));
        refusing.Invite(s_offer);
        refusing.Answer(new SessionDecision { Status = 503 });
        Assert.Single(refusing.Second.Requests);
        refusing.Second.Core.Decide(refusing.Second.Session!, SessionDecision.Accept(s_answer), refusing.Now);
        refusing.Run();
        Assert.Equal(200, refusing.Caller.LastStatus);

        await using var silent = new BridgeRig(BridgeRig.Trunk(6009, 6003));
        silent.Invite(s_offer);
        Assert.Empty(silent.Second.Requests);
        silent.Advance(TimeSpan.FromSeconds(5.1));
        silent.Second.Core.Decide(silent.Second.Session!, SessionDecision.Accept(s_answer), silent.Now);
        silent.Run();
        Assert.Equal(200, silent.Caller.LastStatus);
        silent.Advance(TimeSpan.FromSeconds(40));
        Assert.Empty(silent.Caller.Ends);
    }

    [Fact]
    public async Task A_callee_that_never_answers_is_408_after_the_transactions_time()
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk(6009));
        rig.Invite(s_offer);

        rig.Advance(TimeSpan.FromSeconds(33));

        Assert.Equal(408, rig.Caller.LastStatus);
        Assert.Equal((0, 0), (rig.Bridge.CallCount, rig.Core.SessionCount));
    }

    [Theory] // RFC 5031, RFC 4412 §4.5
    [InlineData("urn:service:sos.police")]
    [InlineData("sip:112@127.0.0.9")]
    public async Task An_emergency_call_goes_through_when_nothing_else_does_and_is_not_listened_to(string target)
    {
        await using var rig = new BridgeRig(settings: new UserAgentSettings { MaxSessions = 0 });

        rig.Invite(s_offer, target);
        rig.Answer(SessionDecision.Accept(s_answer));
        Assert.Equal(200, rig.Caller.LastStatus);
        Assert.Equal(target.StartsWith("urn", StringComparison.Ordinal) ? target : "sip:112@127.0.0.1:6002", rig.Callee.Requests[0].RequestUri);
        Assert.False(rig.Relay.Streams[0].Plan.Fork);
        rig.Hangup(rig.Caller);
        await rig.Bridge.WhenClosedAsync();
        Assert.Empty(rig.Sink.Calls);

        rig.Invite(s_offer);
        Assert.Equal(503, rig.Caller.LastStatus);
        Assert.NotNull(rig.Caller.Responses[^1].Headers.First("Retry-After"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Analysis_that_throws_or_hangs_never_touches_the_call(bool hangs)
    {
        using var never = new ManualResetEventSlim();
        await using var rig = new BridgeRig(sink: new BrokenSink(hangs ? never : null));

        rig.Establish();
        rig.Send(rig.Callee, new SessionRequest(SipMethod.Info));
        Assert.Equal(200, rig.Callee.LastStatus);
        rig.Hangup(rig.Callee);

        Assert.Equal([SessionEnd.Bye], rig.Caller.Ends);
        Assert.Equal(0, rig.Bridge.CallCount);
        never.Set();
    }

    [Fact] // draining: nothing new, live calls go on
    public async Task While_draining_live_calls_go_on_and_new_ones_get_503()
    {
        await using var rig = new BridgeRig();
        rig.Establish();

        rig.Core.StopTaking();
        rig.Send(rig.Callee, new SessionRequest(SipMethod.Info));

        Assert.Equal(200, rig.Callee.LastStatus);
        Assert.Equal(1, rig.Bridge.CallCount);
        rig.Core.Drain(rig.Now);
        rig.Run();
        Assert.Equal([SessionEnd.Bye], rig.Caller.Ends);
        Assert.Equal([SessionEnd.Bye], rig.Callee.Ends);
    }

    [Fact] // RFC 3261 §16.7, §13.2.2.4: forks
    public async Task Of_two_forks_that_answer_the_second_is_acknowledged_and_ended()
    {
        await using var rig = new BridgeRig();
        rig.Invite(s_offer);
        var invite = rig.Callee.Requests[0];
        rig.Answer(SessionDecision.Accept(s_answer));
        var answered = rig.Caller.Responses.Count;

        var other = SipResponses.To(invite, 200, "otherfork") with { Body = s_answer };
        other = other with { Headers = other.Headers.Add("Contact", "<sip:fork@127.0.0.1:6003>").Add("Content-Type", "application/sdp") };
        rig.Core.OnMessage(other, new SipFlow(SipTransport.Udp, new(System.Net.IPAddress.Parse("127.0.0.9"), 5060), rig.Second.EndPoint), rig.Now);
        var before = rig.Sent.Count;
        rig.Run();

        Assert.Equal(["ACK sip:fork@127.0.0.1:6003 SIP/2.0", "BYE sip:fork@127.0.0.1:6003 SIP/2.0"], rig.Sent.Skip(before).Take(2).Select(text => text.Split("\r\n")[0]));
        Assert.Equal(answered, rig.Caller.Responses.Count);
        Assert.Empty(rig.Caller.Ends);
    }

    [Fact] // RFC 4568: separate keys on each side
    public async Task Protected_media_gets_a_key_of_ours_on_each_side()
    {
        const string Theirs = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
        var offer = System.Text.Encoding.UTF8.GetString(s_offer).Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal) + Theirs;
        await using var rig = new BridgeRig(trunk: new Trunk { Name = "pstn", Srtp = SrtpPolicy.Allowed });

        rig.Invite(System.Text.Encoding.UTF8.GetBytes(offer));
        var told = BridgeRig.Parse(rig.Callee.Requests[0]).Media[0];
        rig.Answer(SessionDecision.Accept(System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(s_answer).Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal)
            + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n")));

        Assert.Equal("RTP/SAVP", told.Protocol);
        Assert.DoesNotContain("WVNfX19z", told.Attribute("crypto"), StringComparison.Ordinal);
        var sides = rig.Relay.Streams[0].Sides;
        var keys = sides.Values.SelectMany(side => new[] { Convert.ToBase64String(side.Keys!.Inbound[0].KeyAndSalt), Convert.ToBase64String(side.Keys.Outbound.KeyAndSalt) });
        Assert.Equal(4, keys.Distinct().Count());
    }

    [Theory] // RFC 3264 §6: T.38 and video keep their places
    [InlineData(false, 0)]
    [InlineData(true, 4444)]
    public async Task Fax_is_refused_with_port_0_or_passed_as_the_trunk_says(bool passes, int port)
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { PassOtherMedia = passes });

        rig.Invite(ScriptedPeer.Sdp(1, "1.1.1.1", more: "m=image 4444 udptl t38\r\na=T38FaxVersion:0\r\nm=video 7000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"));

        var offer = BridgeRig.Parse(rig.Callee.Requests[0]);
        Assert.Equal(["audio", "image", "video"], offer.Media.Select(line => line.Kind));
        Assert.Equal(port, offer.Media[1].Port);
        Assert.Equal(rig.Relay.Streams[1].LocalEndPoint(RelaySide.Callee).Port, offer.Media[2].Port);
        Assert.Equal([true, false], rig.Relay.Streams.Select(stream => stream.Plan.Fork));
    }

    [Fact] // RFC 7866 §6.1: awareness stays between the ends
    public async Task Recording_awareness_in_descriptions_is_left_as_it_is()
    {
        await using var rig = new BridgeRig();

        rig.Invite(ScriptedPeer.Sdp(1, "1.1.1.1", more: "a=record:on\r\na=recordpref:pause\r\n"));

        var line = BridgeRig.Parse(rig.Callee.Requests[0]).Media[0];
        Assert.Equal(("on", "pause"), (line.Attribute("record"), line.Attribute("recordpref")));
    }

    [Theory]
    [InlineData(0, "caller")]
    [InlineData(1, "callee")]
    public async Task A_side_that_falls_silent_ends_the_call_with_a_reason_on_both_sides(int silent, string said)
    {
        await using var rig = new BridgeRig(BridgeRig.Trunk() with { MediaTimeout = TimeSpan.FromSeconds(30) });
        rig.Establish();
        rig.Advance(TimeSpan.FromMinutes(5));   // on hold nothing is due, and the relay says so: nobody is silent
        Assert.Equal(1, rig.Bridge.CallCount);

        rig.Relay.Streams[0].SilentFor[silent] = TimeSpan.FromSeconds(29);
        rig.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, rig.Bridge.CallCount);
        rig.Relay.Streams[0].SilentFor[silent] = TimeSpan.FromSeconds(30);
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, rig.Bridge.CallCount);
        Assert.Equal(Instant.Never, rig.Bridge.Deadline);
        var reason = $"Q.850;cause=102;text=\"no media from the {said}\"";
        Assert.Equal([reason, reason], new[] { rig.Caller, rig.Callee }.Select(peer => peer.LastEnd!.Headers.First("Reason")));
        await rig.Bridge.WhenClosedAsync();
        Assert.Equal(CallEndReason.Timeout, await Assert.Single(rig.Sink.Calls).Closed.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task Silence_ends_no_call_where_the_trunk_does_not_say_so()
    {
        await using var rig = new BridgeRig();
        rig.Establish();

        rig.Relay.Streams[0].SilentFor[0] = TimeSpan.FromHours(1);
        rig.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, rig.Bridge.CallCount);
    }

    [Fact] // RFC 3326, RFC 3398
    public async Task Every_leg_leaves_a_record()
    {
        var folder = Directory.CreateTempSubdirectory("edgeassist-cdr-");
        try
        {
            var path = Path.Combine(folder.FullName, "calls.jsonl");
            await using (var rig = new BridgeRig(recordsPath: path))
            {
                rig.Establish();
                rig.Advance(TimeSpan.FromSeconds(10));
                rig.Hangup(rig.Callee, "Q.850;cause=31");
                rig.Invite(s_offer);
                rig.Answer(new SessionDecision { Status = 486 });
            }

            var lines = (await File.ReadAllLinesAsync(path, Cancel)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Equal(["caller", "callee", "caller", "callee"], lines.Select(line => line.GetProperty("leg").GetString()));
            Assert.Equal([(200, 16), (200, 31), (486, 17), (486, 17)], lines.Select(line => (line.GetProperty("status").GetInt32(), line.GetProperty("cause").GetInt32())));
            Assert.Equal(("PCMA", 50, true), (lines[0].GetProperty("codec").GetString(), lines[0].GetProperty("packetsReceived").GetInt32(), lines[1].GetProperty("endedByPeer").GetBoolean()));
            Assert.Equal(10, lines[0].GetProperty("talkSeconds").GetDouble(), 0.1);
            Assert.Equal([5.0, 6.0], lines.Take(2).Select(line => line.GetProperty("jitterMilliseconds").GetDouble()));
            Assert.Equal([4.40, 2.34], lines.Take(2).Select(line => line.GetProperty("meanOpinionScore").GetDouble()));
            Assert.False(lines[0].GetProperty("protected").GetBoolean());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>An analysis that throws, or never returns.</summary>
    private sealed class BrokenSink(ManualResetEventSlim? hang) : ICallAudioSink
    {
        public ICallAudio Open(CallInfo call)
        {
            hang?.Wait(CancellationToken.None);
            throw new InvalidOperationException("analysis is broken");
        }
    }
}
