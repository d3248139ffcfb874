using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Policy.Rollout;

/// <summary>
/// Carries plans out: looks at the folder and the clock every few seconds, makes a team's switch when its local day has begun,
/// and records what is not as planned. What was done is read from the audit log, so that a restart does it once.
/// </summary>
internal sealed class RolloutRunner(RelayRuntime runtime, IOptions<AlertRelayOptions> options, ILoggerFactory loggers, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay");
    private readonly Dictionary<string, string> _troubles = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Step, time);
        do
        {
            foreach (var name in RolloutFiles.Names(options.Value.DataDirectory)) await LookAsync(name, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var plan = RolloutFiles.Read(RolloutFiles.PathOf(options.Value.DataDirectory, name));
            if (TakeUp(plan) is { } known) await RunAsync(plan, known, cancellationToken);
            _troubles.Remove(name);
        }
        catch (Exception trouble) when (trouble is InvalidDataException or JournalException or System.Threading.Channels.ChannelClosedException)
        {
            Tell(name, trouble.Message);
        }
    }

    private async Task RunAsync(RolloutPlan plan, DateTimeOffset known, CancellationToken cancellationToken)
    {
        var actor = RolloutStep.Actor(plan);
        var made = runtime.Audit.Switches([], long.MaxValue, int.MaxValue).Select(each => each.Made).Where(each => each.Actor == actor).ToList();
        var step = RolloutStep.Decide(plan, runtime.Table.Writer.State.Modes, made, time.GetUtcNow(), known);
        foreach (var due in step.Switches) await runtime.Table.Writer.SwitchAsync(due, requestKey: "", cancellationToken);
        if (step.Deviations.Count == 0) return;

        var recorded = Entries(plan, RolloutFact.Deviation).Select(entry => (entry.Team, entry.Detail)).ToHashSet();
        foreach (var (_, team, sentence) in step.Deviations)
        {
            if (!recorded.Add((team, sentence))) continue;
            RelayLog.RolloutDeviation(_logger, plan.Id, team, sentence);
            runtime.Audit.Add(new AuditAct(actor, RolloutFact.Deviation) { Team = team, Detail = sentence });
        }
    }

    /// <summary>When the plan was taken up; null when it is another one than then.</summary>
    private DateTimeOffset? TakeUp(RolloutPlan plan)
    {
        if (Entries(plan, RolloutFact.TakenUp) is [.., var first])
        {
            if (first.Detail == plan.Seal) return first.At.ToDateTimeOffset();
            Tell(plan.Id, $"The plan {plan.Id} is not the one that was taken up at {first.At.ToDateTime():u}: it was exchanged, and is not carried out.");
            return null;
        }

        runtime.Audit.Add(new AuditAct(RolloutStep.Actor(plan), RolloutFact.TakenUp) { Detail = plan.Seal });
        return time.GetUtcNow();
    }

    private IReadOnlyList<V1.AuditEntry> Entries(RolloutPlan plan, string action) =>
        runtime.Audit.List(new AuditFilter { Actor = RolloutStep.Actor(plan), Action = action }, long.MaxValue, int.MaxValue);

    // Once while it stays the same.
    private void Tell(string name, string trouble)
    {
        if (_troubles.GetValueOrDefault(name) == trouble) return;
        _troubles[name] = trouble;
        RelayLog.RolloutBad(_logger, trouble);
    }
}
