using System.Globalization;
using System.Net;
using EdgeAssist.EndToEnd.Tests.Support;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>What attackers' tools do to an appliance, and to the calls beside them (RELIABILITY S3, S4).</summary>
public sealed class SipAbuseTests
{
    private const string Stranger = "127.0.0.2";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flood_of_a_thousand_INVITEs_a_second_from_a_stranger_costs_no_call_and_gets_no_answer()
    {
        var sipp = Tool.Find("sipp");
        if (sipp is null) Assert.Skip("sipp is not installed (Debian: apt-get install sip-tester).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-flood-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel, [new("Sip:Trunks:0:Peers:0", "127.0.0.1")]);

            var flooding = Tool.RunAsync(sipp, Arguments(appliance.Sip, "flood.xml", Stranger, rate: 1000, calls: 3000), folder.FullName, Cancel);
            var good = await Tool.RunAsync(sipp, Arguments(appliance.Sip, "siprec-call.xml", "127.0.0.1", rate: 10, calls: 20), folder.FullName, Cancel);
            await flooding;

            Assert.True(good.ExitCode == 0, $"sipp ended with {good.ExitCode}: {good.Error}{Environment.NewLine}{good.Output}");
            Assert.Equal(20, appliance.Count("edgeassist.calls.started"));
            Assert.InRange(appliance.Count("edgeassist.sip.messages.dropped"), 2000, 3000);
            Assert.InRange(appliance.Count("edgeassist.sip.messages.received"), 60, 200);   // the good calls' own, none of the flood's
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact] // the flood comes from an address that is on a trunk: its own calls are limited, another trunk's are not
    public async Task A_flood_from_a_trunk_s_own_address_costs_no_call_of_another_trunk()
    {
        var sipp = Tool.Find("sipp");
        if (sipp is null) Assert.Skip("sipp is not installed (Debian: apt-get install sip-tester).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-flood-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel,
            [
                new("Sip:Trunks:0:Peers:0", "127.0.0.1"), new("Sip:Trunks:1:Name", "flooding"), new("Sip:Trunks:1:Peers:0", Stranger), new("Sip:Trunks:1:MaxCalls", "5"),
                new("Sip:MaxCallsPerSecond", "20"),
            ]);

            var flooding = Tool.RunAsync(sipp, Arguments(appliance.Sip, "flood.xml", Stranger, rate: 1000, calls: 3000), folder.FullName, Cancel);
            var good = await Tool.RunAsync(sipp, Arguments(appliance.Sip, "siprec-call.xml", "127.0.0.1", rate: 10, calls: 20), folder.FullName, Cancel);
            await flooding;

            Assert.True(good.ExitCode == 0, $"sipp ended with {good.ExitCode}: {good.Error}{Environment.NewLine}{good.Output}");
            Assert.InRange(appliance.Count("edgeassist.calls.started"), 20, 25);   // the good ones, and what the flooding trunk may have at once
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory] // the right password is among those tried in the second case: a cracker that is on no trunk learns nothing, one that is gets no REGISTER accepted
    [InlineData("192.0.2.0/24")]
    [InlineData("127.0.0.1")]
    public async Task A_password_cracker_cracks_nothing(string peer)
    {
        var cracker = Tool.Find("svcrack") ?? Tool.Find("sipvicious_svcrack");
        if (cracker is null) Assert.Skip("svcrack is not installed (Debian: apt-get install sipvicious).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-crack-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel,
                [new("Sip:Trunks:0:Peers:0", peer), new("Sip:Trunks:0:Users:105", "10000105"), new("Sip:Digest:AllowMd5", "true")]);

            var ran = await Tool.RunAsync(cracker,
                ["-u105", "-r10000100-10000110", "-p", appliance.Sip.Port.ToString(CultureInfo.InvariantCulture), "127.0.0.1"], folder.FullName, Cancel);

            var text = ran.Output + ran.Error;
            Assert.DoesNotContain("10000105", text, StringComparison.Ordinal);
            Assert.True(appliance.Count("edgeassist.sip.messages.received") + appliance.Count("edgeassist.sip.messages.dropped") > 0, text);
            Assert.Equal(peer == "127.0.0.1", appliance.Count("edgeassist.sip.messages.received") > 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("svmap")]
    [InlineData("svwar")]
    public async Task A_scanner_that_is_on_no_trunk_finds_nothing(string tool)
    {
        var scanner = Tool.Find(tool) ?? Tool.Find("sipvicious_" + tool);
        if (scanner is null) Assert.Skip($"{tool} is not installed (Debian: apt-get install sipvicious).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-scan-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel, [new("Sip:Trunks:0:Peers:0", "192.0.2.0/24")]);
            var port = appliance.Sip.Port.ToString(CultureInfo.InvariantCulture);

            var ran = await Tool.RunAsync(scanner, tool == "svmap" ? ["-p", port, "127.0.0.1"] : ["-e100-120", "-p", port, "127.0.0.1"], folder.FullName, Cancel);

            Assert.DoesNotContain("EdgeAssist", ran.Output + ran.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("reqauth", ran.Output + ran.Error, StringComparison.Ordinal);
            Assert.True(appliance.Count("edgeassist.sip.messages.dropped") > 0, ran.Output + ran.Error);
            Assert.Equal(0, appliance.Count("edgeassist.sip.messages.received"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact] // the scanner's address is a trunk's: then every extension, the one that exists among them, looks alike
    public async Task A_scanner_on_a_trunk_with_users_cannot_tell_one_from_another()
    {
        var scanner = Tool.Find("svwar") ?? Tool.Find("sipvicious_svwar");
        if (scanner is null) Assert.Skip("svwar is not installed (Debian: apt-get install sipvicious).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-scan-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel, [new("Sip:Trunks:0:Users:105", "a long password")]);

            var ran = await Tool.RunAsync(scanner, ["-e100-120", "-p", appliance.Sip.Port.ToString(CultureInfo.InvariantCulture), "127.0.0.1"], folder.FullName, Cancel);

            var text = ran.Output + ran.Error;
            var isAlone = text.Contains("105", StringComparison.Ordinal) && !text.Contains("106", StringComparison.Ordinal);
            Assert.False(isAlone, text);
            Assert.True(appliance.Count("edgeassist.sip.messages.received") > 0, text);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Arguments(IPEndPoint target, string scenario, string source, int rate, int calls) =>
    [
        target.ToString(), "-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", scenario), "-i", source,
        "-m", calls.ToString(CultureInfo.InvariantCulture), "-r", rate.ToString(CultureInfo.InvariantCulture), "-l", "5000", "-t", "u1", "-nostdin", "-timeout", "25",
    ];
}
