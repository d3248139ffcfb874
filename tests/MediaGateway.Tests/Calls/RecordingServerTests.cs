using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>Signalling core and call layer together, in virtual time, with media and analysis that take notes.</summary>
public sealed class RecordingServerTests : RecordingRig
{
    [Fact] // RFC 7866 §8: the call goes on, the streams are not touched
    public void Metadata_alone_changes_the_parties_and_never_the_media()
    {
        var (tag, call) = Establish(Invite);
        var update = SiprecText.Metadata(agent: "sip:agent9@pbx.example.net");

        var answer = Final(Send(Inside("UPDATE", tag, 2) with { ContentType = "application/rs-metadata", Body = update }));

        Assert.Equal(200, answer.Status);
        Assert.True(answer.Body.IsEmpty);
        Assert.Equal(("sip:agent9@pbx.example.net", 2), (call.Info.Legs[0].Party.Aor, call.Info.Version));
        Assert.All(Media.Legs, leg => Assert.Equal(0, leg.Updates));
        Send(Inside("UPDATE", tag, 3, "z9hG4bKsame") with { ContentType = "application/rs-metadata", Body = update });
        Assert.Equal(1, call.Updates);   // the same again changes nothing
    }

    [Fact] // RFC 3264 §8.4, RFC 7866 §7.1.1
    public void A_hold_keeps_the_ports_and_stops_expecting_media()
    {
        var (tag, _) = Establish(Invite);

        var answer = Final(Send(Inside("INVITE", tag, 2) with { ContentType = "application/sdp", Body = SiprecText.Offer("inactive") }));

        var sdp = Sdp(answer);
        Assert.All(sdp.Media, media => Assert.Equal(SdpDirection.Inactive, media.DirectionIn(sdp)));
        Assert.Equal(Media.Legs.Select(leg => leg.LocalPort), sdp.Media.Select(media => media.Port));
        Assert.All(Media.Legs, leg => Assert.False(leg.Plan.ExpectMedia));
        Assert.Equal(2ul, sdp.Origin.Version);
    }

    [Fact] // RFC 3264 §8.1, §8.2
    public void Streams_join_and_leave()
    {
        var (tag, call) = Establish(Invite);
        var more = SiprecText.Offer().Replace("m=audio 40000", "m=audio 0", StringComparison.Ordinal) + "m=audio 40010 RTP/AVP 0\r\na=label:3\r\na=sendonly\r\n";

        var sdp = Sdp(Final(Send(Inside("INVITE", tag, 2) with { ContentType = "application/sdp", Body = more })));

        Assert.Equal([true, false, false], sdp.Media.Select(media => media.Port == 0));
        Assert.Equal([true, false, false], Media.Legs.Select(leg => leg.IsDisposed));
        Assert.Equal([0, 1, 2], call.Legs.Select(leg => leg.Id.Value));
        Assert.Equal([1, 2], call.Info.Legs.Select(leg => leg.Id.Value));
        Assert.Equal("3", call.Legs[2].Label);
    }

    [Fact]
    public void Without_a_usable_line_the_call_is_refused_with_488_and_nothing_stays_open()
    {
        var answer = Final(Send(Invite with { ContentType = "application/sdp", Body = "v=0\r\nm=audio 4 RTP/SAVP 0\r\nm=video 6 RTP/AVP 31\r\n" }));

        Assert.Equal(488, answer.Status);
        Assert.Empty(Media.Legs);
        Assert.Empty(Sink.Calls);
        Assert.Equal((0, 0), (Server.CallCount, Core.SessionCount));
    }

    [Theory]
    [InlineData(0, 503)]
    [InlineData(1, 200)]
    public void Without_RTP_ports_the_call_is_put_off_and_with_too_few_a_line_is_refused(int ports, int status)
    {
        Media.FreePorts = ports;

        var answer = Final(Send(Invite));

        Assert.Equal(status, answer.Status);
        if (status == 503) Assert.NotNull(answer.Headers.First("Retry-After"));
        else Assert.Equal([false, true], Sdp(answer).Media.Select(media => media.Port == 0));
    }

    [Fact] // RFC 3264 §5, seen from Avaya through LiveKit
    public void An_INVITE_without_an_offer_gets_ours_and_the_answer_comes_in_the_ACK()
    {
        var ok = Final(Send(Invite with { ContentType = "application/rs-metadata", Body = SiprecText.Metadata() }));
        var offer = Sdp(ok);
        Assert.All(offer.Media, media => Assert.Equal(SdpDirection.RecvOnly, media.DirectionIn(offer)));

        Send(Inside("ACK", ok.To.Tag!, 1) with { ContentType = "application/sdp", Body = SiprecText.Offer(firstPort: 41000) });

        Assert.Equal([41000, 41002], Media.Legs.Select(leg => leg.Plan.Remote.Port));
        Assert.All(Media.Legs, leg => Assert.True(leg.Plan.ExpectMedia));
        Assert.Equal(["PCMU", "PCMA"], Media.Legs.Select(leg => leg.Plan.Formats[0].EncodingName));
        var call = Assert.Single(Sink.Calls);
        Assert.Equal(["sip:agent7@pbx.example.net", "sip:+4930123456@example.org"], call.Info.Legs.Select(leg => leg.Party.Aor));
    }

