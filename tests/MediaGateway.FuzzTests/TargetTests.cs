using EdgeAssist.Fuzz;
using Xunit;

namespace EdgeAssist.MediaGateway.FuzzTests;

/// <summary>The targets of the coverage-guided fuzzer as properties: a bounded run of each, with its seed in the message of a failure.</summary>
public sealed class TargetTests
{
    private const int Runs = 2000;

    public static TheoryData<string> Names() => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_parser_refuses_or_reads_any_bytes_and_what_it_reads_survives_writing(string name)
    {
        var target = FuzzTargets.All.Single(candidate => candidate.Name == name);
        var seed = Environment.TickCount;

        var summary = FuzzRun.Unguided(target, Runs, seed);

        Assert.True(summary.Findings.Count == 0, $"{summary}{Environment.NewLine}{string.Join(Environment.NewLine, summary.Findings)}");
        Assert.InRange(summary.Executions, Runs, Runs + 32 + target.Seeds.Count);
    }
}
