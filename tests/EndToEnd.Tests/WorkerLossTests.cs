using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Testing.Audio;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Two inference workers as processes of their own; the one that has the call is killed in the middle of it.</summary>
public sealed class WorkerLossTests
{
    [Fact]
    public async Task Killing_the_worker_costs_no_packet_and_the_other_goes_on_with_the_call()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var (models, reason) = await TestModels.FindAsync(cancellationToken);
        if (models is null) Assert.Skip(reason);
        var recordings = Recordings.RealCall();
        if (recordings is null) Assert.Skip("../shared/data/two-party-calls is not here.");
        var streams = Recordings.Streams((Half(recordings.Value.Agent), Half(recordings.Value.Customer)));
        await using var appliance = await TestAppliance.StartWithWorkersAsync(models, workers: 2, cancellationToken);
        await using var watcher = appliance.Watch();

        var playing = appliance.PlayAsync(watcher, streams, cancellationToken);
        await watcher.WaitForFinalAsync(cancellationToken);
        await appliance.Workers[0].KillAsync();
        var killed = DateTimeOffset.UtcNow;
        var call = await playing;

        Assert.True(call.Result.Succeeded, call.Result.ToString());
        Assert.Equal(call.Result.Streams.Sum(stream => stream.Packets), appliance.Count("edgeassist.rtp.packets"));
        Assert.Equal(0, appliance.Count("edgeassist.rtp.packets.lost"));
        Assert.Contains(call.Finals, final => final.At < killed);
        Assert.Contains(call.Finals, final => final.At > killed.AddSeconds(3));
        Assert.Equal(["hangup"], call.Events.Where(heard => heard.Value.KindCase == CallEvent.KindOneofCase.Ended).Select(heard => heard.Value.Ended.EndReason));
    }

    private static Clip Half(Clip clip) => clip with { Samples = clip.Samples[..(clip.Samples.Length / 2)] };
}
