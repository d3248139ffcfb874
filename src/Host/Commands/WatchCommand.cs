using System.CommandLine;
using EdgeAssist.Client;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using Google.Protobuf;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist watch</c>: alerts (and calls) in a terminal, as lines for people or as JSON for programs. Reconnects and resumes by itself.</summary>
internal static class WatchCommand
{
    /// <summary>Holds the token when none is given on the command line, where other users could read it.</summary>
    public const string TokenVariable = "EDGEASSIST_TOKEN";

    public static Command Create()
    {
        var address = new Option<string>("--address", "-a") { Description = "The relay, for example https://box.example:7443.", DefaultValueFactory = _ => "http://127.0.0.1:7443" };
        var token = new Option<string?>("--token") { Description = $"Access token; better in the variable {TokenVariable}." };
        var calls = new Option<bool>("--calls") { Description = "Calls with their words and scores too." };
        var prompts = new Option<bool>("--prompts") { Description = "Prompts and messages for the agent too." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new Command("watch", "Follow alerts as they are raised. Ends with Ctrl-C.") { address, token, calls, prompts, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var bearer = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(TokenVariable)
                ?? throw new UserError($"No access token. Make one with `edgeassist token --role supervisor --subject NAME --team '*'` and set {TokenVariable}.");
            if (!Uri.TryCreate(parsed.GetRequiredValue(address), UriKind.Absolute, out var relay) || relay.Scheme is not ("http" or "https"))
                throw new UserError($"--address {parsed.GetValue(address)}: write http://HOST:PORT or https://HOST:PORT.");

            await using var client = new EdgeAssistClient(relay, bearer);
            var printer = new WatchPrinter(Console.Out, parsed.GetValue(json));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var watching = new List<Task> { printer.PrintAlertsAsync(client, end.Token) };
            if (parsed.GetValue(calls)) watching.Add(printer.PrintCallsAsync(client, end.Token));
            if (parsed.GetValue(prompts)) watching.Add(printer.PrintPromptsAsync(client, end.Token));
            try
            {
                await await Task.WhenAny(watching);
                return 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }
            catch (EdgeAssistException refused)
            {
                throw new UserError(refused.Message, refused);
            }
            finally
            {
                await end.CancelAsync();
            }
        });
        return command;
    }
}

/// <summary>Writes what the streams tell. Two streams may share one output; a line is written whole.</summary>
internal sealed class WatchPrinter(TextWriter output, bool json)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public Task PrintAlertsAsync(EdgeAssistClient client, CancellationToken cancellationToken) =>
        PrintAsync(client.WatchAlertsAsync(cancellationToken: cancellationToken), AlertLine.Describe, AlertLine.Describe);

    public Task PrintCallsAsync(EdgeAssistClient client, CancellationToken cancellationToken) =>
        PrintAsync(client.WatchCallsAsync(cancellationToken: cancellationToken), call => $"live  {call.Call.CallId}  {call.Call.Team}  {call.Call.Agent}", CallLine.Describe);

    public Task PrintPromptsAsync(EdgeAssistClient client, CancellationToken cancellationToken) =>
        PrintAsync(client.WatchAssistAsync(cancellationToken: cancellationToken),
            standing => standing.Prompt is { } prompt ? PromptLine.Describe(prompt) : PromptLine.Describe(standing.Message), PromptLine.Describe);

    private async Task PrintAsync<TSnapshot, TEvent>(IAsyncEnumerable<WatchItem<TSnapshot, TEvent>> items, Func<TSnapshot, string?> ofSnapshot, Func<TEvent, string?> ofEvent)
        where TSnapshot : class, IMessage
        where TEvent : class, IMessage
    {
        await foreach (var item in items)
        {
            switch (item)
            {
                case WatchItem<TSnapshot, TEvent>.Snapshot { Value: var standing }:
                    Write(standing, () => ofSnapshot(standing));
                    break;
                case WatchItem<TSnapshot, TEvent>.Event { Value: var happened }:
                    Write(happened, () => ofEvent(happened));
                    break;
                default:
                    Say(item);
                    break;
            }
        }
    }

    private void Write(IMessage message, Func<string?> line)
    {
        if (json) _output.WriteLine(JsonFormatter.Default.Format(message));
        else if (line() is { } text) _output.WriteLine(text);
    }

    // The state of the connection goes to people only: a program reads events.
    private void Say<TSnapshot, TEvent>(WatchItem<TSnapshot, TEvent> item)
    {
        if (json) return;
        switch (item)
        {
            case WatchItem<TSnapshot, TEvent>.Connection { State: not ConnectionState.Connected } connection:
                _output.WriteLine($"--    {connection.Sentence}");
                break;
            case WatchItem<TSnapshot, TEvent>.Blind blind:
                _output.WriteLine($"!!    {blind.Sentence}");
                break;
            case WatchItem<TSnapshot, TEvent>.Revoked revoked:
                _output.WriteLine($"--    call {revoked.CallId} is out of your sight from here on");
                break;
            case WatchItem<TSnapshot, TEvent>.Reset reset:
                _output.WriteLine($"--    history could not be resumed ({reset.Reason}); what is live follows");
                break;
        }
    }
}
