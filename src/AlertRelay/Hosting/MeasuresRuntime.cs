using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>The measures' life beside the relay: follows the journal, notes connected supervisors, makes reports when they are due.</summary>
internal sealed class MeasuresRuntime(RelayRuntime relay, IOptions<AlertRelayOptions> options, ILoggerFactory loggers, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan FollowEvery = TimeSpan.FromSeconds(1), PresenceEvery = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay.Measures");
    private MeasuresStore? _store;
    private MeasuresProjector? _projector;
    private ReportShelf? _shelf;

    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public MeasuresStore Store => _store ?? throw new InvalidOperationException("The relay has not started yet: start the host first.");

    /// <inheritdoc cref="Store"/>
    public MeasuresProjector Projector => _projector ?? throw new InvalidOperationException("The relay has not started yet: start the host first.");

    /// <inheritdoc cref="Store"/>
    public ReportShelf Shelf => _shelf ?? throw new InvalidOperationException("The relay has not started yet: start the host first.");

    public TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById(options.Value.TimeZone);

    public TimeProvider Time => time;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var directory = options.Value.DataDirectory;
        var (secret, made) = KeyFile.ReadOrMake(Path.Combine(directory, "keys", "measures.key"));
        if (made) RelayLog.KeyMade(_logger, Path.Combine(directory, "keys", "measures.key"));
        _store = MeasuresStore.Open(directory);
        _projector = new MeasuresProjector(_store, relay.Table.Journal, new CustomerKey(secret));
        _shelf = new ReportShelf(_store, Path.Combine(directory, "reports"), Zone, options.Value.ReportRetention);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        _projector?.Dispose();
        _store?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var (presenceAt, shelfQuarter) = (Instant.Now(time) + PresenceEvery, -1L);
        using var timer = new PeriodicTimer(FollowEvery, time);
        do
        {
            try
            {
                await Projector.CatchUpAsync(stoppingToken);
                var now = Instant.Now(time);
                if (now >= presenceAt)
                {
                    NotePresence(now - presenceAt + PresenceEvery);
                    presenceAt = now + PresenceEvery;
                }

                // Four times a day is soon enough for a report of 30 days.
                var quarter = time.GetUtcNow().ToUnixTimeSeconds() / 3600 / 6;
                if (quarter != shelfQuarter)
                {
                    KeepShelf(stoppingToken);
                    shelfQuarter = quarter;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (JournalException fault)
            {
                RelayLog.MeasuresBehind(_logger, fault.Message);
            }
            catch (Exception error)
            {
                RelayLog.MeasuresFailed(_logger, error);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async ValueTask<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // Longer than planned: the process was stopped or the clock jumped, and nobody knows who was there.
    private void NotePresence(TimeSpan passed)
    {
        if (passed > 2 * PresenceEvery) return;
        var teams = Store.Teams().Where(team => team.Length > 0).ToArray();
        var minutes = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var supervisor in relay.Table.Supervisors())
        {
            var own = teams.Where(team => supervisor.Covers(team, "")).ToArray();
            foreach (var team in own) minutes[team] = minutes.GetValueOrDefault(team) + passed.TotalMinutes / own.Length;
        }

        Store.AddPresence(time.GetUtcNow(), minutes);
    }

    private void KeepShelf(CancellationToken stoppingToken)
    {
        var forgotten = Store.Forget(time.GetUtcNow() - options.Value.MeasuresRetention);
        if (forgotten > 0) RelayLog.MeasuresForgotten(_logger, forgotten);
        foreach (var name in Shelf.Run(time.GetUtcNow(), stoppingToken)) RelayLog.ReportMade(_logger, name);
    }
}
