using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Calls carried through between two user agents that are not ours: SIPp (Debian package sip-tester) on both sides, with real RTP.</summary>
public sealed class InlineSippTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edgeassist-inline-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact] // PROTOCOLS d.2: call, hold, glare, refresh, key press, transfer
    public async Task Five_calls_are_held_refused_refreshed_transferred_and_heard_on_both_sides()
    {
        const int Calls = 5;
        var sipp = Sipp();
        var (port, media) = (LoopbackPorts.Free(), LoopbackPorts.Free());
        var inline = new InlineCalls(_folder.FullName);
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "tone.ul"), [.. Enumerable.Repeat((byte)0x55, 8000 * 6)], Cancel);
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel, inline.Settings(port));
        await using var watcher = appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(s_patience, Cancel);
        await using var callee = RunningTool.Start(sipp, [.. InlineCalls.Sipp("inline-uas.xml", null, port, Calls, media), "-rtp_echo"], _folder.FullName);

        var caller = await Tool.RunAsync(sipp, InlineCalls.Sipp("inline-uac.xml", appliance.Sip, LoopbackPorts.Free(), Calls, LoopbackPorts.Free()), _folder.FullName, Cancel);

        Assert.True(caller.ExitCode == 0, $"the caller ended with {caller.ExitCode}: {Errors()}{caller.Output}");
        Assert.True(await callee.WaitForExitAsync(s_patience, Cancel) == 0, $"the callee failed: {Errors()}{callee.Output}");
        var records = await inline.RecordsAsync(2 * Calls, Cancel);
        Assert.All(records, record => Assert.Equal((200, 16, "PCMU"), (record.Status, record.Cause, record.Codec)));
        Assert.All(records, record => Assert.True(record.Received >= 140, $"{record.Leg} sent {record.Received} packets in three seconds."));
        Assert.All(records, record => Assert.Equal(0, record.Lost));
        var pairs = records.GroupBy(record => record.Leg).ToDictionary(group => group.Key, group => group.Sum(record => record.Received));
        // The callee echoes what came: no more than that, but the two counts of a call are read one after the other.
        Assert.InRange(pairs["callee"], pairs["caller"] * 0.8, pairs["caller"] + Calls);
        await watcher.WaitForEndingsAsync(Calls, Cancel).WaitAsync(s_patience, Cancel);
        var started = watcher.Calls.Select(heard => heard.Value.Started).OfType<Call>().ToList();
        Assert.All(started, call => Assert.Equal([PartyRole.Customer, PartyRole.Agent], call.Legs.Select(leg => leg.Role)));
        Assert.Equal(0, appliance.Count("edgeassist.sip.messages.malformed"));
    }

    [Fact] // RFC 3261 §9.1, §13.2.2.4
    public async Task A_200_that_crosses_a_CANCEL_is_acknowledged_and_ended()
    {
        const int Calls = 5;
        var sipp = Sipp();
        var (port, media) = (LoopbackPorts.Free(), LoopbackPorts.Free());
        var inline = new InlineCalls(_folder.FullName);
        await using var appliance = await TestAppliance.StartAsync(_folder.FullName, Cancel, inline.Settings(port));
        await using var callee = RunningTool.Start(sipp, InlineCalls.Sipp("inline-late-uas.xml", null, port, Calls, media), _folder.FullName);

        var caller = await Tool.RunAsync(sipp, InlineCalls.Sipp("inline-cancel-uac.xml", appliance.Sip, LoopbackPorts.Free(), Calls, LoopbackPorts.Free()), _folder.FullName, Cancel);

        Assert.True(caller.ExitCode == 0, $"the caller ended with {caller.ExitCode}: {Errors()}{caller.Output}");
        Assert.True(await callee.WaitForExitAsync(s_patience, Cancel) == 0, $"the callee failed: {Errors()}{callee.Output}");
        var records = await inline.RecordsAsync(2 * Calls, Cancel);
        Assert.All(records, record => Assert.Equal((487, "Cancelled"), (record.Status, record.End)));
    }

    private static string Sipp()
    {
        var sipp = Tool.Find("sipp");
        if (sipp is null) Assert.Skip("sipp is not installed (Debian: apt-get install sip-tester).");
        return sipp!;
    }

    private string Errors() => string.Join(Environment.NewLine, _folder.GetFiles("*_errors.log").Select(file => File.ReadAllText(file.FullName)));
}
