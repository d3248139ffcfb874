using EdgeAssist.Contracts;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

public sealed class NetworkEmulatorTests
{
    [Theory]
    [InlineData(0.05, 1)]
    [InlineData(0.05, 3)]
    [InlineData(0.1, 5)]
    public void Loss_has_its_share_and_its_mean_run(double share, double burst)
    {
        var network = new NetworkEmulator(new NetworkProfile { Loss = share, LossBurst = burst }, seed: 1);
        var (runs, before) = (0, false);

        for (var i = 0; i < 100_000; i++)
        {
            var lost = network.Lost;
            network.Send([0], new Instant(0));
            var now = network.Lost > lost;
            if (now && !before) runs++;
            before = now;
        }

        Assert.InRange(network.Lost / 100_000.0, share * 0.9, share * 1.1);
        Assert.InRange((double)network.Lost / runs, (burst <= 1 ? 1 / (1 - share) : burst) * 0.95, (burst <= 1 ? 1 / (1 - share) : burst) * 1.05);
    }
}
