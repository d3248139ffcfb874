using System.CommandLine;
using EdgeAssist.V1;
using Grpc.Net.Client;

namespace EdgeAssist.RelayLoad;

/// <summary><c>durable</c>: a relay is killed with SIGKILL in the middle of publishing, again and again; then everything it acknowledged is looked for.</summary>
internal static class DurableCommand
{
    private const string Mark = "acknowledged ";

    public static Command Create()
    {
        var kills = new Option<int>("--kills") { DefaultValueFactory = _ => 500 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var command = new Command("durable", "Kill the relay at random points and look for what it acknowledged.") { kills, seed };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var scratch = new Scratch();
            var random = new Random(parsed.GetValue(seed));
            var acknowledged = new HashSet<string>(StringComparer.Ordinal);
            var restarts = new List<double>();
            for (var round = 0; round < parsed.GetValue(kills); round++)
            {
                var began = TimeProvider.System.GetTimestamp();
                await using var relay = await RelayProcess.StartAsync(scratch.Path);
                restarts.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                await relay.SayAsync("flood");
                var patience = random.Next(1, 200);
                while (patience-- > 0 && await relay.HearAsync(cancellationToken) is { } line) Take(line);
                foreach (var line in (await relay.KillAsync()).Split('\n')[..^1]) Take(line);
            }

            var held = await HeldAsync(scratch.Path, cancellationToken);
            var lost = acknowledged.Count(text => !held.Contains(text));
            Figures.Tell(Figures.Text($"durable: {parsed.GetValue(kills)} kills, {acknowledged.Count} acknowledged, {lost} lost; start to ready {Figures.Of(restarts)}; {Figures.Machine}"));
            return lost == 0 && acknowledged.Count > 0 ? 0 : 1;

            void Take(string line)
            {
                if (line.StartsWith(Mark, StringComparison.Ordinal)) acknowledged.Add(line[Mark.Length..].TrimEnd());
            }
        });
        return command;
    }

    // As a client sees it: every call, with its words.
    private static async Task<HashSet<string>> HeldAsync(string data, CancellationToken cancellationToken)
    {
        await using var relay = await RelayProcess.StartAsync(data);
        using var channel = GrpcChannel.ForAddress(relay.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var client = new Calls.CallsClient(channel);
        var held = new HashSet<string>(StringComparer.Ordinal);
        for (var page = ""; ;)
        {
            var listed = await client.ListAsync(new ListCallsRequest { PageSize = 500, PageToken = page }, relay.Headers, cancellationToken: cancellationToken);
            foreach (var call in listed.Calls)
            {
                var detail = await client.GetAsync(new GetCallRequest { CallId = call.CallId }, relay.Headers, cancellationToken: cancellationToken);
                held.UnionWith(detail.Transcript.Select(words => words.Text));
            }

            if (listed.NextPageToken.Length == 0) return held;
            page = listed.NextPageToken;
        }
    }
}
