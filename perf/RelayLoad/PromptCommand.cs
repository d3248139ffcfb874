using System.CommandLine;
using EdgeAssist.V1;

namespace EdgeAssist.RelayLoad;

/// <summary>
/// <c>prompts</c>: calls that go bad one after the other while so many streams follow prompts; how long a prompt takes from the score
/// that called for it to the stream, and to the client's hand.
/// </summary>
internal static class PromptCommand
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(200);

    public static Command Create()
    {
        var calls = new Option<int>("--calls") { DefaultValueFactory = _ => 500 };
        var streams = new Option<int>("--streams") { Description = "Streams that follow prompts beside the one that is counted.", DefaultValueFactory = _ => 200 };
        var warmup = new Option<int>("--warmup") { Description = "Calls before those that are counted.", DefaultValueFactory = _ => 20 };
        var command = new Command("prompts", "From the score to the agent's prompt.") { calls, streams, warmup };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Most);
            using var scratch = new Scratch();
            await using var relay = await RelayProcess.StartAsync(scratch.Path);
            return await RunAsync(relay, parsed.GetValue(calls), parsed.GetValue(warmup), parsed.GetValue(streams), deadline.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(RelayProcess relay, int calls, int warmup, int streams, CancellationToken cancellationToken)
    {
        var channels = relay.Channels(streams + 1, 50);
        var others = new List<Task>();
        for (var i = 0; i < streams; i++)
        {
            var beside = new Assist.AssistClient(channels[i % channels.Count]).Watch(new WatchAssistRequest(), relay.Headers, cancellationToken: cancellationToken);
            await beside.ResponseStream.MoveNext(cancellationToken);
            others.Add(DrainAsync(beside, calls + warmup, cancellationToken));
        }

        using var watch = new Assist.AssistClient(channels[^1]).Watch(new WatchAssistRequest(), relay.Headers, cancellationToken: cancellationToken);
        await watch.ResponseStream.MoveNext(cancellationToken);
        var (toStream, toClient) = (new List<double>(), new List<double>());
        for (var i = 0; i < warmup + calls; i++)
        {
            await relay.AskAsync("alert");
            while (await watch.ResponseStream.MoveNext(cancellationToken))
            {
                if (watch.ResponseStream.Current.Event is not { Prompt.State: PromptState.Offered } offered) continue;
                if (i < warmup) break;
                var trigger = offered.Latency.WordsEndedAt.ToDateTimeOffset();
                toStream.Add(offered.Latency.Hops.Sum(hop => hop.Duration.ToTimeSpan().TotalMilliseconds));
                toClient.Add((TimeProvider.System.GetUtcNow() - trigger).TotalMilliseconds);
                break;
            }
        }

        await Task.WhenAll(others);
        Figures.Tell(Figures.Text($"prompts: {calls} calls one after the other, {streams + 1} streams, score said to prompt written: {Figures.Of(toStream)}; to the client: {Figures.Of(toClient)}; {Figures.Machine}"));
        channels.ForEach(channel => channel.Dispose());
        return toStream.Count == calls ? 0 : 1;
    }

    private static async Task DrainAsync(Grpc.Core.AsyncServerStreamingCall<WatchAssistResponse> watch, int prompts, CancellationToken cancellationToken)
    {
        using (watch)
        {
            for (var heard = 0; heard < prompts && await watch.ResponseStream.MoveNext(cancellationToken);)
            {
                if (watch.ResponseStream.Current.Event is { Prompt.State: PromptState.Offered }) heard++;
            }
        }
    }
}
