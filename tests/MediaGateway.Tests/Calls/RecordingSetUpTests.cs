using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Tests.Sip;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>How a recording session is opened, and what its bodies may look like: RFC 7866 §6 and §9, RFC 5621.</summary>
public sealed class RecordingSetUpTests : RecordingRig
{
    [Theory] // RFC 3261 §8.2.2.3
    [InlineData("siprec")]
    [InlineData("siprec, timer")]
    [InlineData("SIPREC, replaces")]
    [InlineData("siprec, record-aware, 100rel")]
    public void Option_tags_of_recording_clients_may_be_required(string tags) =>
        Assert.Equal(200, Final(Send(Invite with { Headers = ["Require: " + tags] })).Status);

    [Fact]
    public void An_unknown_option_tag_is_refused_and_named_alone()
    {
        var answer = Final(Send(Invite with { Headers = ["Require: siprec, magic, timer", "Require: more"] }));

        Assert.Equal((420, "magic, more"), (answer.Status, answer.Headers.First("Unsupported")));
    }

    [Fact] // RFC 7866 §6.1.2, §6.2: no 180, and the answer says what a recording server is
    public void The_answer_is_100_then_200_with_the_tag_of_a_recording_server()
    {
        var answers = Send(Invite).OfType<SipResponse>().ToList();

        Assert.Equal([100, 200], answers.Select(answer => answer.Status));
        Assert.EndsWith(";+sip.srs", answers[1].Headers.First("Contact"), StringComparison.Ordinal);
        Assert.Contains("siprec", answers[1].Headers.Values("Supported"));
        Assert.Subset(answers[1].Headers.Values("Accept").ToHashSet(),
            new HashSet<string> { "application/sdp", "application/rs-metadata", "application/rs-metadata+xml", "application/rs-metadata-request" });
        Assert.Subset(answers[1].Headers.Values("Allow").ToHashSet(),
            new HashSet<string> { "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO" });
    }

    [Theory]
    [InlineData("Require: siprec", "<sip:src@h>", "", RecordingSign.Require)]
    [InlineData("Supported: timer", "<sip:src@h>;+sip.src", "", RecordingSign.Contact)]
    [InlineData("Supported: timer", "<sip:src@h>;+sip-src", "", RecordingSign.Contact)]        // NG9-1-1
    [InlineData("Supported: timer", "<sip:src@h>;src;expires=1", "", RecordingSign.Contact)]   // AudioCodes
    [InlineData("Supported: timer", "<sip:src@h;src>", "", RecordingSign.None)]                // of the URI, not of the contact
    [InlineData("Supported: timer", "<sip:src@h>", "application/rs-metadata", RecordingSign.Metadata)]
    [InlineData("Supported: timer", "<sip:src@h>", "", RecordingSign.None)]
    internal void A_recording_session_is_recognised_by(string header, string contact, string type, RecordingSign sign)
    {
        var text = (Invite with { Headers = [header], ContentType = type, Body = type.Length > 0 ? SiprecText.Metadata() : "" }).ToString();
        var invite = Assert.IsType<SipRequest>(SipTestMessages.Parse(text.Replace("<sip:src@127.0.0.1:5070>;+sip.src", contact, StringComparison.Ordinal)));

        Assert.Null(RecordingBody.Read(invite, out var body));

        Assert.Equal(sign, RecordingSigns.Of(invite, body));
    }

    [Theory] // a lenient trunk takes them all
    [InlineData("Supported: siprec")]
    [InlineData("X-Nothing: said")]
    public void A_session_nobody_marked_is_taken_on_the_word_of_its_trunk(string header) =>
        Assert.Equal(200, Final(Send(Invite with { Headers = [header] })).Status);

    [Fact]
    public void A_strict_trunk_wants_the_option_tag()
    {
        Use(new RecordingSettings { Trunks = [new Trunk { IsStrict = true }] });

        var refused = Final(Send(Invite with { Headers = [] }));

        Assert.Equal((421, "siprec"), (refused.Status, refused.Headers.First("Require")));
        Assert.Equal(200, Final(Send(Invite with { Branch = "z9hG4bK2", CallId = "again" })).Status);
    }

    [Theory]
    [InlineData(480)]
    [InlineData(486)]
    [InlineData(603)]
    public void A_trunk_whose_parties_did_not_consent_is_refused_as_it_says(int status)
    {
        Use(new RecordingSettings { Trunks = [new Trunk { Refuse = status }] });

        Assert.Equal(status, Final(Send(Invite)).Status);
        Assert.Empty(Media.Legs);
    }

