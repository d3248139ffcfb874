using System.CommandLine;
using EdgeAssist.V1;
using Grpc.Net.Client;

namespace EdgeAssist.RelayLoad;

/// <summary><c>resume</c>: a reader is cut off after a random number of events, again and again, and comes back with its token.</summary>
internal static class ResumeCommand
{
    public static Command Create()
    {
        var cuts = new Option<int>("--cuts") { DefaultValueFactory = _ => 10_000 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("resume", "Cut a reader off at random points and compare what it heard with the whole.") { cuts, seed };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var scratch = new Scratch();
            await using var relay = await RelayProcess.StartAsync(scratch.Path);
            using var channel = GrpcChannel.ForAddress(relay.Address);
            var client = new Calls.CallsClient(channel);
            var random = new Random(parsed.GetValue(seed));
            var first = await TokenAsync();
            await relay.SayAsync("rate 500 100000");

            var heard = new List<long>();
            var token = first;
            var began = TimeProvider.System.GetTimestamp();
            for (var cut = 0; cut < parsed.GetValue(cuts); cut++) await ReadAsync(random.Next(0, 6), heard);
            var took = TimeProvider.System.GetElapsedTime(began);

            var resumed = heard.Count;
            token = first;
            var whole = new List<long>();
            await ReadAsync(resumed, whole);
            var same = heard.SequenceEqual(whole);
            Figures.Tell(Figures.Text($"resume: {parsed.GetValue(cuts)} cuts in {took.TotalSeconds:0.0} s, {resumed} events heard, sequence {(same ? "exactly the whole one" : "NOT the whole one")}; {Figures.Machine}"));
            return same && resumed > 0 ? 0 : 1;

            async Task<string> TokenAsync()
            {
                using var watch = client.Watch(new WatchCallsRequest(), relay.Headers, cancellationToken: cancellationToken);
                await watch.ResponseStream.MoveNext(cancellationToken);
                return watch.ResponseStream.Current.Hello.ResumeToken;
            }

            async Task ReadAsync(int events, List<long> into)
            {
                using var watch = client.Watch(new WatchCallsRequest { ResumeToken = token }, relay.Headers, cancellationToken: cancellationToken);
                await watch.ResponseStream.MoveNext(cancellationToken);
                token = watch.ResponseStream.Current.Hello.ResumeToken;
                for (var left = events; left > 0;)
                {
                    await watch.ResponseStream.MoveNext(cancellationToken);
                    if (watch.ResponseStream.Current.Event is not { } told) continue;
                    left--;
                    into.Add(told.Offset);
                    token = told.ResumeToken;
                }
            }
        });
        return command;
    }
}
