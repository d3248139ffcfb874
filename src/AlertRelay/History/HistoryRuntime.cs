using System.Threading.Channels;
using EdgeAssist.AlertRelay.History.Pull;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.History;

/// <summary>
/// The store's life: opened before anything listens, kept in order by one loop, closed at the end. A store that cannot be
/// opened does not stop the relay: calls go on without histories, health says why, and opening is tried again.
/// </summary>
internal sealed class HistoryRuntime(IOptions<HistoryOptions> options, IOptions<AlertRelayOptions> relay, HistoryMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    : BackgroundService
{
    private const int MaxWaiting = 4096, MaxAtOnce = 256;
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(30), TrimEvery = TimeSpan.FromHours(1);

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay.History");

    // Look-ups write, the loop reads. Full: the newest is not remembered, which is counted; the look-up never waits for a disk.
    private readonly Channel<RecognisedCall> _calls = Channel.CreateBounded<RecognisedCall>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private volatile HistoryStore? _store;
    private volatile string _problem = "The history is not open yet.";

    /// <exception cref="HistoryException">It could not be opened.</exception>
    public HistoryStore Store => _store ?? throw new HistoryException(_problem);

    /// <summary>The system that is asked; null when there is none.</summary>
    public PullSource? Pull { get; private set; }

    /// <summary>Why there is no history, or not all of it; empty when there is.</summary>
    public string Problem => _store is null ? _problem : Pull?.Problem ?? "";

    /// <summary>Notes whose call it is, soon.</summary>
    public void Remember(RecognisedCall call)
    {
        if (!_calls.Writer.TryWrite(call)) metrics.Forgotten(1);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.Run(TryOpen, cancellationToken);
        if (options.Value.Pull.Url.Length > 0) Pull = new PullSource(options.Value, () => Store, metrics, _logger, time);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _calls.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        Pull?.Dispose();
        Interlocked.Exchange(ref _store, null)?.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nextTrim = Instant.Now(time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_store is null && !TryOpen())
                {
                    await Task.Delay(TryAgain, time, stoppingToken);
                    continue;
                }

                if (Instant.Now(time) >= nextTrim)
                {
                    nextTrim = Instant.Now(time) + TrimEvery;
                    Trim();
                }

                await WaitAsync(nextTrim, stoppingToken);
                Note();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The relay ends; what waits is noted below.
            }
            catch (Exception error)
            {
                HistoryLog.UpkeepFailed(_logger, error);
                await Task.Delay(TryAgain, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        if (_store is not null) Note();
    }

    private bool TryOpen()
    {
        try
        {
            var store = HistoryStore.Open(relay.Value.DataDirectory);
            var kept = store.Read(reader => reader.Totals());
            HistoryLog.Open(_logger, kept.Customers, kept.Interactions);
            _store = store;
            return true;
        }
        catch (HistoryException fault)
        {
            if (_problem != fault.Message) HistoryLog.Unavailable(_logger, fault.Message);
            _problem = fault.Message;
            return false;
        }
    }

    /// <summary>Until a call is to be noted or the store is to be trimmed.</summary>
    private async Task WaitAsync(Instant until, CancellationToken cancellationToken)
    {
        var pause = until - Instant.Now(time);
        if (pause <= TimeSpan.Zero) return;
        using var timer = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            if (!await _calls.Reader.WaitToReadAsync(either.Token)) await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Time to trim.
        }
    }

    private void Note()
    {
        var waiting = new List<RecognisedCall>();
        do
        {
            waiting.Clear();
            while (waiting.Count < MaxAtOnce && _calls.Reader.TryRead(out var call)) waiting.Add(call);
            if (waiting.Count == 0) return;
            try
            {
                Store.Remember(waiting);
            }
            catch (HistoryException fault)
            {
                metrics.Forgotten(waiting.Count);
                HistoryLog.NotNoted(_logger, waiting.Count, fault.Message);
            }
        }
        while (waiting.Count == MaxAtOnce);
    }

    private void Trim()
    {
        var settings = options.Value;
        var retention = new HistoryRetention(settings.KeepInteractions, settings.KeepCalls, TimeSpan.FromHours(24));
        var total = 0L;
        for (var trimmed = -1L; trimmed != 0; total += trimmed) trimmed = Store.Trim(retention, time.GetUtcNow());
        if (total > 0) HistoryLog.Trimmed(_logger, total);
    }
}