    [Theory] // RFC 5621 §6, §8.3: what is required and unknown is refused by a strict trunk and passed over by a lenient one
    [InlineData("signal;handling=optional", false, 200)]
    [InlineData("signal;handling=optional", true, 200)]
    [InlineData("signal; handling=\"required\"", false, 200)]
    [InlineData("signal; handling=\"required\"", true, 415)]
    [InlineData("signal", true, 415)]
    public void A_part_of_an_unknown_type_is_taken_by_its_handling(string disposition, bool strict, int status)
    {
        Use(new RecordingSettings { Trunks = [new Trunk { IsStrict = strict }] });
        var body = Invite.Body.Replace("--unique--", $"--unique\r\nContent-Type: application/gtd\r\nContent-Disposition: {disposition}\r\n\r\nIAM,\r\n--unique--", StringComparison.Ordinal);

        var answer = Final(Send(Invite with { Body = body }));

        Assert.Equal(status, answer.Status);
        if (status == 415) Assert.Contains("application/rs-metadata", answer.Headers.Values("Accept"));
    }

    [Theory]
    [InlineData("urn:ietf:params:xml:ns:recording:1", 200)]
    [InlineData("urn:ietf:params:xml:ns:recording", 400)]
    [InlineData("urn:else", 400)]
    public void A_strict_trunk_takes_the_metadata_of_the_RFC_alone(string ns, int status)
    {
        Use(new RecordingSettings { Trunks = [new Trunk { IsStrict = true }] });

        Assert.Equal(status, Final(Send(Invite with { Body = Invite.Body.Replace("urn:ietf:params:xml:ns:recording:1", ns, StringComparison.Ordinal) })).Status);
    }

    [Fact] // BroadWorks sends metadata first
    public void Parts_come_in_any_order_and_nest()
    {
        var (sdp, metadata) = (SiprecText.Offer(), SiprecText.Metadata());
        var inner = $"--in\nContent-Type: application/sdp\n\n{sdp}\n--in--\n";
        var body = $"--out\nContent-Type: text/xml\nContent-Disposition: recording-session\n\n{metadata}\n--out\nContent-Type: multipart/related;boundary=in\n\n{inner}\n--out--";

        var (_, call) = Establish(Invite with { ContentType = "multipart/mixed; charset=utf-8; boundary=\"out\"", Body = body });

        Assert.Equal(["sip:agent7@pbx.example.net", "sip:+4930123456@example.org"], call.Info.Legs.Select(leg => leg.Party.Aor));
    }

