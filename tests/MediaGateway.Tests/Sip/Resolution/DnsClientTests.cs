using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip.Resolution;

/// <summary>The DNS client against name servers of the test's own, on loopback.</summary>
public sealed class DnsClientTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]    // RFC 7766: again over TCP
    public async Task A_name_is_looked_up_and_truncated_answers_are_fetched_over_TCP(bool truncates)
    {
        await using var server = new DnsServer(new DnsZone().Srv("_sip._udp.example", 1, 2, 5070, "host.example"), truncates);

        var records = await Client(server.EndPoint).LookupAsync("_sip._udp.Example.", DnsType.Srv, Cancel);

        Assert.Equal("host.example", Assert.IsType<DnsService>(Assert.Single(records)).Target);
    }

    [Fact]
    public async Task An_answer_is_kept_for_its_time_to_live_and_an_absent_one_for_half_a_minute()
    {
        await using var server = new DnsServer(new DnsZone().A("host.example", "192.0.2.1", life: 5));
        var client = Client(server.EndPoint);

        foreach (var (pass, queries) in new[] { (0, 2), (4, 2), (2, 3), (30, 5) })
        {
            _time.Advance(TimeSpan.FromSeconds(pass));
            Assert.Single(await client.LookupAsync("host.example", DnsType.A, Cancel));
            Assert.Empty(await client.LookupAsync("missing.example", DnsType.A, Cancel));
            Assert.Equal(queries, server.Queries);
        }
    }

    [Fact] // RFC 5452: whoever guesses wrong changes nothing
    public async Task Forged_answers_are_passed_over()
    {
        await using var server = new DnsServer(new DnsZone().A("host.example", "192.0.2.1"), forge: reply =>
        {
            byte[] otherId = [.. reply], otherName = [.. reply], address = [.. reply];
            otherId[0] ^= 1;
            otherName[13] ^= 1;
            otherId[^1] = otherName[^1] = 66;
            return [otherId, otherName, [], reply[..20]];
        });

        var records = await Client(server.EndPoint).LookupAsync("host.example", DnsType.A, Cancel);

        Assert.Equal(IPAddress.Parse("192.0.2.1"), Assert.IsType<DnsAddress>(Assert.Single(records)).Address);
    }

    [Fact]
    public async Task When_one_server_is_not_there_the_next_is_asked()
    {
        using var placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        placeholder.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // takes queries and says nothing
        await using var server = new DnsServer(new DnsZone().A("host.example", "192.0.2.1"));

        Assert.Single(await Client((IPEndPoint)placeholder.LocalEndPoint!, server.EndPoint).LookupAsync("host.example", DnsType.A, Cancel));
    }

    [Fact]
    public async Task Aliases_are_followed_and_a_ring_of_them_ends()
    {
        await using var server = new DnsServer(new DnsZone().Alias("alias.example", "host.example").A("host.example", "192.0.2.1").Alias("ring.example", "ring2.example").Alias("ring2.example", "ring.example"));
        var client = Client(server.EndPoint);

        Assert.Single(await client.LookupAsync("alias.example", DnsType.A, Cancel));
        Assert.Empty(await client.LookupAsync("ring.example", DnsType.A, Cancel));
    }

    [Fact]
    public void The_cache_never_holds_more_than_it_may()
    {
        var cache = new DnsCache(capacity: 3);
        for (var i = 0; i < 10; i++) cache.Put($"h{i}", DnsType.A, [], new Instant(0));

        Assert.Equal(3, cache.Count);
        Assert.True(cache.TryGet("h9", DnsType.A, new Instant(0), out _));
        Assert.False(cache.TryGet("h0", DnsType.A, new Instant(0), out _));
    }

    private DnsClient Client(params IPEndPoint[] servers) => new([.. servers], _time, askSystem: false);
}
