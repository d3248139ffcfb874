using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;
using EdgeAssist.MediaGateway.Tests.Sip;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec.Profiles;

public sealed class VendorProfileTests
{
    [Fact]
    public void Every_profile_that_comes_along_is_sound_and_can_be_named()
    {
        Assert.Equal(11, VendorProfiles.All.Length);
        foreach (var profile in VendorProfiles.All.Append(VendorProfiles.Common))
        {
            Assert.Null(profile.Fault());
            Assert.NotEmpty(profile.About);
            Assert.Same(profile, VendorProfiles.Find(profile.Name.ToUpperInvariant()));
            Assert.NotNull(profile.Control);
        }
    }

    [Theory]
    [InlineData("User-Agent: Mediant SW/v.7.20A.258", "", "", "audiocodes")]
    [InlineData("User-Agent: Avaya SBC", "", "", "avaya")]
    [InlineData("User-to-User: 00FA0800705D4C5DCAAC41;encoding=hex", "", "", "avaya")]
    [InlineData("X: y", "o=BroadWorks 1 1 IN IP4 192.0.2.1", "", "broadworks")]
    [InlineData("X: y", "", "<recording_metadata xmlns='urn:ietf:params:xml:ns:siprec'/>", "broadworks")]
    [InlineData("X: y", "o=CiscoSystemsSIP-GW-UserAgent 1 1 IN IP4 192.0.2.1", "", "cisco-cube")]
    [InlineData("User-Agent: OpenSIPS (3.4.2 (x86_64/linux))", "", "", "opensips")]
    [InlineData("X: y", "", "<recording xmlns='urn:ietf:params:xml:ns:recording'><participant id='p'><a:x xmlns:a='http://acmepacket.com/siprec/extensiondata'/></participant></recording>", "oracle")]
    [InlineData("X: y", "o=Sonus_UAC 1 1 IN IP4 192.0.2.1", "", "ribbon")]
    [InlineData("X: y", "a=label:a_leg", "", "sems")]
    [InlineData("User-Agent: Twilio Gateway", "", "", "twilio")]
    [InlineData("Contact: <sip:x@h>;+sip-src", "", "", "ng911")]
    [InlineData("X: y", "", "", "common")]
    public void A_make_is_found_out_by_its_signs(string header, string sdpLine, string metadata, string profile) =>
        Assert.Equal(profile, VendorProfiles.Detect(Subject(header, sdpLine, metadata)).Name);

    [Fact] // the devices' own bodies
    public void The_devices_of_the_shared_bodies_are_recognised()
    {
        var folder = SharedFolder.Find("conformance/siprec");
        if (folder is null) Assert.Skip("../shared/conformance/siprec is not on this machine.");
        foreach (var (file, boundary, expected) in ((string, string, string)[])
            [("drachtio-broadworks-offer.txt", "UniqueBroadWorksBoundary", "broadworks"), ("drachtio-cisco-siprec-offer.txt", "uniqueBoundary", "cisco-cube"),
             ("drachtio-connectel-offer.txt", "\"OSS-unique-boundary-42\"", "opensips"), ("drachtio-sonus-siprec-offer.txt", "sonus-content-delim", "ribbon")])
        {
            var text = SiprecText.Invite() with { ContentType = "multipart/mixed;boundary=" + boundary, Body = File.ReadAllText(Path.Combine(folder!, file)) };

            Assert.Equal(expected, VendorProfiles.Detect(SubjectOf(text)).Name);
        }
    }

    [Fact]
    public void Keys_of_other_systems_are_data()
    {
        var ribbon = Subject("X: y", "", "<r:recording xmlns:r='urn:ietf:params:xml:ns:recording'><r:group group_id='g'><callData xmlns='urn:ietf:params:xml:ns:callData'><callid>abc</callid><gcid>241205267</gcid></callData></r:group></r:recording>");

        var ids = CorrelationIds.Of(ribbon, VendorProfiles.Detect(ribbon));

        Assert.Equal(("241205267", "abc"), (ids["ribbon-gcid"], ids["recorded-call-id"]));
        Assert.Equal("7", CorrelationIds.Of(Subject("X-Genesys-CallUUID: 7", "", ""), VendorProfiles.Common)["genesys-call-uuid"]);
        var both = Subject("X-UCID: 00001\r\nUser-to-User: 00FA0800705D4C5DCAAC41", "", "");
        Assert.Equal("00001", CorrelationIds.Of(both, VendorProfiles.Common)["ucid"]);   // the later rule wins
    }

