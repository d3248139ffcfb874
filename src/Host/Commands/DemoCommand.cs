using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Client;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.V1;
using Spectre.Console;

namespace EdgeAssist.Host.Commands;

/// <summary>
/// <c>edgeassist demo</c>: the appliance on loopback, two real-time SIPREC calls from the samples, a second process that
/// follows the alerts. Exit code 0 only when the bad call raised its alert before the customer's demand and the calm call
/// raised none.
/// </summary>
internal static class DemoCommand
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    public static Command Create(ModelStore store)
    {
        var good = new Option<string>("--calm") { Description = "Folder of the call that goes well; default: the bundled one.", DefaultValueFactory = _ => "" };
        var bad = new Option<string>("--escalation") { Description = "Folder of the call that goes wrong; default: the bundled one.", DefaultValueFactory = _ => "" };
        var plain = new Option<bool>("--plain") { Description = "Lines in place of live panels." };
        var command = new Command("demo", "Show a whole call on this machine: words, risk, alert. About two minutes.") { good, bad, plain };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            SampleCall[] calls = [Sample(parsed.GetRequiredValue(good), "calm"), Sample(parsed.GetRequiredValue(bad), "escalation")];
            var panels = !parsed.GetValue(plain) && !Console.IsOutputRedirected && AnsiConsole.Profile.Width >= 100;
            var demo = new DemoRun(store, calls, panels);
            return await demo.RunAsync(cancellationToken);
        });
        return command;
    }

    private static SampleCall Sample(string folder, string bundled) =>
        folder.Length > 0 ? SampleCall.Read(folder) : SampleCall.Bundled(bundled);

    /// <summary>One run of the demo.</summary>
    private sealed class DemoRun(ModelStore store, SampleCall[] samples, bool panels)
    {
        private readonly DemoStory _story = new();
        private readonly TimeProvider _time = TimeProvider.System;

        public async Task<int> RunAsync(CancellationToken cancellationToken)
        {
            Console.WriteLine("EdgeAssist demo: two recorded calls at once over SIPREC on loopback, heard and scored on this machine.");
            var models = new InferenceOptions();
            await ModelDownload.PullAsync(store, [models.SpeechModel, models.VoiceModel, models.TextModel], cancellationToken);

            var data = Directory.CreateTempSubdirectory("edgeassist-demo-");
            var warnings = new WarningLog();
            try
            {
                var started = Stopwatch.StartNew();
                await using var app = Appliance.Build(new ApplianceSetup
                {
                    Configuration = ApplianceConfiguration.Load(null, Settings(data.FullName)),
                    Logging = logging => logging.AddProvider(warnings).SetMinimumLevel(LogLevel.Warning),
                });
                await RunCommand.StartAsync(app, cancellationToken);
                if (app.Services.GetRequiredService<IModelReadiness>() is { IsReady: false } degraded) throw new UserError(degraded.Problem, 1);
                var places = ListeningPlaces.Of(app);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"Ready after {started.Elapsed.TotalSeconds:0.0} s: SIP on udp:{places.SipUdp[0]}, gRPC on {places.Api[0]}, models warm."));

                var code = await FollowAsync(app, places, cancellationToken);
                await app.StopAsync(cancellationToken);
                return code;
            }
            finally
            {
                warnings.WriteTo(Console.Error);
                data.Delete(recursive: true);
            }
        }

        private async Task<int> FollowAsync(WebApplication app, ListeningPlaces places, CancellationToken cancellationToken)
        {
            var relay = new Uri(places.Api[0]);
            var token = app.Services.GetRequiredService<TokenAuthority>().Issue(
                new Principal { Subject = "demo", Role = PrincipalRole.Supervisor, Teams = [Principal.AllTeams] }, TimeSpan.FromHours(1));
            foreach (var sample in samples) _story.Expect(AgentOf(sample), sample.Name, $"{sample.Name}: {sample.Title}");

            await using var second = SecondProcess.Start(relay, token, _story);
            _story.SecondProcess = $"second process {second.Id}: edgeassist watch --json --address {relay}";
            if (!panels) Console.WriteLine(_story.SecondProcess);
            await using var client = new EdgeAssistClient(relay, token);
            await DemoHistory.TellAsync(relay, app.Services.GetRequiredService<TokenAuthority>().Issue(
                new Principal { Subject = "demo", Role = PrincipalRole.Admin }, TimeSpan.FromMinutes(5)), _time.GetUtcNow(), cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var following = FollowCallsAsync(client, stop.Token);
            var desktops = samples.Select(sample => FollowDesktopAsync(app, relay, AgentOf(sample), stop.Token)).ToArray();
            var showing = Screen().ShowAsync(_story, stop.Token);

            var placed = await Task.WhenAll(samples.Select(sample => PlaceAsync(sample, IPEndPoint.Parse(places.SipUdp[0]), cancellationToken)));
            await WaitForEndAsync(cancellationToken);
            await stop.CancelAsync();
            await Task.WhenAll([following, showing, .. desktops]);
            return DemoVerdict.Write(Console.Out, samples, placed, _story);
        }

        private IDemoScreen Screen() => panels ? new PanelScreen(AnsiConsole.Console, _time) : new LineScreen(Console.Out, _time);

        private async Task FollowCallsAsync(EdgeAssistClient client, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var item in client.WatchCallsAsync(cancellationToken: cancellationToken))
                    if (item is WatchItem<CallDetail, CallEvent>.Event { Value: var happened }) _story.Apply(happened);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The story is told.
            }
        }

        /// <summary>What an agent's side panel would show: their own prompts, marked as shown when they come.</summary>
        private async Task FollowDesktopAsync(WebApplication app, Uri relay, string agent, CancellationToken cancellationToken)
        {
            var token = app.Services.GetRequiredService<TokenAuthority>().Issue(new Principal { Subject = agent, Role = PrincipalRole.Agent }, TimeSpan.FromHours(1));
            await using var client = new EdgeAssistClient(relay, token);
            try
            {
                await foreach (var item in client.WatchAssistAsync(cancellationToken: cancellationToken))
                {
                    if (item is not WatchItem<AssistSnapshot, AssistEvent>.Event { Value: { Prompt: { State: PromptState.Offered } prompt } happened }) continue;
                    if (PromptLine.Describe(happened) is { } lines) _story.Prompted(lines);
                    await client.MarkPromptShownAsync(prompt.PromptId, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The story is told.
            }
        }

        private Task<RecordingCallResult> PlaceAsync(SampleCall sample, IPEndPoint target, CancellationToken cancellationToken) =>
            RecordingClients.Create(_time).PlaceAsync(
                new RecordingCallPlan { Target = target, Streams = PlannedCall.Streams(sample, G711Law.Mu) }, cancellationToken);

        /// <summary>The last words are recognised after the BYE: waits for the calls to end on the stream, for a bounded time.</summary>
        private async Task WaitForEndAsync(CancellationToken cancellationToken)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), _time);
            var deadline = Stopwatch.StartNew();
            while (deadline.Elapsed < LastWords && !_story.Read((calls, _) => calls.All(call => call.Ended)))
                await timer.WaitForNextTickAsync(cancellationToken);
        }

        private static string AgentOf(SampleCall sample)
        {
            var aor = sample.Parties.FirstOrDefault(party => party.Role == "agent")?.Aor ?? throw new UserError($"{sample.Folder}/call.json names no agent.");
            return aor[(aor.IndexOf(':', StringComparison.Ordinal) + 1)..aor.IndexOf('@', StringComparison.Ordinal)];
        }

        private Dictionary<string, string?> Settings(string data) =>
            new(LoopbackSettings.Of(data, "demo", samples)) { ["Inference:ModelDirectory"] = store.Directory };
    }
}
