using System.Diagnostics;
using System.Globalization;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestPipelineStartup(typeof(EdgeAssist.AlertRelay.Tests.Journal.CrashChildStartup))]

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>
/// A child process (this very program) publishes and says on its standard output what was acknowledged, until it is killed
/// with SIGKILL in the middle of it. More rounds: <c>EDGEASSIST_KILLS=500</c>.
/// </summary>
public sealed class CrashTests
{
    internal const string ChildVariable = "EDGEASSIST_CRASH_CHILD";
    private const string Mark = "acknowledged ";

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        using var directory = new TempDirectory();
        var kills = int.Parse(Environment.GetEnvironmentVariable("EDGEASSIST_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var random = new Random(20260105);
        var acknowledged = new List<string>();
        for (var round = 0; round < kills; round++) acknowledged.AddRange(await RunChildAsync(directory.Path, random.Next(1, 120)));

        await using var journal = SqliteJournal.Open(new SqliteJournalOptions(directory.Path), TimeProvider.System);
        var held = new HashSet<string>(StringComparer.Ordinal);
        for (var after = 0L; await journal.ReadAsync(after, 1000, default) is { Count: > 0 } read; after = read[^1].Offset)
        {
            Assert.Equal(Enumerable.Range(0, read.Count).Select(i => after + 1 + i), read.Select(stored => stored.Offset));
            held.UnionWith(read.Where(stored => stored.Record.Kind == JournalKind.Transcript)
                .Select(stored => RelayEventCodec.ToEvent(stored, journal.Epoch).Call!.Transcript.Text));
        }

        Assert.Null(journal.Damage);
        Assert.True(acknowledged.Count > 0, "No child acknowledged anything.");
        Assert.DoesNotContain(acknowledged, text => !held.Contains(text));
    }

    private static async Task<List<string>> RunChildAsync(string directory, int killAfter)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "EdgeAssist.AlertRelay.Tests"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [ChildVariable] = directory },
        };
        using var child = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var acknowledged = new List<string>();
        try
        {
            while (acknowledged.Count < killAfter && await child.StandardOutput.ReadLineAsync(deadline.Token) is { } line) Take(line);
        }
        finally
        {
            child.Kill();
        }

        // What it said before it died counts as well; the last line may be cut.
        var rest = await child.StandardOutput.ReadToEndAsync(deadline.Token);
        await child.WaitForExitAsync(deadline.Token);
        foreach (var line in rest.Split('\n')[..^1]) Take(line);
        return acknowledged;

        // The test runner has its own lines to say.
        void Take(string line)
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal)) acknowledged.Add(line[Mark.Length..]);
        }
    }

    internal static async Task PublishUntilKilledAsync(string directory)
    {
        await using var journal = SqliteJournal.Open(new SqliteJournalOptions(directory), TimeProvider.System);
        var state = await StateRebuild.RunAsync(journal, new AlertPolicy(), ClockAnchor.Read(TimeProvider.System), default);
        using var metrics = new RelayMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        await using var writer = new RelayWriter(journal, state, new FanoutHub(state),
            new WriterOptions(new AlertPolicy(), new JournalRetention(TimeSpan.FromDays(1), 1_000_000)), metrics, NullLogger.Instance, TimeProvider.System);
        var loop = Task.Run(writer.RunAsync);
        var sink = new RelayScoreSink(() => writer, TimeProvider.System);

        await using var output = new StreamWriter(Console.OpenStandardOutput());
        var gate = new Lock();
        using var orphaned = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async publisher =>
        {
            var call = Say.NewCall();
            await sink.PublishAsync(Say.Started(call), default);
            for (var utterance = 1; !orphaned.IsCancellationRequested; utterance++)
            {
                var text = $"{call}-{publisher}-{utterance}";
                await sink.PublishAsync(Say.Final(call, utterance, text), default);
                lock (gate)
                {
                    output.Write(Mark + text + "\n");
                    output.Flush();
                }
            }
        }));
        await writer.DisposeAsync();
        await loop;
    }
}

/// <summary>Decides which of the three this process is, before any test runs.</summary>
internal sealed class CrashChildStartup : ITestPipelineStartup
{
    public async ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        if (Environment.GetEnvironmentVariable(CrashTests.ChildVariable) is { } killed) await CrashTests.PublishUntilKilledAsync(killed);
        else if (Environment.GetEnvironmentVariable(RelayChild.Variable) is { } served) await RelayChild.ServeAsync(served);
        else return;
        Environment.Exit(0);
    }

    public ValueTask StopAsync() => ValueTask.CompletedTask;
}
