using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Transport;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Transport;

public sealed class SourceBucketsTests
{
    private static readonly Instant s_start = new(0);

    [Fact] // RELIABILITY S4
    public void A_flood_from_one_source_is_cut_and_another_source_is_not()
    {
        var buckets = new SourceBuckets(perSecond: 10);
        var (flood, good) = (Key("192.0.2.1"), Key("192.0.2.2"));

        Assert.Equal(20, Enumerable.Range(0, 1000).Count(_ => buckets.TryTake(flood, s_start)));
        Assert.True(buckets.TryTake(good, s_start));
        Assert.Equal(10, Enumerable.Range(0, 1000).Count(_ => buckets.TryTake(flood, new Instant(TimeSpan.TicksPerSecond))));
    }

    [Fact]
    public void A_source_over_its_limit_stays_over_it_while_ten_thousand_others_appear()
    {
        var buckets = new SourceBuckets(perSecond: 1);
        var flood = Key("192.0.2.1");
        var taken = 0;

        for (UInt128 other = 1; other <= 10_000; other++)
        {
            buckets.TryTake(other << 40, s_start);
            if (buckets.TryTake(flood, s_start)) taken++;
        }

        Assert.Equal(2, taken);
        Assert.InRange(buckets.Count, 1, 2 * SourceBuckets.MaxSources);
    }

    [Fact]
    public void The_wait_for_a_token_is_as_long_as_one_takes_to_come()
    {
        var buckets = new SourceBuckets(perSecond: 10);
        var source = Key("192.0.2.1");
        while (buckets.TryTake(source, s_start))
        {
            // Until it is empty.
        }

        var wait = buckets.TimeUntil(source, s_start);

        Assert.InRange(wait, TimeSpan.FromMilliseconds(99.9), TimeSpan.FromMilliseconds(100.1));
        Assert.True(buckets.TryTake(source, s_start + wait));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]    // one host has a whole /64
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", true)]
    public void A_source_is_an_IPv4_address_or_an_IPv6_network_of_64_bits(string one, string other, bool isSame) =>
        Assert.Equal(isSame, Key(one) == Key(other));

    private static UInt128 Key(string address) => SourceBuckets.KeyOf(IPAddress.Parse(address));
}
