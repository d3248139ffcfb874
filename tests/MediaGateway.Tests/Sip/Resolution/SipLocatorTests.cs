using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.Resolution;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip.Resolution;

public sealed class SipLocatorTests
{
    private static readonly DnsZone s_full = new DnsZone()
        .Naptr("example", 50, 50, "SIPS+D2T", "_sips._tcp.example").Naptr("example", 90, 50, "SIP+D2T", "_sip._tcp.example").Naptr("example", 100, 50, "SIP+D2U", "_sip._udp.example")
        .Srv("_sips._tcp.example", 0, 1, 5061, "tls.example").Srv("_sip._tcp.example", 0, 1, 5060, "one.example").Srv("_sip._tcp.example", 1, 1, 5080, "two.example")
        .Srv("_sip._udp.example", 0, 1, 5060, "one.example")
        .A("tls.example", "192.0.2.9").A("one.example", "192.0.2.1").Aaaa("one.example", "2001:db8::1").A("two.example", "192.0.2.2").A("example", "192.0.2.100");

    private static readonly DnsZone s_services = new DnsZone()
        .Srv("_sip._tcp.plain.example", 0, 1, 5070, "one.example").A("one.example", "192.0.2.1").A("plain.example", "192.0.2.100");

    private static readonly DnsZone s_addresses = new DnsZone().A("bare.example", "192.0.2.7").Alias("alias.example", "bare.example");

    [Theory] // RFC 3263 §4.1 and §4.2
    [InlineData("full", "sip:example", "Tls 192.0.2.9:5061, Tcp 192.0.2.1:5060, Tcp [2001:db8::1]:5060, Tcp 192.0.2.2:5080, Udp 192.0.2.1:5060, Udp [2001:db8::1]:5060")]
    [InlineData("full", "sips:example", "Tls 192.0.2.9:5061")]
    [InlineData("full", "sip:example;transport=tcp", "Tcp 192.0.2.1:5060, Tcp [2001:db8::1]:5060, Tcp 192.0.2.2:5080")]
    [InlineData("full", "sip:example:5090", "Udp 192.0.2.100:5090")]                   // a port: no NAPTR, no SRV
    [InlineData("full", "sips:example:5090", "Tls 192.0.2.100:5090")]
    [InlineData("full", "sip:192.0.2.50", "Udp 192.0.2.50:5060")]
    [InlineData("full", "sip:[2001:db8::5];transport=tls", "Tls [2001:db8::5]:5061")]
    [InlineData("full", "sips:192.0.2.50;transport=tcp", "Tls 192.0.2.50:5061")]
    [InlineData("full", "sips:192.0.2.50;transport=udp", "")]
    [InlineData("full", "sip:example;transport=sctp", "")]
    [InlineData("services", "sip:plain.example", "Tcp 192.0.2.1:5070")]               // no NAPTR: SRV of each transport
    [InlineData("addresses", "sip:bare.example", "Udp 192.0.2.7:5060")]               // neither: addresses
    [InlineData("addresses", "sips:bare.example", "Tls 192.0.2.7:5061")]
    [InlineData("addresses", "sip:missing.example", "")]
    public async Task A_URI_leads_to_places_in_the_order_to_try_them(string zone, string text, string places)
    {
        Assert.True(SipUriParser.TryParse(text, out var uri));
        var records = zone switch { "full" => s_full, "services" => s_services, _ => s_addresses };

        var found = await new SipLocator(Lookup(records), most => most).FindAsync(uri!, TestContext.Current.CancellationToken);

        Assert.Equal(places, string.Join(", ", found.Select(place => $"{place.Transport} {place.EndPoint}")));
        Assert.All(found, place => Assert.Equal(uri!.Host.Trim('[', ']'), place.Name));   // RFC 5922 §4: the domain, not the server SRV names
    }

    [Fact]
    public async Task However_many_servers_a_name_has_sixteen_are_tried()
    {
        var zone = new DnsZone();
        for (var i = 0; i < 100; i++) zone.Srv("_sip._udp.example", i, 0, 5060, $"h{i}.example").A($"h{i}.example", "192.0.2.1");

        Assert.Equal(16, (await new SipLocator(Lookup(zone), _ => 0).FindAsync(new SipUri { Scheme = "sip", Host = "example", Parameters = SipParameters.None.With("transport", "udp") }, TestContext.Current.CancellationToken)).Length);
    }

    [Fact] // RFC 2782
    public void Within_a_priority_servers_are_drawn_by_weight()
    {
        var random = new Random(1);
        ImmutableArray<DnsService> records = [Service(10, 10, "a"), Service(10, 30, "b"), Service(10, 0, "c"), Service(5, 0, "first"), Service(20, 9, "last")];
        var firsts = new Dictionary<string, int>(StringComparer.Ordinal);

        for (var i = 0; i < 4000; i++)
        {
            var order = SrvOrder.Of(records, most => random.Next(most + 1));
            Assert.Equal(("first", "last", 5), (order[0].Target, order[^1].Target, order.Length));
            firsts[order[1].Target] = firsts.GetValueOrDefault(order[1].Target) + 1;
        }

        Assert.InRange(firsts["b"], 2700, 3200);   // 30 of 41 draws, the one for weight 0 apart
        Assert.InRange(firsts["a"], 800, 1150);
        Assert.InRange(firsts["c"], 1, 200);
    }

    [Fact] // RFC 2782: «.» says that the service is not there
    public void A_service_that_is_declared_absent_has_no_server() => Assert.Empty(SrvOrder.Of([Service(0, 0, "")], _ => 0));

    private static DnsService Service(int priority, int weight, string target) => new("s", TimeSpan.FromMinutes(1), priority, weight, 5060, target);

    private static DnsLookup Lookup(DnsZone zone) => (name, type, _) => Task.FromResult(
        DnsMessage.TryReadReply(zone.Answer(DnsMessage.TryWriteQuery(1, name, type)), 1, name, type, out var reply)
            ? reply.Records.Where(record => record.Type == type).ToImmutableArray()
            : throw new InvalidOperationException("The zone cannot answer."));
}
