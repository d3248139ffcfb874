using System.Diagnostics;
using System.Globalization;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests;

/// <summary>
/// Figures, not verdicts: run with <c>-explicit only -class EdgeAssist.AlertRelay.Tests.Measures -showliveoutput</c> in a
/// Release build on a quiet machine.
/// </summary>
public sealed class Measures(ITestOutputHelper output)
{
    [Theory(Explicit = true)]
    [InlineData(1, 1000)]
    [InlineData(64, 200)]
    public async Task Durable_appends(int publishers, int each)
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        var calls = Enumerable.Range(0, publishers).Select(_ => Say.NewCall()).ToList();
        foreach (var call in calls) await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);

        var took = new double[publishers * each];
        var whole = Stopwatch.StartNew();
        await Task.WhenAll(calls.Select((call, publisher) => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await server.Sink.PublishAsync(Say.Final(call, i + 1), CancellationToken.None);
                took[publisher * each + i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            }
        })));
        Tell($"{publishers} publishers, {took.Length} durable events", whole.Elapsed, took);
    }

    [Theory(Explicit = true)]
    [InlineData(100, 100)]
    [InlineData(1000, 50)]
    public async Task Fan_out_over_loopback(int subscribers, int alerts)
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path, options => options.MaxStreamsPerPrincipal = 100_000);
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
        });
        var invoker = channel.CreateCallInvoker();
        var took = new List<double>();
        using var open = new CountdownEvent(subscribers);
        using var told = new SemaphoreSlim(0);
        var headers = server.Headers();
        var readers = Enumerable.Range(0, subscribers).Select(_ => Task.Run(async () =>
        {
            using var watch = RawWatch.Alerts(invoker, headers);
            await watch.NextAsync(Patience.Of(60));
            open.Signal();
            for (var heard = 0; heard < alerts;)
            {
                if ((await watch.NextAsync(Patience.Of(60))).Event is not { } seen) continue;
                heard++;
                var committed = seen.Latency.Hops.TakeWhile(hop => hop.Hop != V1.Hop.FanOut)
                    .Aggregate(seen.Latency.WordsEndedAt.ToDateTimeOffset(), (sum, hop) => sum + hop.Duration.ToTimeSpan());
                lock (took) took.Add((TimeProvider.System.GetUtcNow() - committed).TotalMilliseconds);
                told.Release();
            }
        })).ToList();
        open.Wait(Patience.Of(60));

        var whole = Stopwatch.StartNew();
        var patience = Patience.Of(120);
        for (var i = 0; i < alerts; i++)
        {
            var call = Say.NewCall();
            await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
            for (var left = subscribers; left > 0; left--) await told.WaitAsync(patience);
        }

        await Task.WhenAll(readers);
        Tell($"{subscribers} subscribers, {alerts} alerts one after the other, commit to client", whole.Elapsed, [.. took]);
    }

    private void Tell(string what, TimeSpan whole, double[] milliseconds)
    {
        Array.Sort(milliseconds);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {milliseconds.Length / whole.TotalSeconds:0}/s, p50 {At(0.5):0.00} ms, p99 {At(0.99):0.00} ms, max {milliseconds[^1]:0.00} ms, {milliseconds.Length} samples, {Environment.ProcessorCount} cores"));

        double At(double share) => milliseconds[(int)(share * (milliseconds.Length - 1))];
    }
}