    [Fact] // RFC 3261 §13.2.1: an offer must be answered
    public void An_ACK_that_owes_an_answer_and_has_none_ends_the_call()
    {
        var ok = Final(Send(Invite with { ContentType = "", Body = "" }));

        var sent = Send(Inside("ACK", ok.To.Tag!, 1));

        Assert.Equal("BYE", Assert.IsType<SipRequest>(Assert.Single(sent)).Method.Name);
        Assert.All(Media.Legs, leg => Assert.True(leg.IsDisposed));
    }

    [Fact] // RFC 7866 §9.2
    public void A_partial_update_about_something_unknown_asks_for_a_snapshot_but_not_too_often()
    {
        var (tag, _) = Establish(Invite);
        const string Unknown = "<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode><participantstreamassoc participant_id='p9'><send>m9</send></participantstreamassoc></recording>";

        var first = Send(Inside("UPDATE", tag, 2) with { ContentType = "application/rs-metadata", Body = Unknown });
        var second = Send(Inside("UPDATE", tag, 3, "z9hG4bKagain") with { ContentType = "application/rs-metadata", Body = Unknown });

        var request = Assert.Single(first.OfType<SipRequest>());
        Assert.Equal(("UPDATE", SnapshotRequest.ContentType, "recording-session"),
            (request.Method.Name, request.Headers.First("Content-Type"), request.Headers.First("Content-Disposition")));
        Assert.Equal(MetadataError.None, MetadataParser.TryParse(request.Body, out var document));
        Assert.True(document!.IsSnapshotRequest);
        Assert.Empty(second.OfType<SipRequest>());
    }

    [Fact]
    public void Hostile_metadata_costs_the_roles_and_not_the_call()
    {
        var (type, body) = SiprecText.Multipart(SiprecText.Offer(), "<!DOCTYPE x [<!ENTITY a 'b'>]><recording>&a;</recording>");

        Assert.Equal(200, Final(Send(Invite with { ContentType = type, Body = body })).Status);
        Assert.All(Assert.Single(Sink.Calls).Legs, leg => Assert.Equal((PartyRole.Unknown, RoleEvidence.None), (leg.Role, leg.RoleEvidence)));
    }

    [Theory]
    [InlineData("multipart/mixed", "--x--", "boundary")]
    [InlineData("application/sdp", "hello", "v= line")]
    public void A_body_that_cannot_be_read_is_refused_with_400_and_why(string type, string body, string why)
    {
        var answer = Final(Send(Invite with { ContentType = type, Body = body }));

        Assert.Equal(400, answer.Status);
        Assert.Contains(why, answer.ReasonPhrase, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_on_no_trunk_is_refused_with_403()
    {
        Use(new RecordingSettings { Trunks = [new Trunk { Peers = [IPNetwork.Parse("192.0.2.0/24")] }] });

        Assert.Equal(403, Final(Send(Invite)).Status);
    }

    [Fact]
    public async Task A_call_whose_streams_fall_silent_is_ended_and_a_held_one_is_not()
    {
        Use(new RecordingSettings { MediaTimeout = TimeSpan.FromMinutes(1) });
        var (tag, call) = Establish(Invite);
        Time.Advance(TimeSpan.FromSeconds(50));
        foreach (var leg in Media.Legs) leg.Statistics = new MediaLegStatistics { LastPacketAt = Instant.Now(Time) };

        Time.Advance(TimeSpan.FromSeconds(50));
        Server.EndSilent(Instant.Now(Time));
        Assert.Equal(1, Server.CallCount);

        Time.Advance(TimeSpan.FromSeconds(11));
        Server.EndSilent(Instant.Now(Time));
        Assert.Equal("BYE", Assert.IsType<SipRequest>(Assert.Single(Drain())).Method.Name);
        Assert.Equal(CallEndReason.Timeout, await call.Closed);

        (tag, _) = Establish(Invite with { CallId = "held", Branch = "z9hG4bKheld" });
        Send(Inside("INVITE", tag, 2, "z9hG4bKhold") with { CallId = "held", ContentType = "application/sdp", Body = SiprecText.Offer("inactive") });
        Time.Advance(TimeSpan.FromHours(1));
        Server.EndSilent(Instant.Now(Time));
        Assert.Equal(1, Server.CallCount);
    }

    [Fact]
    public async Task Analysis_that_does_not_finish_is_let_go_in_time()
    {
        Sink.HoldClose = new TaskCompletionSource();
        var (tag, call) = Establish(Invite);
        Send(Inside("BYE", tag, 2));
        var idle = Server.WhenClosedAsync();
        Assert.False(idle.IsCompleted);

        Time.Advance(TimeSpan.FromSeconds(31));

        await idle.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(call.Closed.IsCompleted);
    }

    [Fact] // Avaya: metadata in the BYE, and a Universal Call ID
    public void Keys_of_other_systems_are_collected()
    {
        var (_, call) = Establish(Invite with { Headers = ["User-to-User: 00FA0800705D4C5DCAAC41;encoding=hex", "Cisco-Guid: 1-2-3-4"] });

        Assert.Equal(
            ["cisco-guid=1-2-3-4", "recording-session=s1", "session-id=ab30317f1a784dc48ff824d0d3715d86", "sip-call-id=call-1@src", "ucid=00112238841573563457"],
            call.Info.CorrelationIds.Select(pair => $"{pair.Key}={pair.Value}"));
    }

    [Theory]
    [InlineData("00FA08zz", null)]
    [InlineData("FA08", null)]
    [InlineData("", null)]

    [InlineData("04FA08000A000B0000000C;encoding=hex", "00010000110000000012")]
    public void A_Universal_Call_ID_is_read_or_left_alone(string header, string? expected) => Assert.Equal(expected, UniversalCallId.Of(header));
}
