using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Redis;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Labelling;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>
/// The relay's life: opens the journal and rebuilds the state before anything listens, says goodbye to the streams before
/// the listeners close, and closes the journal when everybody else has stopped publishing.
/// </summary>
internal sealed class RelayRuntime(IOptions<AlertRelayOptions> options, AssistSource assist, RelayMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan RotaEvery = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay");
    private IJournal? _journal;
    private AuditLog? _audit;
    private LabelStore? _labels;
    private RelayWriter? _writer;
    private StreamTable? _table;
    private Task _loop = Task.CompletedTask;
    private RotaSource _rota = new("", _ => { });
    private ITimer? _rotaTimer;

    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public RelayWriter Writer => _writer ?? throw NotStarted();

    public Rota Rota => _rota.Current;

    /// <inheritdoc cref="Writer"/>
    public AuditLog Audit => _audit ?? throw NotStarted();

    /// <inheritdoc cref="Writer"/>
    public LabelStore Labels => _labels ?? throw NotStarted();

    /// <inheritdoc cref="Writer"/>
    public StreamTable Table => _table ?? throw NotStarted();

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var (resumeKey, made) = KeyFile.ReadOrMake(ResumeKeyPath(settings));
        if (made) RelayLog.KeyMade(_logger, ResumeKeyPath(settings));

        _rota = new RotaSource(settings.RotaFile, bad => RelayLog.RotaBad(_logger, bad));
        _rotaTimer = time.CreateTimer(_ => Refresh(), null, RotaEvery, RotaEvery);
        assist.Refresh();
        _journal = await OpenJournalAsync(settings, cancellationToken);
        if (_journal is ISharedJournal shared) resumeKey = await shared.SharedKeyAsync("resume", resumeKey, cancellationToken);
        if (_journal.Damage is { } damage) RelayLog.JournalDamaged(_logger, damage);
        RelayLog.JournalOpen(_logger, _journal.Epoch, _journal.Oldest, _journal.Head);

        _labels = LabelStore.Open(settings.DataDirectory);
        var audit = _audit = AuditLog.Open(settings.DataDirectory, time);
        var epoch = _journal.Epoch;
        var writerOptions = new WriterOptions(
            Policy(settings),
            new JournalRetention(settings.RetentionAge, settings.RetentionCount)) { Rota = () => _rota.Current, Desk = assist.Desk, Switched = (made, offset) => audit.Add(made, epoch, offset) };
        var state = await StateRebuild.RunAsync(_journal, writerOptions.Policy, ClockAnchor.Read(time), cancellationToken);
        foreach (var (newest, place) in state.Modes.Places) audit.Add(newest, epoch, place);
        if (!state.Calls.IsEmpty && _journal is not ISharedJournal) RelayLog.LostCallsClosed(_logger, state.Calls.Count);

        var hub = new FanoutHub(state);
        _writer = new RelayWriter(_journal, state, hub, writerOptions, metrics, _logger, time);
        _table = new StreamTable(hub, _journal, _writer, new ResumeTokens(resumeKey, _journal.Epoch), Rules(settings), metrics, _logger, time);
        _loop = Task.Run(_writer.RunAsync, CancellationToken.None);
        foreach (var change in ConfiguredModes.Changes(settings.ConfiguredModes(), state.Modes)) await _writer.SwitchAsync(change, "", cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _table?.Drain();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => CloseAsync();

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async ValueTask<IJournal> OpenJournalAsync(AlertRelayOptions settings, CancellationToken cancellationToken) => settings.SharedLog.Length == 0
        ? SqliteJournal.Open(new SqliteJournalOptions(settings.DataDirectory, settings.JournalMaxPages), time)
        : await RedisJournal.OpenAsync(
            new RedisJournalOptions(settings.SharedLog, settings.SharedLogPrefix, Path.Combine(settings.DataDirectory, "shared-log.epoch")), time, cancellationToken);

    private void Refresh()
    {
        _rota.Refresh();
        assist.Refresh();
    }

    private static AlertPolicy Policy(AlertRelayOptions settings) => new()
    {
        CalmFor = settings.CalmFor,
        CoolDown = settings.AlertCoolDown,
        Lease = settings.ClaimLease,
        InhibitWithinGroup = settings.InhibitWithinGroup,
        SilentCallAfter = settings.SharedLog.Length == 0 ? null : settings.SilentCallAfter,
    };

    private static string ResumeKeyPath(AlertRelayOptions settings) => Path.Combine(settings.DataDirectory, "keys", "resume.key");

    private static StreamRules Rules(AlertRelayOptions settings) => new()
    {
        Heartbeat = settings.Heartbeat,
        MaxPending = settings.MaxPendingEvents,
        MaxAge = settings.MaxStreamAge,
        WriteStall = settings.WriteStall,
        NewStreamsPerMinute = settings.NewStreamsPerMinute,
        MaxStreamsPerPrincipal = settings.MaxStreamsPerPrincipal,
    };

    private static InvalidOperationException NotStarted() => new("The relay has not started yet: start the host first.");

    private async Task CloseAsync()
    {
        _table?.Dispose();
        if (_rotaTimer is not null) await _rotaTimer.DisposeAsync();
        if (_writer is not null) await _writer.DisposeAsync();
        await _loop;
        if (Interlocked.Exchange(ref _journal, null) is { } journal) await journal.DisposeAsync();
        _audit?.Dispose();
        _labels?.Dispose();
    }
}
