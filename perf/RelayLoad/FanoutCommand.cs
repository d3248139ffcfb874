using System.CommandLine;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.RelayLoad;

/// <summary>
/// <c>fanout</c>: so many subscribers, one alert after the other to all of them. <c>--rate</c>: finals at a steady rate instead,
/// counting what is missed. <c>--stalled</c>: so many more subscribers that stop reading.
/// </summary>
internal static class FanoutCommand
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(200);

    public static Command Create()
    {
        var subscribers = new Option<int>("--subscribers") { DefaultValueFactory = _ => 1000 };
        var alerts = new Option<int>("--alerts") { DefaultValueFactory = _ => 20 };
        var perConnection = new Option<int>("--per-connection") { Description = "Streams a connection.", DefaultValueFactory = _ => 50 };
        var warmup = new Option<int>("--warmup") { Description = "Alerts before those that are counted.", DefaultValueFactory = _ => 5 };
        var rate = new Option<int>("--rate") { Description = "Events a second instead of single alerts.", DefaultValueFactory = _ => 0 };
        var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 60 };
        var stalled = new Option<int>("--stalled") { DefaultValueFactory = _ => 0 };
        var command = new Command("fanout", "One alert to all subscribers, or a steady stream of events.") { subscribers, alerts, warmup, perConnection, rate, seconds, stalled };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Most);
            using var scratch = new Scratch();
            await using var relay = await RelayProcess.StartAsync(scratch.Path);
            var run = new FanoutRun(relay, parsed.GetValue(subscribers), parsed.GetValue(perConnection), deadline.Token);
            return parsed.GetValue(rate) > 0
                ? await run.SteadyAsync(parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(stalled))
                : await run.AlertsAsync(parsed.GetValue(alerts), parsed.GetValue(warmup));
        });
        return command;
    }
}

internal sealed class FanoutRun(RelayProcess relay, int subscribers, int perConnection, CancellationToken cancellationToken)
{
    private readonly List<double> _took = [];
    private long _heard;

    // So many streams are opened at a time: what is measured is not how they come.
    private const int Opening = 256;

    public async Task<int> AlertsAsync(int alerts, int warmup)
    {
        await relay.AskAsync("alert");
        var before = await relay.MemoryAsync();
        var channels = relay.Channels(subscribers, perConnection);
        using var told = new SemaphoreSlim(0);
        using var doors = new SemaphoreSlim(Opening);
        var open = new TaskCompletionSource();
        var left = subscribers;
        var readers = new List<Task>();
        foreach (var (channel, _) in Places(channels)) readers.Add(Task.Run(() => ReadAsync(channel), cancellationToken));
        // A reader that fails ends the run at once.
        await Task.WhenAny([open.Task, .. readers]).Unwrap();
        var after = await relay.MemoryAsync();

        for (var i = 0; i < warmup; i++) await AlertAsync();
        var (began, busy) = (TimeProvider.System.GetTimestamp(), await relay.BusyAsync());
        var own = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < alerts; i++) await AlertAsync();
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        (busy, own) = (await relay.BusyAsync() - busy, Environment.CpuUsage.TotalTime - own);
        await Task.WhenAll(readers);
        Figures.Tell(Figures.Text($"fanout: {subscribers} subscribers on {channels.Count} connections, {alerts} alerts one after the other, commit to client: {Figures.Of(_took)}; {_heard / elapsed.TotalSeconds:0} deliveries/s, processor time a delivery {busy.TotalMicroseconds / _heard:0} us of the relay and {own.TotalMicroseconds / _heard:0} us of the clients; memory a subscriber {(after.WorkingSet - before.WorkingSet) / 1024.0 / subscribers:0.0} KiB of the process, {(after.Managed - before.Managed) / 1024.0 / subscribers:0.0} KiB managed; {Figures.Machine}"));
        channels.ForEach(channel => channel.Dispose());
        return _heard == (long)alerts * subscribers ? 0 : 1;

        async Task AlertAsync()
        {
            await relay.AskAsync("alert");
            for (var waiting = subscribers; waiting > 0; waiting--) await told.WaitAsync(cancellationToken);
        }

