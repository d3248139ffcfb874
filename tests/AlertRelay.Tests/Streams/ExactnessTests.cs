using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>
/// What readers get, put against what the journal holds: the same events in the same order, whatever happened to the
/// connection. More rounds: <c>EDGEASSIST_CUTS=10000</c>.
/// </summary>
public sealed class ExactnessTests
{
    private const int Seed = 7;

    [Fact]
    public async Task However_often_a_reader_is_cut_off_it_hears_every_event_once_and_in_order()
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        var cuts = int.Parse(Environment.GetEnvironmentVariable("EDGEASSIST_CUTS") ?? "60", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(Seed);
        var filter = new V1.AlertFilter { Teams = { "billing" } };
        var invoker = server.Invoker();
        var heard = new List<V1.AlertEvent>();
        string token;
        using (var first = RawWatch.Alerts(invoker, server.Headers(), filter: filter)) token = (await first.NextAsync(Patience.Normal)).Hello.ResumeToken;

        using var done = new CancellationTokenSource();
        var publishing = PublishAsync(server, new Random(Seed + 1), done.Token);
        for (var cut = 0; cut <= cuts; cut++)
        {
            using var watch = RawWatch.Alerts(invoker, server.Headers(), token, filter: filter);
            token = (await watch.NextAsync(Patience.Normal)).Hello.ResumeToken;
            for (var left = random.Next(0, 8); left > 0; left--) token = Take(await watch.NextAsync(Patience.Normal), heard) ?? token;
        }

        await done.CancelAsync();
        await publishing;
        var expected = await JournaledAsync(server, said => said.Alert is { Alert.Team: "billing", Change: not V1.AlertChange.Told });
        using var last = RawWatch.Alerts(invoker, server.Headers(), token, filter: filter);
        while (heard.Count < expected.Count) Take(await last.NextAsync(Patience.Normal), heard);

        Assert.Equal(expected.Select(said => said.Offset), heard.Select(said => said.Offset));
        Assert.Equal(expected.Select(said => said.Alert!.Alert), heard.Select(said => said.Alert));
    }

