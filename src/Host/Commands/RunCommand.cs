using System.CommandLine;
using System.Text.Json;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.MediaGateway.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist run</c>: the appliance, or one part of it.</summary>
internal static class RunCommand
{
    public static Command Create(Option<string?> config)
    {
        var role = new Option<string>("--role") { Description = "all, gateway, inference or relay.", DefaultValueFactory = _ => "all" };
        var set = new Option<string[]>("--set") { Description = "A setting, for example Sip:MaxCalls=50; repeat for several.", DefaultValueFactory = _ => [] };
        var ready = new Option<string?>("--ready-file") { Description = "Write where everything listens to this file (JSON) once calls are taken." };
        var command = new Command("run", "Take calls until stopped.") { role, set, ready };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var setup = new ApplianceSetup
            {
                Role = ApplianceRoles.Parse(parsed.GetRequiredValue(role)),
                Configuration = ApplianceConfiguration.Load(parsed.GetValue(config), Settings(parsed.GetRequiredValue(set))),
            };
            await using var app = Build(setup);
            await StartAsync(app, cancellationToken);
            var places = ListeningPlaces.Of(app);
            Announce(app, places);
            if (parsed.GetValue(ready) is { } file) await WriteReadyAsync(file, places, cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        });
        return command;
    }

    /// <summary>Builds; a listener's bad setting shows here, before the others are looked at.</summary>
    /// <exception cref="UserError">A setting is wrong.</exception>
    public static WebApplication Build(ApplianceSetup setup)
    {
        try
        {
            return Appliance.Build(setup);
        }
        catch (Exception wrong) when (Failures(wrong) is { Count: > 0 } failures)
        {
            throw new UserError(string.Join(Environment.NewLine, failures), wrong);
        }
    }

    /// <summary>Starts; what an operator can mend comes out as a sentence.</summary>
    /// <exception cref="UserError">A setting is wrong, a port is taken, a file cannot be used.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (InvalidOperationException unfit) when (unfit.Source == "Microsoft.Extensions.Configuration.Binder")
        {
            // A value of the wrong kind; the binder's sentence names the setting and the value.
            throw new UserError(unfit.Message, unfit);
        }
        catch (Exception wrong) when (Failures(wrong) is { Count: > 0 } failures)
        {
            throw new UserError(string.Join(Environment.NewLine, failures), wrong);
        }
        catch (Exception refused) when (refused is GatewayStartException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }
    }

    /// <summary>The validators' sentences; several sections that fail at once come wrapped in one exception.</summary>
    private static List<string> Failures(Exception exception) => exception switch
    {
        OptionsValidationException wrong => [.. wrong.Failures],
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(wrong => wrong.Failures).Distinct()],
        _ => [],
    };

    private static IEnumerable<KeyValuePair<string, string?>> Settings(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1) throw new UserError($"--set {word}: write NAME=VALUE, for example Sip:MaxCalls=50.");
            yield return new KeyValuePair<string, string?>(word[..equals], word[(equals + 1)..]);
        }
    }

    private static void Announce(WebApplication app, ListeningPlaces places)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeAssist.Host");
        foreach (var (what, where) in places.Lines) HostLog.Listening(logger, what, where);
        if (app.Services.GetService<IModelReadiness>() is { IsReady: false } models) HostLog.Degraded(logger, models.Problem);
        HostLog.Ready(logger);
    }

    private static async Task WriteReadyAsync(string file, ListeningPlaces places, CancellationToken cancellationToken)
    {
        // Whole or not at all: whoever waits for the file reads it the moment it is there.
        var part = file + ".part";
        await File.WriteAllTextAsync(part, JsonSerializer.Serialize(places, ListeningJson.Default.ListeningPlaces), cancellationToken);
        File.Move(part, file, overwrite: true);
    }
}

/// <summary>Where a started appliance listens.</summary>
/// <param name="SipUdp">ADDRESS:PORT.</param>
/// <param name="SipTcp">ADDRESS:PORT.</param>
/// <param name="Api">Addresses with their scheme, gRPC first.</param>
/// <param name="ProcessId">This process.</param>
internal sealed record ListeningPlaces(IReadOnlyList<string> SipUdp, IReadOnlyList<string> SipTcp, IReadOnlyList<string> Api, int ProcessId)
{
    /// <summary>ADDRESS:PORT.</summary>
    public IReadOnlyList<string> SipTls { get; init; } = [];

    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<(string What, string Where)> Lines =>
        SipUdp.Select(place => ("SIP over UDP", place))
            .Concat(SipTcp.Select(place => ("SIP over TCP", place)))
            .Concat(SipTls.Select(place => ("SIP over TLS", place)))
            .Concat(Api.Select((place, index) => (index == 0 ? "gRPC" : "gRPC-Web and health", place)));

    public static ListeningPlaces Of(WebApplication app)
    {
        var sip = app.Services.GetService<SipEndpoints>();
        var api = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return new ListeningPlaces(
            [.. (sip?.Udp ?? []).Select(place => place.ToString())],
            [.. (sip?.Tcp ?? []).Select(place => place.ToString())],
            [.. api],
            Environment.ProcessId) { SipTls = [.. (sip?.Tls ?? []).Select(place => place.ToString())] };
    }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(WriteIndented = true)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ListeningPlaces))]
internal sealed partial class ListeningJson : System.Text.Json.Serialization.JsonSerializerContext;

internal static partial class HostLog
{
    [LoggerMessage(1001, LogLevel.Information, "{What} on {Where}")]
    public static partial void Listening(ILogger logger, string what, string where);

    [LoggerMessage(1002, LogLevel.Warning, "Calls are taken, but not all of them can be understood: {Problem}")]
    public static partial void Degraded(ILogger logger, string problem);

    [LoggerMessage(1004, LogLevel.Warning, "TLS: {What}")]
    public static partial void TlsTrouble(ILogger logger, string what);

    [LoggerMessage(1003, LogLevel.Information, "Ready for calls")]
    public static partial void Ready(ILogger logger);
}