    [Theory] // CUCM: one session a side, marked in the From address
    [InlineData("x-nearend", PartyRole.Agent)]
    [InlineData("x-farend", PartyRole.Customer)]
    public void A_session_for_one_side_says_which(string mark, PartyRole role)
    {
        var text = SiprecText.Invite().ToString().Replace("From: <sip:src@example.net>", $"From: <sip:2000@ucm1;{mark};x-refci=26732;x-nearenddevice=SEP1;x-farendaddr=1000>", StringComparison.Ordinal);
        var subject = new ProfileSubject(Assert.IsType<SipRequest>(SipTestMessages.Parse(text)), null, new MetadataState());
        var profile = VendorProfiles.Detect(subject);

        Assert.Equal(("cisco-cucm", role), (profile.Name, profile.RoleOf(subject)));
        var ids = CorrelationIds.Of(subject, profile);
        Assert.Equal(("26732", "SEP1", "1000"), (ids["cisco-refci"], ids["cisco-near-device"], ids["cisco-far-address"]));
    }

    [Theory] // AudioCodes, On-Demand SIPREC
    [InlineData("start-siprec;recording-ip-group=SRS-A,SRS-B", RecordingAction.Start)]
    [InlineData("PAUSE-siprec", RecordingAction.Pause)]
    [InlineData("'resume-siprec'", RecordingAction.Resume)]
    [InlineData(" stop-siprec ;x=y", RecordingAction.Stop)]
    [InlineData("disconnect;delay=10", null)]
    [InlineData("", null)]
    public void The_word_of_a_control_header_is_an_action_or_none(string value, RecordingAction? action) =>
        Assert.Equal(action, VendorProfiles.Common.ActionOf(Request($"X-AC-Action: {value}", "", "")));

    [Fact]
    public void A_profile_of_the_operators_own_builds_on_the_common_one()
    {
        var own = VendorProfiles.Parse("""{ "name": "mine", "correlation": [ { "key": "ticket", "header": "X-Ticket", "pattern": "(\\d+)" } ], "control": { "header": "X-Rec", "actions": { "off": "Stop" } } }""", out var fault);

        Assert.Empty(fault);
        Assert.Equal("123", CorrelationIds.Of(Subject("X-Ticket: no 123 a", "", ""), own!)["ticket"]);
        Assert.Equal("9", CorrelationIds.Of(Subject("Cisco-Guid: 9", "", ""), own!)["cisco-guid"]);
        Assert.Equal(RecordingAction.Stop, own!.ActionOf(Request("X-Rec: OFF", "", "")));
    }

    [Theory]
    [InlineData("""{ "name": "" }""", "no name")]
    [InlineData("""{ "name": "a", "signs": [ {} ] }""", "one place")]
    [InlineData("""{ "name": "a", "signs": [ { "header": "a", "label": "b" } ] }""", "one place")]
    [InlineData("""{ "name": "a", "signs": [ { "header": "a", "pattern": "(" } ] }""", "cannot be used")]
    [InlineData("""{ "name": "a", "signs": [ { "header": "a", "pattern": "(a)\\1" } ] }""", "cannot be used")]
    [InlineData("""{ "name": "a", "signs": [ { "header": "a", "format": "hex" } ] }""", "format")]
    [InlineData("""{ "name": "a", "sign": [] }""", "sign")]
    [InlineData("""{ "correlation": [] }""", "name")]
    [InlineData("""[]""", "")]
    [InlineData("", "")]
    public void A_profile_that_cannot_be_used_is_refused_with_the_reason(string json, string why)
    {
        Assert.Null(VendorProfiles.Parse(json, out var fault));
        Assert.Contains(why, fault, StringComparison.Ordinal);
        Assert.NotEmpty(fault);
    }

    private static SipRequest Request(string header, string sdpLine, string metadata) => SubjectText(header, sdpLine, metadata) is var text
        ? SipTestMessages.Request(text)
        : throw new InvalidOperationException();

    private static SiprecText SubjectText(string header, string sdpLine, string metadata)
    {
        var (type, body) = SiprecText.Multipart("v=0\r\nm=audio 4000 RTP/AVP 0\r\n" + sdpLine + "\r\n", metadata.Length > 0 ? metadata : "<recording xmlns='urn:ietf:params:xml:ns:recording:1'/>");
        if (sdpLine.StartsWith("o=", StringComparison.Ordinal)) body = body.Replace("v=0\r\n", "v=0\r\n" + sdpLine + "\r\n", StringComparison.Ordinal);
        return SiprecText.Invite() with { Headers = [header], ContentType = type, Body = body };
    }

    private static ProfileSubject Subject(string header, string sdpLine, string metadata)
    {
        var text = SubjectText(header, sdpLine, metadata).ToString();
        if (header.StartsWith("Contact:", StringComparison.Ordinal)) text = text.Replace("Contact: <sip:src@127.0.0.1:5070>;+sip.src\r\n", "", StringComparison.Ordinal);
        return SubjectOf(Assert.IsType<SipRequest>(SipTestMessages.Parse(text)));
    }

    private static ProfileSubject SubjectOf(SiprecText text) => SubjectOf(SipTestMessages.Request(text));

    private static ProfileSubject SubjectOf(SipRequest invite)
    {
        Assert.Null(RecordingBody.Read(invite, out var body));
        var state = new MetadataState();
        if (body.Metadata is { } metadata) state.Apply(metadata);
        return new ProfileSubject(invite, body.Sdp, state);
    }
}
