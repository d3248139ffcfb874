using System.Globalization;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Signalling against a user agent that is not ours: SIPp (Debian package sip-tester), with a scenario of our own.</summary>
public sealed class SippTests
{
    private const int Calls = 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact] // RFC 7866 §6.1, §7.1
    public async Task Twenty_sessions_of_a_foreign_client_at_ten_a_second_all_succeed()
    {
        var sipp = Tool.Find("sipp");
        if (sipp is null) Assert.Skip("sipp is not installed (Debian: apt-get install sip-tester).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-sipp-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel);
            await using var watcher = appliance.Watch();
            await watcher.OpenAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

            var ran = await Tool.RunAsync(sipp, Arguments(appliance), folder.FullName, Cancel);

            Assert.True(ran.ExitCode == 0, $"sipp ended with {ran.ExitCode}: {ran.Error}{Environment.NewLine}{ran.Output}");
            await watcher.WaitForEndingsAsync(Calls, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
            Assert.Equal(Calls, appliance.Count("edgeassist.calls.started"));
            Assert.Equal(Calls, appliance.Count("edgeassist.calls.ended"));
            Assert.Equal(0, appliance.Count("edgeassist.sip.messages.malformed"));
            Assert.All(watcher.Calls.Select(heard => heard.Value.Started).OfType<Call>(), call => Assert.Equal([PartyRole.Agent, PartyRole.Customer], call.Legs.Select(leg => leg.Role)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Arguments(TestAppliance appliance) =>
    [
        appliance.Sip.ToString(), "-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", "siprec-call.xml"), "-i", "127.0.0.1",
        "-m", Calls.ToString(CultureInfo.InvariantCulture), "-r", "10", "-l", "20", "-t", "u1", "-nostdin", "-timeout", "20", "-timeout_error",
    ];
}
