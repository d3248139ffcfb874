using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAssist.RelayLoad;

/// <summary>
/// A relay alone in a process, told by lines on its standard input what to publish: <c>alert</c>, <c>rate PER_SECOND SECONDS</c>,
/// <c>flood</c> (until killed; says every acknowledged text), <c>memory</c>, <c>busy</c>, <c>stop</c>. Started by the other commands.
/// </summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Required = true };
        var shared = new Option<string>("--shared-log") { DefaultValueFactory = _ => "" };
        var command = new Command("serve", "A relay that another command drives.") { data, shared };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var app = Build(parsed.GetRequiredValue(data), parsed.GetRequiredValue(shared));
            await app.StartAsync(cancellationToken);
            var token = app.Services.GetRequiredService<TokenAuthority>().Issue(new Principal { Subject = "load", Role = PrincipalRole.Admin }, TimeSpan.FromHours(2));
            Figures.Tell($"ready {app.Urls.Single()} {token}");
            var publisher = new Publisher(app.Services.GetRequiredService<ICallScoreSink>());
            while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
            {
                var words = line.Split(' ');
                if (words[0] == "stop") break;
                Figures.Tell(words[0] switch
                {
                    "alert" => await publisher.AlertAsync(),
                    "rate" => await publisher.RateAsync(int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture)),
                    "flood" => await publisher.FloodAsync(),
                    "memory" => Memory(),
                    "busy" => string.Create(CultureInfo.InvariantCulture, $"busy {Environment.CpuUsage.TotalTime.TotalMicroseconds}"),
                    _ => "what?",
                });
            }

            await app.StopAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }

    public static WebApplication Build(string data, string sharedLog)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2);
            kestrel.ConfigureForAlertRelay();
        });
        builder.Services.AddRouting();
        builder.Services.AddLogging();
        builder.Services.AddAlertRelay(options =>
        {
            options.DataDirectory = data;
            options.SharedLog = sharedLog;
            options.MaxStreamsPerPrincipal = 100_000;
            options.NewStreamsPerMinute = 1_000_000;
        });
        var app = builder.Build();
        app.MapAlertRelay();
        return app;
    }

    private static string Memory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return string.Create(CultureInfo.InvariantCulture, $"memory {Environment.WorkingSet} {GC.GetTotalMemory(false)}");
    }
}

/// <summary>Says what analysis would say.</summary>
internal sealed class Publisher(ICallScoreSink sink)
{
    private int _said;

    private static Instant Now => Instant.Now(TimeProvider.System);

    public async Task<string> AlertAsync()
    {
        var call = await StartAsync();
        await sink.PublishAsync(Escalated(call), CancellationToken.None);
        return "done 1";
    }

    /// <summary>Finals of one call at a steady rate.</summary>
    public async Task<string> RateAsync(int perSecond, int seconds)
    {
        var call = await StartAsync();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        var total = perSecond * seconds;
        for (var i = 0; i < total; i++)
        {
            await timer.WaitForNextTickAsync();
            await sink.PublishAsync(Words(call, i + 1, "the words of one utterance, as long as people say them"), CancellationToken.None);
        }

        return string.Create(CultureInfo.InvariantCulture, $"done {total}");
    }

    public async Task<string> FloodAsync()
    {
        var output = TextWriter.Synchronized(Console.Out);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var call = await StartAsync();
            for (var utterance = 1; ; utterance++)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{Interlocked.Increment(ref _said)}");
                await sink.PublishAsync(Words(call, utterance, text), CancellationToken.None);
                output.WriteLine("acknowledged " + text);
            }
        }));
        return "done";
    }

    public async Task<CallId> StartAsync()
    {
        var call = CallId.From(Guid.CreateVersion7());
        await sink.PublishAsync(new CallStarted(new CallInfo
        {
            Id = call,
            Origin = Now,
            StartedAt = TimeProvider.System.GetUtcNow(),
            Source = "replay",
            Team = "billing",
            Agent = "anna",
        }, Now), CancellationToken.None);
        return call;
    }

    public static ScoreUpdated Escalated(CallId call)
    {
        var now = Now;
        return new ScoreUpdated(call, now, new EscalationScore
        {
            Risk = 0.8,
            Level = EscalationLevel.Escalated,
            At = TimeSpan.FromSeconds(1),
            Reasons = ImmutableArray.Create(new EscalationReason("asks_for_manager", 2, TimeSpan.FromSeconds(1), PartyRole.Customer, "your manager")),
        }, LatencyTrace.From(now - TimeSpan.FromMilliseconds(500)).Mark(Hop.Scoring, now), AnalysisRung.Full);
    }

    private static TranscriptUpdated Words(CallId call, int utterance, string text) => new(call, Now, new TranscriptSegment
    {
        Leg = new LegId(0),
        Role = PartyRole.Customer,
        Utterance = utterance,
        Text = text,
        IsFinal = true,
        Start = TimeSpan.FromSeconds(utterance),
        End = TimeSpan.FromSeconds(utterance + 0.8),
    }, AnalysisRung.Full);
}
