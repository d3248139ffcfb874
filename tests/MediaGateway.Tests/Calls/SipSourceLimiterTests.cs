using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Transport;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

public sealed class SipSourceLimiterTests
{
    [Fact] // RELIABILITY S4
    public void A_flood_from_one_source_is_cut_and_another_source_is_not()
    {
        var limiter = new SipSourceLimiter(perSecond: 10);
        var (flood, good) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

        Assert.Equal(20, Enumerable.Range(0, 1000).Count(_ => limiter.TryPass(flood, new Instant(0))));
        Assert.True(limiter.TryPass(good, new Instant(0)));
        Assert.Equal(10, Enumerable.Range(0, 1000).Count(_ => limiter.TryPass(flood, new Instant(TimeSpan.TicksPerSecond))));
    }
}
