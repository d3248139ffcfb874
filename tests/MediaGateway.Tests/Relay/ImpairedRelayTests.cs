using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Relay;

/// <summary>The relay behind a bad network: it forwards what comes, as it comes, and its counts are the network's.</summary>
public sealed class ImpairedRelayTests
{
    private const int Packets = 500;

    [Fact]
    public async Task Loss_counted_at_the_relay_is_the_loss_injected()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        var profile = new NetworkProfile { Loss = 0.05 };
        var (rig, link) = Open(profile, Enumerable.Range(0, 100).First(seed => KeepsTheEnds(profile, seed)));
        await using var _ = rig;
        using var __ = link;

        for (var i = 0; i < Packets; i++) rig.Caller.Send(new byte[160]);
        await RelayLoopbackTests.UntilAsync(() => link.Counts.Out is var counts && counts.Sent == Packets && counts.Delivered == counts.Sent - counts.Lost, limit.Token);
        await RelayLoopbackTests.UntilAsync(() => rig.Stream.Statistics(RelaySide.Caller).PacketsReceived == link.Counts.Out.Delivered, limit.Token);

        var counts = rig.Stream.Statistics(RelaySide.Caller);
        Assert.InRange(link.Counts.Out.Lost, 10, 45);
        Assert.Equal(link.Counts.Out.Lost, counts.Lost);
        Assert.Equal(counts.PacketsReceived, rig.Stream.Statistics(RelaySide.Callee).PacketsSent);
    }

    [Fact]
    public async Task Order_and_copies_of_a_bad_network_are_passed_on_untouched()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        var profile = new NetworkProfile { Delay = TimeSpan.FromMilliseconds(5), Jitter = TimeSpan.FromMilliseconds(5), Reordering = 0.05, ReorderDelay = TimeSpan.FromMilliseconds(3), Duplication = 0.05 };
        var (rig, link) = Open(profile, seed: 3);
        await using var _ = rig;
        using var __ = link;
        var first = rig.Caller.Sequence;

        var receiving = ReceiveAsync();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < Packets; i++)
        {
            rig.Caller.Send(new byte[160]);
            await clock.WaitForNextTickAsync(limit.Token);
        }

        await RelayLoopbackTests.UntilAsync(() => link.Counts.Out is var counts && counts.Delivered == Packets + counts.Duplicated, limit.Token);
        var received = await receiving;
        Assert.Equal(Enumerable.Range(0, Packets).Select(i => (ushort)(first + i)).Order(), received.Distinct().Order());
        Assert.Equal(link.Counts.Out.Duplicated, received.Count - Packets);
        Assert.Contains(received.Zip(received.Skip(1)), pair => (short)(pair.Second - pair.First) < 0);
        Assert.Equal(0, rig.Stream.Statistics(RelaySide.Caller).Lost);

        async Task<List<ushort>> ReceiveAsync()
        {
            List<ushort> numbers = [];
            while (numbers.Count < Packets || numbers.Count < Packets + link.Counts.Out.Duplicated)
            {
                RtpPacketView.TryParse(await rig.Callee.ReceiveAsync(limit.Token), out var packet);
                numbers.Add(packet.SequenceNumber.Value);
            }

            return numbers;
        }
    }

    [Fact]
    public async Task A_link_leads_both_ways()
    {
        using var limit = new CancellationTokenSource(RelayRig.Limit);
        var (rig, link) = Open(new NetworkProfile(), seed: 1);
        await using var _ = rig;
        using var __ = link;
        rig.Caller.Send([1, 2, 3]);
        await rig.Callee.ReceiveAsync(limit.Token);

        rig.Callee.Send([4, 5, 6]);

        Assert.Equal([4, 5, 6], (await rig.Caller.ReceiveAsync(limit.Token))[12..]);
        Assert.Equal((1, 1), (link.Counts.Out.Delivered, link.Counts.Back.Delivered));
    }

    /// <summary>What is lost before the first or after the last packet cannot be known at the other end.</summary>
    private static bool KeepsTheEnds(NetworkProfile profile, int seed)
    {
        var network = new NetworkEmulator(profile, seed);
        var lost = Enumerable.Range(0, Packets).Select(_ =>
        {
            var before = network.Lost;
            network.Send(new byte[172], default);
            return network.Lost > before;
        }).ToArray();
        return !lost[0] && !lost[1] && !lost[^1];
    }

    /// <summary>A rig whose caller reaches the relay through a link.</summary>
    private static (RelayRig Rig, ImpairedLink Link) Open(NetworkProfile profile, int seed)
    {
        var rig = RelayRig.Open();
        var link = new ImpairedLink(rig.Stream.LocalEndPoint(RelaySide.Caller), profile, seed, TimeProvider.System);
        rig.Stream.Update(RelaySide.Caller, new RelaySidePlan { Remote = link.Exit, Formats = [RelayRig.Pcmu, RelayRig.Pcma] });
        rig.Caller.Relay = link.Entrance;
        return (rig, link);
    }
}
