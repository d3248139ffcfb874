using EdgeAssist.AlertRelay.Measures.Statistics;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

public class DistributionsTests
{
    /// <summary>Table of Abramowitz and Stegun, 26.1; the tail from R 4's <c>pnorm(-6)</c>.</summary>
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746068543)]
    [InlineData(1.96, 0.975002104851780)]
    [InlineData(-2.5, 0.006209665325776)]
    [InlineData(-6, 9.865876450376980e-10)]
    public void The_normal_distribution_is_that_of_the_tables(double z, double expected) =>
        Assert.Equal(1, Distributions.NormalCdf(z) / expected, 1e-11);

    /// <summary>R 4: <c>qnorm</c>.</summary>
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.8, 0.841621233572914)]
    [InlineData(0.001, -3.090232306167813)]
    [InlineData(1e-12, -7.034483825301131)]
    public void Quantiles_of_the_normal_distribution_are_those_of_the_tables(double p, double expected) =>
        Assert.Equal(expected, Distributions.NormalQuantile(p), 1e-9);

    /// <summary>The t table of any text book.</summary>
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(30, 2.042)]
    [InlineData(52, 2.007)]
    [InlineData(1000, 1.962)]
    public void Quantiles_of_Students_t_are_those_of_the_tables(double degrees, double expected) =>
        Assert.Equal(expected, Distributions.StudentQuantile(0.975, degrees), 5e-4);

    [Fact]
    public void A_quantile_inverts_the_distribution()
    {
        foreach (var p in new[] { 0.0001, 0.02, 0.3, 0.5, 0.77, 0.999 })
        {
            Assert.Equal(p, Distributions.NormalCdf(Distributions.NormalQuantile(p)), 1e-12);
            Assert.Equal(p, Distributions.StudentCdf(Distributions.StudentQuantile(p, 7), 7), 1e-9);
        }
    }

    /// <summary>The numbers the authors' C code gives for SplitMix64 with seed 1234567.</summary>
    [Fact]
    public void The_generator_gives_its_authors_numbers()
    {
        var state = 1234567UL;

        ulong[] first = [SeededRandom.SplitMix(ref state), SeededRandom.SplitMix(ref state), SeededRandom.SplitMix(ref state)];

        Assert.Equal([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL], first);
    }

    [Fact]
    public void Drawn_numbers_have_the_moments_of_their_distribution()
    {
        var random = new SeededRandom(1);
        var normal = Enumerable.Range(0, 200_000).Select(_ => random.NextNormal()).ToArray();
        var unit = Enumerable.Range(0, 200_000).Select(_ => random.NextUnit()).ToArray();

        Assert.Equal(0, normal.Average(), 0.01);
        Assert.Equal(1, normal.Average(z => z * z), 0.015);
        Assert.Equal(3, normal.Average(z => z * z * z * z), 0.1);
        Assert.Equal(0.5, unit.Average(), 0.003);
        Assert.Equal(1.0 / 12, unit.Average(u => (u - 0.5) * (u - 0.5)), 0.001);
    }

    /// <summary>Half a standard deviation with 80 % power takes 63 a group (Cohen 1988, table 2.4.1 gives 64 with t).</summary>
    [Theory]
    [InlineData(1, 0.5, 63)]
    [InlineData(1, 0.2, 393)]
    [InlineData(60, 20, 142)]
    public void Sample_sizes_are_those_of_the_text_books(double deviation, double difference, int expected) =>
        Assert.Equal(expected, SampleSize.PerGroup(deviation, difference));
}
