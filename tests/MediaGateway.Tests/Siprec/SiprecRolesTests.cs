using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Tests.Calls;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Siprec;

/// <summary>The bodies of real devices and the call flows of RFC 8068, through the recording server: who speaks on which label, in which role, on what evidence.</summary>
public sealed class SiprecRolesTests : RecordingRig
{
    private const string Folder = "conformance/siprec";

    public static TheoryData<string, string, string, string> Devices() => new()
    {
        { "drachtio-broadworks-offer.txt", "UniqueBroadWorksBoundary", "7001", "1:Unknown/None" },   // its elements lost their tags on the way into the set
        { "drachtio-broadworks-offer-2.txt", "foobar", "ASBCE", "10 sip:9878942259@212.188.68.145:Customer/Metadata, 20 sip:ASBCE@asbce.com:Agent/Metadata" },
        { "drachtio-cisco-siprec-offer.txt", "uniqueBoundary", "7300", "1 sip:7301@35.162.237.204:Customer/Metadata, 2 sip:7300@35.162.237.204:Agent/Metadata" },
        { "drachtio-connectel-offer.txt", "OSS-unique-boundary-42", "0760516936", "1 sip:0771121212@52.57.92.239:Customer/Position, 2 sip:0760516936@sip-cust1.connectel.io:Agent/Position" },
        { "drachtio-connectel-offer2.txt", "OSS-unique-boundary-42", "0760516936", "1 sip:0771121212@52.57.92.239:Customer/Position, 2 sip:0760516936@sip-cust1.connectel.io:Agent/Position" },
        { "drachtio-connectel-offer3.txt", "OSS-unique-boundary-42", "0760516936", "1 sip:0771121212@52.57.92.239:Customer/Position, 2 sip:0760516936@sip-cust1.connectel.io:Agent/Position" },
        { "drachtio-sonus-siprec-offer.txt", "sonus-content-delim", "2249888500", "1 2249888012@172.16.195.72:Customer/Metadata, 2 2249888500@172.16.198.55:Agent/Metadata" },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_device_s_body_gives_its_labels_parties_and_roles(string file, string boundary, string agent, string expected)
    {
        var path = SharedFolder.Find(Folder);
        if (path is null) Assert.Skip($"../shared/{Folder} is not on this machine.");
        Use(new RecordingSettings { Trunks = [new Trunk { Roles = Rules(agent) }] });
        var body = File.ReadAllText(Path.Combine(path!, file));

        var (_, call) = Establish(Invite with { ContentType = $"multipart/mixed;boundary={boundary}", Body = body });

        Assert.Equal(expected, string.Join(", ", call.Info.Legs.Select(leg => $"{leg.Label} {leg.Party.Aor}".TrimEnd() + $":{leg.Role}/{leg.RoleEvidence}")));
    }

    [Fact]
    public void Every_device_of_the_folder_is_in_the_table()
    {
        var path = SharedFolder.Find(Folder);
        if (path is null) Assert.Skip($"../shared/{Folder} is not on this machine.");

        Assert.Equal(Directory.GetFiles(path!, "drachtio-*.txt").Select(Path.GetFileName).Order(StringComparer.Ordinal), Devices().Select(row => row.Data.Item1).Order(StringComparer.Ordinal));
    }

    [Fact] // RFC 8068 §3.2: a basic call, put on hold, transferred, ended; each document on top of those before
    public void The_call_flow_of_RFC_8068_is_followed_to_its_end()
    {
        var path = SharedFolder.Find(Folder);
        if (path is null) Assert.Skip($"../shared/{Folder} is not on this machine.");
        var state = new MetadataState();

        Assert.True(Apply("rfc8068-01-metadata.xml"));
        Assert.Equal(("sip:alice@atlanta.com", "sip:bob@biloxy.com"), (Speaker("96"), Speaker("98")));
        Assert.True(Apply("rfc8068-02-metadata.xml"));   // Alice is held: she sends nothing
        Assert.Equal(("", "sip:bob@biloxy.com"), (Speaker("96"), Speaker("98")));
        Assert.False(Apply("rfc8068-04-metadata.xml"));  // Carol takes Alice's place on streams that were never introduced: a snapshot is asked for
        Assert.Equal(("", "sip:bob@biloxy.com"), (Speaker("96"), Speaker("98")));
        Assert.True(Apply("rfc8068-06-metadata.xml"));   // which says it all
        Assert.Equal(("sip:carol@example.com", "sip:Bob@biloxy.com"), (Speaker("96"), Speaker("98")));

        bool Apply(string file)
        {
            Assert.Equal(MetadataError.None, MetadataParser.TryParse(File.ReadAllBytes(Path.Combine(path!, file)), out var document));
            return state.Apply(document!);
        }

        string Speaker(string label) => state.SpeakerOf(label).Names is [var name, ..] ? name.Aor : "";
    }

    private static RoleRules Rules(string agent) => new()
    {
        Addresses = [new RoleRule(AddressTest.Prefix, agent, PartyRole.Agent), new RoleRule(AddressTest.Any, "", PartyRole.Customer)],
    };
}
