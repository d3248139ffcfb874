using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>What another part of the product knows about its own eyes and ears.</summary>
public interface IBlindSpotProbe
{
    /// <summary><c>audio</c> or <c>recognition</c>.</summary>
    string Missing { get; }

    /// <summary>What is wrong now, as a sentence for people; null while all is well. Asked twice a second.</summary>
    string? Problem();
}

/// <summary>
/// The blind-spot alarm: raised within 10 s on the alert streams, the health service and the log, and taken back when it is over.
/// Needs neither the journal nor the writer.
/// </summary>
internal sealed class BlindSpotWatch(RelayRuntime runtime, IEnumerable<IBlindSpotProbe> probes, ILoggerFactory loggers, TimeProvider time) : BackgroundService, IHealthCheck
{
    /// <summary>How long something must be missing; with the steps of the watch and of health it comes to less than 10 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay");
    private readonly Sight _sight = new(Patience);
    private volatile IReadOnlyList<(string Missing, string Sentence)> _missing = [];

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(_missing.Count == 0
        ? HealthCheckResult.Healthy()
        : HealthCheckResult.Degraded(string.Join(' ', _missing.Select(each => each.Sentence))));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Step, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Look();
    }

    private void Look()
    {
        var others = new List<(string, string)>();
        foreach (var probe in probes)
        {
            if (probe.Problem() is { } problem) others.Add((probe.Missing, problem));
        }

        var writer = runtime.Writer;
        var reading = new SightReading(writer.State.Calls.Count, writer.SaidAt, runtime.Table.HasSupervisor || writer.State.Calls.Values.All(call => call.Info.Mode == V1.PolicyMode.Observe), writer.Fault is null, others);
        var missing = _sight.Look(reading, Instant.Now(time));
        if (missing.Select(each => each.Missing).SequenceEqual(_missing.Select(each => each.Missing), StringComparer.Ordinal)) return;

        _missing = missing;
        var sentence = missing.Count == 0 ? "All is well again." : string.Join(' ', missing.Select(each => each.Sentence));
        if (missing.Count == 0) RelayLog.SeesAgain(_logger);
        else RelayLog.Blind(_logger, string.Join(", ", missing.Select(each => each.Missing)), sentence);
        runtime.Table.Announce(new V1.Blindness
        {
            At = Timestamp.FromDateTimeOffset(time.GetUtcNow()),
            Missing = { missing.Select(each => each.Missing) },
            Sentence = sentence,
        });
    }
}

/// <summary>The same as a yes or no: the health service has no word for degraded.</summary>
internal sealed class SightAlarm(BlindSpotWatch watch) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await watch.CheckHealthAsync(context, cancellationToken) is { Status: not HealthStatus.Healthy } blind ? HealthCheckResult.Unhealthy(blind.Description) : HealthCheckResult.Healthy();
}