    [Theory] // ceilings: 413 of the body, 513 of the message
    [InlineData("parts", 413)]
    [InlineData("nesting", 413)]
    [InlineData("lines", 413)]
    [InlineData("media", 413)]
    [InlineData("sdp", 413)]
    public void What_is_too_large_is_refused_as_too_large(string what, int status)
    {
        var (type, body) = what switch
        {
            "parts" => ("multipart/mixed;boundary=b", string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 17)) + "--b--"),
            "nesting" => ("multipart/mixed;boundary=b0", string.Concat(Enumerable.Range(0, 6).Select(i => $"--b{i}\r\nContent-Type: multipart/mixed;boundary=b{i + 1}\r\n\r\n"))),
            "lines" => ("application/sdp", "v=0\n" + string.Concat(Enumerable.Repeat("a=x\n", 3000))),
            "media" => ("application/sdp", "v=0\n" + string.Concat(Enumerable.Repeat("m=audio 1 RTP/AVP 0\n", 65))),
            _ => ("application/sdp", "v=0\n" + new string('x', 70_000)),
        };

        Assert.Equal(status, Final(Send(Invite with { ContentType = type, Body = body })).Status);
        Assert.Empty(Media.Legs);
    }

    [Fact]
    public void A_body_above_256_KiB_is_refused_with_513_before_it_is_looked_at()
    {
        var failure = SipTestMessages.Refuse((Invite with { Body = new string('x', (256 * 1024) + 1) }).ToString());

        Assert.Equal(513, failure.Status);
    }

    [Theory] // clients that count line ends they do not send
    [InlineData("multipart", 20, true)]     // LF sent, CRLF counted; the body ends by itself
    [InlineData("multipart", 5000, false)]
    [InlineData("sdp", 2, true)]            // one CRLF too many
    [InlineData("sdp", 20, false)]
    public void A_datagram_shorter_than_Content_Length_is_whole_when_its_body_says_so(string kind, int missing, bool taken)
    {
        var text = kind == "sdp" ? Invite with { ContentType = "application/sdp", Body = SiprecText.Offer() } : Invite;
        var length = System.Text.Encoding.UTF8.GetByteCount(text.Body);
        var wrong = text.ToString().Replace($"Content-Length: {length}", $"Content-Length: {length + missing}", StringComparison.Ordinal);

        if (taken) Assert.Equal(length, SipTestMessages.Parse(wrong).Body.Length);
        else Assert.Equal(400, SipTestMessages.Refuse(wrong).Status);
    }

    [Fact] // a partial document cannot be the first
    public void A_session_that_starts_with_a_partial_document_is_asked_for_the_whole()
    {
        var (type, body) = SiprecText.Multipart(SiprecText.Offer(), "<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode><participantstreamassoc participant_id='p'><send>m</send></participantstreamassoc></recording>");
        var ok = Final(Send(Invite with { ContentType = type, Body = body }));

        var sent = Send(Inside("ACK", ok.To.Tag!, 1));

        Assert.Equal("UPDATE", Assert.Single(sent.OfType<SipRequest>()).Method.Name);
    }

    [Fact] // RFC 7866 §6.1.1: a session may be opened before there is a call
    public void A_persistent_session_is_opened_without_streams_and_gets_them_later()
    {
        var (type, body) = SiprecText.Multipart("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n", "<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>complete</datamode></recording>");
        var (tag, call) = Establish(Invite with { ContentType = type, Body = body });
        Assert.Empty(call.Legs);
        Time.Advance(TimeSpan.FromHours(8));
        Server.EndSilent(Now);

        Assert.Equal(200, Final(Send(Inside("INVITE", tag, 2) with { ContentType = Invite.ContentType, Body = Invite.Body })).Status);

        Assert.Equal(["1", "2"], call.Info.Legs.Select(leg => leg.Label));
        Assert.Equal(["sip:agent7@pbx.example.net", "sip:+4930123456@example.org"], call.Info.Legs.Select(leg => leg.Party.Aor));
    }

    public static TheoryData<string, bool, bool> Changes() => new(
        from method in (string[])["INVITE", "UPDATE"] from sdp in (bool[])[true, false] from metadata in (bool[])[true, false] select (method, sdp, metadata));

    [Theory] // RFC 3311, RFC 4028 §7.4, RFC 7866 §8: each in both methods
    [MemberData(nameof(Changes))]
    public void A_change_may_carry_a_description_metadata_both_or_neither(string method, bool sdp, bool metadata)
    {
        var (tag, call) = Establish(Invite);
        var updates = Media.Legs.Select(leg => leg.Updates).ToList();
        var offer = SiprecText.Offer("inactive");
        var document = SiprecText.Metadata(agent: "sip:agent9@pbx.example.net");
        var (type, body) = (sdp, metadata) switch
        {
            (true, true) => SiprecText.Multipart(offer, document),
            (true, false) => ("application/sdp", offer),
            (false, true) => ("application/rs-metadata+xml", document),
            _ => ("", ""),
        };

        var answer = Final(Send(Inside(method, tag, 2) with { ContentType = type, Body = body }));

        // A re-INVITE without an offer asks for ours; an UPDATE without one wants none (RFC 3261 §14.1, RFC 3311 §5.2).
        Assert.Equal((200, sdp || method == "INVITE"), (answer.Status, !answer.Body.IsEmpty));
        Assert.Equal(metadata ? "sip:agent9@pbx.example.net" : "sip:agent7@pbx.example.net", call.Info.Legs[0].Party.Aor);
        Assert.Equal(updates.Select(count => sdp ? count + 1 : count), Media.Legs.Select(leg => leg.Updates));
        Assert.All(Media.Legs, leg => Assert.Equal(!sdp, leg.Plan.ExpectMedia));
    }

    [Fact] // RFC 7866 §9.1: last metadata may come with the BYE
    public async Task A_BYE_may_carry_the_last_metadata()
    {
        var (tag, call) = Establish(Invite);

        var answer = Final(Send(Inside("BYE", tag, 2) with { ContentType = "application/rs-metadata+xml", Body = SiprecText.Metadata(agent: "sip:agent9@pbx.example.net") }));

        Assert.Equal(200, answer.Status);
        Assert.Equal("sip:agent9@pbx.example.net", call.Info.Legs[0].Party.Aor);
        Assert.Equal(Contracts.CallEndReason.Hangup, await call.Closed);
    }

    [Theory] // RFC 3264 §8: nothing changes when nothing is said
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void The_same_description_again_touches_no_stream_and_keeps_the_version(string method)
    {
        var (tag, _) = Establish(Invite);

        var answer = Final(Send(Inside(method, tag, 2) with { ContentType = "application/sdp", Body = SiprecText.Offer() }));

        Assert.Equal(1ul, Sdp(answer).Origin.Version);
        Assert.All(Media.Legs, leg => Assert.Equal(0, leg.Updates));
    }

    [Fact] // RFC 3264 §8.2 forbids it; a client that does it must not leave a port open
    public void A_line_a_client_drops_from_its_offer_is_over()
    {
        var (tag, _) = Establish(Invite);

        var answer = Final(Send(Inside("INVITE", tag, 2) with { ContentType = "application/sdp", Body = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 40000 RTP/AVP 0\r\na=sendonly\r\n" }));

        Assert.Single(Sdp(answer).Media);
        Assert.Equal([false, true], Media.Legs.Select(leg => leg.IsDisposed));
    }
}
