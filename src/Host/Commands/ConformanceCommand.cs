using System.CommandLine;
using System.Net;
using System.Text.Json;
using EdgeAssist.Host.Terminal;
using EdgeAssist.MediaGateway.Conformance;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Spectre.Console;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist conformance</c>: tries any recording server with odd and broken messages and with the makes of recording clients. Exit code 1 when it failed a case.</summary>
internal static class ConformanceCommand
{
    public static Command Create()
    {
        var target = new Option<string>("--target") { Description = "The server: ADDRESS:PORT.", Required = true };
        var transport = new Option<string>("--transport") { Description = "udp, tcp or tls.", DefaultValueFactory = _ => "udp" };
        var vectors = new Option<string[]>("--vectors") { Description = "A folder of messages (*.dat, verdicts in index.json) to send besides; repeat for several.", DefaultValueFactory = _ => [] };
        var only = new Option<string>("--only") { Description = "Run cases whose group or name holds this.", DefaultValueFactory = _ => "" };
        var json = new Option<string?>("--json") { Description = "Write the verdicts to this file (JSON)." };
        var authorities = new Option<string>("--ca") { Description = "TLS: PEM file of the authorities to trust. Default: those of this machine.", DefaultValueFactory = _ => "" };
        var name = new Option<string>("--server-name") { Description = "TLS: name the certificate has to prove. Default: the address.", DefaultValueFactory = _ => "" };
        var command = new Command("conformance", "Try a recording server: broken messages, all makes of recording clients, whole sessions.")
        {
            target, transport, vectors, only, json, authorities, name,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetRequiredValue(target), out var place) || place.Port == 0)
                throw new UserError($"--target {parsed.GetValue(target)}: write ADDRESS:PORT, for example 127.0.0.1:5060.");
            if (!Enum.TryParse<SipTransport>(parsed.GetRequiredValue(transport), ignoreCase: true, out var over) || !Enum.IsDefined(over))
                throw new UserError($"--transport {parsed.GetValue(transport)}: write udp, tcp or tls.");

            var plan = new ConformancePlan
            {
                Target = place, Transport = over, Vectors = [.. parsed.GetRequiredValue(vectors)], Only = parsed.GetRequiredValue(only),
                Authorities = parsed.GetRequiredValue(authorities), ServerName = parsed.GetRequiredValue(name), Progress = Show,
            };
            var verdicts = await RunAsync(plan, cancellationToken);
            if (parsed.GetValue(json) is { } file) await WriteAsync(file, verdicts, cancellationToken);
            return Summarise(verdicts);
        });
        return command;
    }

    private static async Task<IReadOnlyList<ConformanceVerdict>> RunAsync(ConformancePlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await new ConformanceRunner(TimeProvider.System).RunAsync(plan, cancellationToken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or JsonException)
        {
            throw new UserError(e.Message, e);
        }
    }

    private static void Show(ConformanceVerdict verdict)
    {
        var mark = verdict.Passed ? "[green]pass[/]" : "[red]FAIL[/]";
        AnsiConsole.MarkupLine($"{mark}  {verdict.Group,-8} {verdict.Answer,-8} {verdict.Milliseconds,7:0} ms  {verdict.Name.EscapeMarkup()}");
        if (!verdict.Passed) AnsiConsole.MarkupLine($"      [red]{verdict.Why.EscapeMarkup()}[/] [grey]({verdict.Reference.EscapeMarkup()})[/]");
    }

    private static int Summarise(IReadOnlyList<ConformanceVerdict> verdicts)
    {
        foreach (var group in verdicts.GroupBy(verdict => verdict.Group))
            AnsiConsole.MarkupLine($"{group.Key.EscapeMarkup()}: {group.Count(verdict => verdict.Passed)} of {group.Count()}");
        return verdicts.All(verdict => verdict.Passed) ? 0 : 1;
    }

    private static async Task WriteAsync(string file, IReadOnlyList<ConformanceVerdict> verdicts, CancellationToken cancellationToken)
    {
        await using var stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, verdicts, ConformanceJson.Default.IReadOnlyListConformanceVerdict, cancellationToken);
    }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyList<ConformanceVerdict>))]
internal sealed partial class ConformanceJson : System.Text.Json.Serialization.JsonSerializerContext;