    [Fact]
    public async Task Across_the_edge_of_a_snapshot_no_word_is_missing_and_none_comes_twice()
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        using var done = new CancellationTokenSource();
        var said = 0;
        var publishing = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await server.Sink.PublishAsync(Say.Final(call, ++said), CancellationToken.None);
        });

        var invoker = server.Invoker();
        for (var round = 0; round < 25; round++)
        {
            using var watch = RawWatch.Calls(invoker, server.Headers(), snapshot: true);
            await watch.NextAsync(Patience.Normal);
            var heard = (await watch.NextAsync(Patience.Normal)).Snapshot.Transcript.Select(final => final.Utterance).ToList();
            var bookmark = (await watch.NextAsync(Patience.Normal)).SnapshotEnd.Bookmark;
            while (heard.Count == 0 || heard.Count < bookmark + 10)
            {
                if ((await watch.NextAsync(Patience.Normal)).Event is { } next) heard.Add(next.Transcript.Utterance);
            }

            Assert.Equal(Enumerable.Range(1, heard.Count), heard);
        }

        await done.CancelAsync();
        await publishing;
    }

    [Fact]
    public async Task The_client_library_goes_on_across_a_restart_of_the_relay()
    {
        using var directory = new TempDirectory();
        var first = await RelayServer.StartAsync(directory.Path);
        var address = first.Address;
        await using var client = first.Client();
        var heard = new List<long>();
        var states = new List<Client.ConnectionState>();
        using var connected = new SemaphoreSlim(0);
        using var reached = new CancellationTokenSource();
        var total = long.MaxValue;
        var watching = Task.Run(async () =>
        {
            await foreach (var item in client.WatchCallsAsync(snapshot: false, cancellationToken: Patience.Normal))
            {
                if (item is Client.WatchItem<V1.CallDetail, V1.CallEvent>.Connection { State: var state })
                {
                    states.Add(state);
                    if (state == Client.ConnectionState.Connected) connected.Release();
                }

                if (item is not Client.WatchItem<V1.CallDetail, V1.CallEvent>.Event { Value: var seen }) continue;
                heard.Add(seen.Offset);
                if (seen.Offset == Interlocked.Read(ref total)) return;
            }
        });
        await connected.WaitAsync(Patience.Normal);
        var call = Say.NewCall();
        await first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        for (var i = 1; i <= 20; i++) await first.Sink.PublishAsync(Say.Final(call, i), Patience.Normal);
        await first.DisposeAsync();

        await using var second = await RelayServer.StartAsync(directory.Path, urls: address.ToString());
        var another = Say.NewCall();
        await second.Sink.PublishAsync(Say.Started(another), Patience.Normal);
        Interlocked.Exchange(ref total, second.Writer.State.Offset + 1);
        await second.Sink.PublishAsync(Say.Final(another, 1), Patience.Normal);
        await watching;

        // 21 of the first life, the first call ended as lost, and two of the second life.
        Assert.Equal(Enumerable.Range(1, 24).Select(offset => (long)offset), heard);
        Assert.Contains(Client.ConnectionState.Reconnecting, states);
    }

    [Fact]
    public async Task A_journal_started_anew_is_told_as_a_reset_with_a_snapshot_behind_it()
    {
        using var directory = new TempDirectory();
        var first = await RelayServer.StartAsync(directory.Path);
        var address = first.Address;
        await using var client = first.Client();
        var items = client.WatchAlertsAsync(cancellationToken: Patience.Normal).GetAsyncEnumerator();
        while (await items.MoveNextAsync() && items.Current is not Client.WatchItem<V1.Alert, V1.AlertEvent>.SnapshotEnd)
        {
            // Until the first snapshot is told.
        }

        await first.DisposeAsync();
        foreach (var file in Directory.GetFiles(directory.Path, "journal.*")) File.Delete(file);
        await using var second = await RelayServer.StartAsync(directory.Path, urls: address.ToString());

        var told = new List<Client.WatchItem<V1.Alert, V1.AlertEvent>>();
        do
        {
            Assert.True(await items.MoveNextAsync());
            told.Add(items.Current);
        }
        while (items.Current is not Client.WatchItem<V1.Alert, V1.AlertEvent>.SnapshotEnd);
        await items.DisposeAsync();

        Assert.Equal("EPOCH_CHANGED", told.OfType<Client.WatchItem<V1.Alert, V1.AlertEvent>.Reset>().Single().Reason);
    }

    private static string? Take(V1.WatchAlertsResponse response, List<V1.AlertEvent> heard)
    {
        if (response.Event is { } seen) heard.Add(seen);
        return response.Event?.ResumeToken ?? response.Bookmark?.ResumeToken ?? response.Heartbeat?.ResumeToken;
    }

    // Calls of two teams that escalate, rise, and end, several at a time.
    private static async Task PublishAsync(RelayServer server, Random random, CancellationToken cancellationToken)
    {
        var live = new List<CallId>();
        while (!cancellationToken.IsCancellationRequested)
        {
            if (live.Count < 4)
            {
                live.Add(Say.NewCall());
                await server.Sink.PublishAsync(Say.Started(live[^1], random.Next(2) == 0 ? "billing" : "sales"), CancellationToken.None);
            }

            var at = random.Next(live.Count);
            var call = live[at];
            var level = (EscalationLevel)random.Next(4);
            await server.Sink.PublishAsync(Say.Score(call, level, random.Next(100), random.NextDouble()), CancellationToken.None);
            if (random.Next(6) > 0) continue;
            await server.Sink.PublishAsync(Say.Ended(call), CancellationToken.None);
            live.RemoveAt(at);
        }
    }

    private static async Task<List<RelayEvent>> JournaledAsync(RelayServer server, Func<RelayEvent, bool> matches)
    {
        var journal = server.Table.Journal;
        var all = new List<RelayEvent>();
        for (var after = 0L; await journal.ReadAsync(after, 1000, default) is { Count: > 0 } read; after = read[^1].Offset)
            all.AddRange(read.Select(stored => RelayEventCodec.ToEvent(stored, journal.Epoch)).Where(matches));
        return all;
    }
}