        async Task ReadAsync(GrpcChannel channel)
        {
            await doors.WaitAsync(cancellationToken);
            using var watch = new Alerts.AlertsClient(channel).Watch(new WatchAlertsRequest(), relay.Headers, cancellationToken: cancellationToken);
            await watch.ResponseStream.MoveNext(cancellationToken);
            doors.Release();
            if (Interlocked.Decrement(ref left) == 0) open.TrySetResult();
            for (var heard = 0; heard < warmup + alerts && await watch.ResponseStream.MoveNext(cancellationToken);)
            {
                if (watch.ResponseStream.Current.Event is not { Change: AlertChange.Opened } seen) continue;
                if (heard++ >= warmup) Take(seen.Latency);
                told.Release();
            }
        }
    }

    public async Task<int> SteadyAsync(int rate, int seconds, int stalled)
    {
        // The same run without and with the stalled readers: their neighbours' times are compared.
        var channels = relay.Channels(subscribers, perConnection);
        var alone = stalled > 0 ? await RoundAsync(channels, rate, seconds) : null;
        var idle = relay.Channels(stalled, perConnection);
        var holding = new List<AsyncServerStreamingCall<WatchCallsResponse>>();
        foreach (var (channel, _) in Places(idle, stalled))
        {
            var watch = new Calls.CallsClient(channel).Watch(new WatchCallsRequest(), relay.Headers, cancellationToken: cancellationToken);
            await watch.ResponseStream.MoveNext(cancellationToken);
            holding.Add(watch);
        }

        var before = await relay.MemoryAsync();
        var round = await RoundAsync(channels, rate, seconds);
        var after = await relay.MemoryAsync();
        var ratio = alone is null ? "" : Figures.Text($"; {stalled} more that stop reading: others' p99 {Figures.At(round, 0.99) / Figures.At(alone, 0.99):0.00} x ({Figures.At(alone, 0.99):0.00} ms without); memory up {(after.WorkingSet - before.WorkingSet) / 1048576.0:0.0} MiB");
        Figures.Tell(Figures.Text($"steady: {subscribers} subscribers x {rate}/s for {seconds} s, {(long)subscribers * rate * seconds} to be told, {(long)subscribers * rate * seconds - _heard} missed, emit to client: {Figures.Of(round)}{ratio}; {Figures.Machine}"));
        holding.ForEach(watch => watch.Dispose());
        channels.Concat(idle).ToList().ForEach(channel => channel.Dispose());
        return _heard == (long)subscribers * rate * seconds ? 0 : 1;
    }

    private async Task<List<double>> RoundAsync(List<GrpcChannel> channels, int rate, int seconds)
    {
        _heard = 0;
        var took = new List<double>();
        var open = new TaskCompletionSource();
        var left = subscribers;
        var readers = Places(channels).Select(place => Task.Run(async () =>
        {
            using var watch = new Calls.CallsClient(place.Channel).Watch(new WatchCallsRequest { Filter = new CallFilter { FinalsOnly = true } }, relay.Headers, cancellationToken: cancellationToken);
            await watch.ResponseStream.MoveNext(cancellationToken);
            if (Interlocked.Decrement(ref left) == 0) open.TrySetResult();
            var expected = 1;
            while (expected <= rate * seconds && await watch.ResponseStream.MoveNext(cancellationToken))
            {
                if (watch.ResponseStream.Current.Event is not { Transcript: { } words } seen) continue;
                if (words.Utterance != expected) return;   // a gap: what follows is missed and counted so
                expected++;
                Interlocked.Increment(ref _heard);
                var late = (TimeProvider.System.GetUtcNow() - seen.EventTime.ToDateTimeOffset()).TotalMilliseconds;
                lock (took) took.Add(late);
            }
        }, cancellationToken)).ToList();
        await open.Task.WaitAsync(cancellationToken);
        await relay.AskAsync(Figures.Text($"rate {rate} {seconds}"));
        await Task.WhenAll(readers);
        took.Sort();
        return took;
    }

    private IEnumerable<(GrpcChannel Channel, int Index)> Places(List<GrpcChannel> channels, int? count = null) =>
        Enumerable.Range(0, count ?? subscribers).Select(index => (channels[index / perConnection], index));

    private void Take(Latency latency)
    {
        var late = (TimeProvider.System.GetUtcNow() - RelayProcess.CommittedAt(latency)).TotalMilliseconds;
        Interlocked.Increment(ref _heard);
        lock (_took) _took.Add(late);
    }
}
