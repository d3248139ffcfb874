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
    public Task Twenty_sessions_of_a_foreign_client_at_ten_a_second_all_succeed() => RunAsync("siprec-call", Calls);

    [Theory] // RFC 3264 §8.4, RFC 4028, RFC 7866 §9, RFC 3261 §14.2
    [InlineData("siprec-hold")]
    [InlineData("siprec-refresh")]
    [InlineData("siprec-metadata")]
    [InlineData("siprec-glare")]
    [InlineData("siprec-malformed")]
    [InlineData("siprec-draft")]
    public Task A_session_of_a_foreign_client_lives_through(string scenario) => RunAsync(scenario, 5);

    private static async Task RunAsync(string scenario, int calls)
    {
        var sipp = Tool.Find("sipp");
        if (sipp is null) Assert.Skip("sipp is not installed (Debian: apt-get install sip-tester).");
        var folder = Directory.CreateTempSubdirectory("edgeassist-sipp-");
        try
        {
            await using var appliance = await TestAppliance.StartAsync(folder.FullName, Cancel);
            await using var watcher = appliance.Watch();
            await watcher.OpenAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

            var ran = await Tool.RunAsync(sipp, Arguments(appliance, scenario, calls), folder.FullName, Cancel);

            Assert.True(ran.ExitCode == 0, $"sipp ended with {ran.ExitCode}: {ran.Error}{Environment.NewLine}{ran.Output}");
            await watcher.WaitForEndingsAsync(calls, Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
            Assert.Equal(calls, appliance.Count("edgeassist.calls.started"));
            Assert.Equal(calls, appliance.Count("edgeassist.calls.ended"));
            Assert.Equal(0, appliance.Count("edgeassist.sip.messages.malformed"));
            Assert.All(watcher.Calls.Select(heard => heard.Value.Started).OfType<Call>(), call => Assert.Equal([PartyRole.Agent, PartyRole.Customer], call.Legs.Select(leg => leg.Role)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Arguments(TestAppliance appliance, string scenario, int calls) =>
    [
        appliance.Sip.ToString(), "-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", scenario + ".xml"), "-i", "127.0.0.1",
        "-m", calls.ToString(CultureInfo.InvariantCulture), "-r", "10", "-l", "20", "-t", "u1", "-nostdin", "-timeout", "20", "-timeout_error",

        // A repeated answer that comes late, on a machine under load, is no fault; what is expected and does not come still is.
        "-default_behaviors", "all,-abortunexp",
    ];
}
