using System.Text;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec;

public sealed class MetadataTests
{
    [Fact] // Oracle, AudioCodes: the draft without :1
    public void The_draft_dialect_says_the_same_in_other_places()
    {
        var metadata = Parse(
            """
            <recording xmlns='urn:ietf:params:xml:ns:recording' xmlns:apkt='http://acmepacket.com/siprec/extensiondata'>
              <dataMode>complete</dataMode>
              <session id="s"><associate-time>2012-02-13T10:00:00</associate-time></session>
              <participant id="p1" session="s"><nameID aor="sip:agent@pbx"/><send>m1</send><apkt:x>1</apkt:x></participant>
              <participant id="p2" session="s"><nameID aor="sip:caller@net"/><send>m2</send></participant>
              <stream id="m1" session="s"><label>16777227</label><mode>separate</mode></stream>
              <stream id="m2" session="s"><label>16777228</label></stream>
            </recording>
            """);

        Assert.Equal(MetadataDialect.DraftRecording, metadata.Dialect);
        Assert.Equal("sip:caller@net", Speaker(metadata, "16777228"));
    }

    [Fact] // BroadWorks, Webex Calling
    public void The_first_dialect_says_the_same_with_other_words()
    {
        var metadata = Parse(
            """
            <recording_metadata xmlns="urn:ietf:params:xml:ns:siprec">
              <dataMode>complete</dataMode>
              <session id="urn:uuid:s"/>
              <participant id="urn:uuid:p1" session="urn:uuid:s"><aor>sip:+4930@sbc;user=phone</aor><send>urn:uuid:m1</send></participant>
              <participant id="urn:uuid:p2" session="urn:uuid:s"><aor>sip:7001@sbc</aor><send>urn:uuid:m1</send></participant>
              <stream id="urn:uuid:m1" session="urn:uuid:s"><mode>mixed</mode><label>1</label></stream>
            </recording_metadata>
            """);
        var state = new MetadataState();

        Assert.True(state.Apply(metadata));

        Assert.Equal(MetadataDialect.DraftSiprec, metadata.Dialect);
        Assert.Equal(["sip:+4930@sbc;user=phone", "sip:7001@sbc"], metadata.Participants.Select(participant => participant.Names[0].Aor));
        Assert.True(state.SpeakerOf("1").IsMixed);
    }

    [Fact] // RFC 7865 §6.5: nameID may repeat; OpenSIPS writes parameters into the name
    public void A_participant_may_have_several_names()
    {
        var metadata = Parse("<recording xmlns='urn:ietf:params:xml:ns:recording:1'><participant participant_id='p'><nameID aor='sip:a@x'><name>Ann;lang=en-US;id=22</name></nameID><nameID aor='tel:+49'/></participant></recording>");

        Assert.Equal([new MetadataName("sip:a@x", "Ann") { Language = "en-US" }, new MetadataName("tel:+49", "")], metadata.Participants[0].Names);
    }

    [Fact] // RFC 7865 §6.1
    public void A_partial_document_is_merged_and_a_complete_one_replaces()
    {
        var state = new MetadataState();
        state.Apply(Parse(SiprecText.Metadata()));

        Assert.True(state.Apply(Parse(
            """
            <recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode>
            <participant participant_id="p3"><nameID aor="sip:carol@x"/></participant>
            <participantsessionassoc participant_id="p2" session_id="s1"><disassociate-time>2010-12-16T23:41:07Z</disassociate-time></participantsessionassoc>
            <participantstreamassoc participant_id="p3"><send>m2</send></participantstreamassoc></recording>
            """)));
        Assert.Equal("sip:carol@x", state.SpeakerOf("2").Names[0].Aor);
        Assert.Equal("sip:agent7@pbx.example.net", state.SpeakerOf("1").Names[0].Aor);

        state.Apply(Parse("<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>complete</datamode></recording>"));
        Assert.Empty(state.Participants);
        Assert.Equal(StreamSpeaker.Unknown, state.SpeakerOf("1"));
    }

    [Fact] // RFC 7866 §9.2, RELIABILITY F12
    public void A_partial_document_about_something_unknown_asks_for_a_snapshot() =>
        Assert.False(new MetadataState().Apply(Parse("<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode><participantstreamassoc participant_id='p9'><send>m9</send></participantstreamassoc></recording>")));

    [Fact] // RFC 8068 §3.3.1
    public void A_stream_two_parties_send_is_mixed()
    {
        var state = new MetadataState();
        state.Apply(Parse(SiprecText.Metadata().Replace("<send>m2</send>", "<send>m1</send>", StringComparison.Ordinal)));

        Assert.True(state.SpeakerOf("1").IsMixed);
        Assert.Equal(StreamSpeaker.Unknown, state.SpeakerOf("2"));
    }

    [Theory] // RELIABILITY S8
    [InlineData("<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><recording xmlns='urn:ietf:params:xml:ns:recording:1'>&b;</recording>", MetadataError.NotWellFormed)]
    [InlineData("<!DOCTYPE r SYSTEM 'file:///etc/passwd'><recording xmlns='urn:ietf:params:xml:ns:recording:1'/>", MetadataError.NotWellFormed)]
    [InlineData("<recording xmlns='urn:ietf:params:xml:ns:recording:1'>&x;</recording>", MetadataError.NotWellFormed)]
    [InlineData("<recording xmlns='urn:ietf:params:xml:ns:recording:1'>", MetadataError.NotWellFormed)]
    [InlineData("", MetadataError.NotWellFormed)]
    [InlineData("<html/>", MetadataError.UnknownRoot)]
    internal void Hostile_and_foreign_documents_are_refused(string xml, MetadataError error) =>
        Assert.Equal(error, MetadataParser.TryParse(Encoding.UTF8.GetBytes(xml), out _));

    [Fact]
    public void Ceilings_on_depth_count_and_size_hold()
    {
        Assert.Equal(MetadataError.TooDeep, Refuse(string.Concat(Enumerable.Repeat("<a>", 30))));
        Assert.Equal(MetadataError.TooManyElements, Refuse("<a>" + string.Concat(Enumerable.Repeat("<b/>", 5000))));
        Assert.Equal(MetadataError.TooLong, Refuse("<a>" + new string('x', 300_000)));

        static MetadataError Refuse(string xml) => MetadataParser.TryParse(Encoding.UTF8.GetBytes(xml), out _);
    }

    [Fact]
    public void What_is_written_is_what_was_read()
    {
        var metadata = Parse(SiprecText.Metadata("partial"));

        var again = Parse(Encoding.UTF8.GetString(MetadataWriter.Write(metadata)));

        Assert.Equal(MetadataMode.Partial, again.Mode);
        Assert.Equal(metadata.Participants.SelectMany(participant => participant.Names), again.Participants.SelectMany(participant => participant.Names));
        Assert.Equal(metadata.Streams, again.Streams);
        Assert.Equal(metadata.StreamAssociations.SelectMany(association => association.Sends), again.StreamAssociations.SelectMany(association => association.Sends));
    }

    internal static RecordingMetadata Parse(string xml)
    {
        Assert.Equal(MetadataError.None, MetadataParser.TryParse(Encoding.UTF8.GetBytes(xml), out var metadata));
        return metadata!;
    }

    private static string Speaker(RecordingMetadata metadata, string label)
    {
        var state = new MetadataState();
        Assert.True(state.Apply(metadata));
        return state.SpeakerOf(label).Names[0].Aor;
    }
}
