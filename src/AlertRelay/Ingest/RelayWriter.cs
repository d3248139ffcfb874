using System.Threading.Channels;
using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Ingest;

/// <summary>
/// The one writer: takes what came in since the last append as one batch, decides, makes it durable with one fdatasync,
/// then answers and publishes. While the disk works the next batch gathers, so the load makes the batches, not a timer.
/// </summary>
internal sealed class RelayWriter : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int MaxBatch = 256;
    private const int CatchUpChunk = 500;
    private const int MaxOvertaken = 50;

    private readonly IJournal _journal;
    private readonly ISharedJournal? _shared;   // null: nobody else writes
    private readonly FanoutHub _hub;
    private readonly WriterOptions _options;
    private readonly RelayMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    // Everybody who publishes or acts meets the writer here. Full: publishers wait (analysis slows down, media never
    // does); a partial transcript is dropped instead, the next one supersedes it.
    private readonly Channel<WriterInput> _inputs = Channel.CreateBounded<WriterInput>(
        new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private volatile RelayState _state;
    private volatile JournalException? _fault;
    private HashSet<string> _lostCalls;
    private Instant _nextTrim;
    private long _saidAt;   // ticks; publishers write, the blind-spot watch reads

    public RelayWriter(IJournal journal, RelayState rebuilt, FanoutHub hub, WriterOptions options, RelayMetrics metrics, ILogger logger, TimeProvider time)
    {
        (_journal, _state, _hub, _options, _metrics, _logger, _time) = (journal, rebuilt, hub, options, metrics, logger, time);
        _shared = journal as ISharedJournal;

        // Of a shared log nobody knows at the start whether another relay still hears the call: silence will tell.
        _lostCalls = _shared is null ? rebuilt.Calls.Keys.ToHashSet(StringComparer.Ordinal) : [];
        _nextTrim = Instant.Now(time);
        _saidAt = _nextTrim.Ticks;
    }

    /// <summary>Who was told of what, noted with the next tick.</summary>
    public ToldLedger Told { get; } = new();

    /// <summary>When analysis last said anything, or the relay started.</summary>
    public Instant SaidAt => new(Interlocked.Read(ref _saidAt));

    /// <summary>The newest durable state.</summary>
    public RelayState State => _state;

    /// <summary>Why the journal took nothing the last time; null while all is well.</summary>
    public JournalException? Fault => _fault;

    /// <summary>Completes when the event is durable.</summary>
    /// <exception cref="JournalException">It was not accepted.</exception>
    /// <exception cref="ChannelClosedException">The relay is shutting down.</exception>
    public async ValueTask<StepAnswer> SayAsync(V1.CallEvent said, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _saidAt, Instant.Now(_time).Ticks);
        var input = new SaidInput(said);
        if (said.KindCase == V1.CallEvent.KindOneofCase.Transcript && !said.Transcript.Final)
        {
            if (!_inputs.Writer.TryWrite(input)) _metrics.PartialDropped();
            return new StepAnswer(StepVerdict.Accepted);
        }

        await _inputs.Writer.WriteAsync(input, cancellationToken);
        return await input.Done;
    }

    /// <summary>Queues an event; the task completes when it is durable. For publishers that have several under way.</summary>
    /// <inheritdoc cref="SayAsync"/>
    public async ValueTask<Task<StepAnswer>> QueueAsync(V1.CallEvent said, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _saidAt, Instant.Now(_time).Ticks);
        var input = new SaidInput(said);
        await _inputs.Writer.WriteAsync(input, cancellationToken);
        return input.Done;
    }

    /// <summary>Completes when the action is durable, or refused.</summary>
    /// <inheritdoc cref="SayAsync"/>
    public async ValueTask<StepAnswer> ActAsync(ActionRequest request, CancellationToken cancellationToken)
    {
        var archived = await ArchivedAsync(request.AlertId, cancellationToken);
        return await PutAsync(new ActionInput(request, archived), cancellationToken);
    }

    /// <inheritdoc cref="ActAsync"/>
    public async ValueTask<StepAnswer> AnnotateAsync(NoteRequest request, CancellationToken cancellationToken)
    {
        var archived = await ArchivedAsync(request.AlertId, cancellationToken);
        return await PutAsync(new NoteInput(request, archived), cancellationToken);
    }

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> MarkShownAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        PutAsync(new ShownInput(deliveries), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> KeepAsync(V1.Silence silence, string requestKey, string requestId, CancellationToken cancellationToken) =>
        PutAsync(new SilenceInput(silence, requestKey, requestId), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> SwitchAsync(V1.PolicySwitch asked, string requestKey, CancellationToken cancellationToken) =>
        PutAsync(new SwitchInput(asked, requestKey), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> ActOnPromptAsync(PromptRequest request, CancellationToken cancellationToken) => PutAsync(new PromptInput(request), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> SendAsync(MessageRequest request, CancellationToken cancellationToken) => PutAsync(new MessageInput(request), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> MarkReadAsync(string callId, string messageId, CancellationToken cancellationToken) =>
        PutAsync(new MessageReceiptInput(callId, messageId, Read: true), cancellationToken);

    /// <summary>A message was written to its agent's stream. When the queue is full that is not noted; reading it notes it.</summary>
    public void NoteDelivered(string callId, string messageId) => _inputs.Writer.TryWrite(new MessageReceiptInput(callId, messageId, Read: false));

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> DecideAsync(V1.EntryUseChange use, string requestKey, string requestId, CancellationToken cancellationToken) =>
        PutAsync(new EntryUseInput(use, requestKey, requestId), cancellationToken);

    /// <inheritdoc cref="ActAsync"/>
    public ValueTask<StepAnswer> InterveneAsync(Func<RelayStep, StepAnswer> decide, CancellationToken cancellationToken) =>
        PutAsync(new InterventionInput(decide), cancellationToken);

    /// <summary>The alert as the journal holds it, when it is no longer in the live state.</summary>
    public async ValueTask<V1.Alert?> ArchivedAsync(string alertId, CancellationToken cancellationToken) =>
        !State.Alerts.ContainsKey(alertId) && await _journal.ReadAlertAsync(alertId, cancellationToken) is { } stored
            ? RelayEventCodec.ToEvent(stored, _journal.Epoch).Alert!.Alert
            : null;

    /// <summary>The loop; ends when the writer is disposed of, after what is queued.</summary>
    public async Task RunAsync()
    {
        using var tick = _time.CreateTimer(_ => _inputs.Writer.TryWrite(new TickInput(Told)), null, _options.Tick, _options.Tick);
        if (_shared is not null) _shared.Advanced += OnAdvanced;
        var batch = new List<WriterInput>(MaxBatch);
        if (_lostCalls.Count > 0) await CommitAsync([new LostCallsInput(_lostCalls)]);
        while (await _inputs.Reader.WaitToReadAsync())
        {
            while (batch.Count < MaxBatch && _inputs.Reader.TryRead(out var input)) batch.Add(input);
            await CommitAsync(batch);
            if (batch.Exists(input => input is TickInput)) await KeepHouseAsync();
            batch.Clear();
        }

        if (_shared is not null) _shared.Advanced -= OnAdvanced;
    }

    public ValueTask DisposeAsync()
    {
        _inputs.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    private async Task CommitAsync(List<WriterInput> batch)
    {
        try
        {
            if (_shared is not null && batch.Exists(input => input is TickInput or AdvancedInput)) await CatchUpAsync(_shared);
            for (var overtaken = 0; ; overtaken++)
            {
                try
                {
                    await TryCommitAsync(batch);
                    break;
                }
                catch (JournalException behind) when (behind.Fault == JournalFault.Conflict && _shared is not null && overtaken < MaxOvertaken)
                {
                    // Another relay was first: what it wrote may change what this batch means.
                    await CatchUpAsync(_shared);
                }
            }
        }
        catch (JournalException fault)
        {
            if (_fault is null) RelayLog.AppendRefused(_logger, fault.Message);
            _fault = fault;
            _metrics.Refused(fault.Fault.ToString(), batch.Count);
            batch.ForEach(input => input.Fail(fault));
        }
        catch (Exception error) when (batch.Count > 1)
        {
            // One input is bad in a way nobody checked for: the others must not suffer for it.
            RelayLog.WriterFailed(_logger, error);
            foreach (var input in batch.ToArray()) await CommitAsync([input]);
        }
        catch (Exception error)
        {
            RelayLog.WriterFailed(_logger, error);
            batch.ForEach(input => input.Fail(error));
        }
    }

    private async ValueTask<StepAnswer> PutAsync(WriterInput input, CancellationToken cancellationToken)
    {
        await _inputs.Writer.WriteAsync(input, cancellationToken);
        return await input.Done;
    }

    private void OnAdvanced() => _inputs.Writer.TryWrite(new AdvancedInput());

    /// <summary>Takes in what other relays appended, and tells this relay's readers.</summary>
    private async Task CatchUpAsync(ISharedJournal shared)
    {
        await shared.RefreshAsync(CancellationToken.None);
        while (_state.Offset < shared.Head)
        {
            var read = await shared.ReadAsync(_state.Offset, CatchUpChunk, CancellationToken.None);
            if (read.Count == 0 || read[0].Offset != _state.Offset + 1)
            {
                throw new JournalException(JournalFault.Damaged,
                    $"This relay is at {_state.Offset} and the shared log begins at {shared.Oldest}: it was away longer than the retention. Restart it.");
            }

            var clock = ClockAnchor.Read(_time);
            if (read.Any(stored => stored.Record.Kind < JournalKind.AlertOpened)) Interlocked.Exchange(ref _saidAt, clock.Monotonic.Ticks);
            var events = read.Select(stored => RelayEventCodec.ToEvent(stored, shared.Epoch)).ToList();
            _state = events.Aggregate(_state, (state, told) => state.Apply(told, _options.Policy, clock));
            NoteSwitches(events);
            _hub.Publish(_state, events);
        }

        if (_fault is null) return;
        RelayLog.AppendResumed(_logger);
        _fault = null;
    }

    private async Task TryCommitAsync(List<WriterInput> batch)
    {
        var step = new RelayStep(_state, _options.Policy with { Rota = _options.Rota() }, ClockAnchor.Read(_time), _options.Desk());
        foreach (var input in batch) input.Decide(step);

        var published = step.Events;
        var records = step.Events.Where(said => said.Offset != 0).Select(RelayEventCodec.ToRecord).ToList();
        if (records.Count > 0)
        {
            var began = Instant.Now(_time);
            var committedAt = await _journal.AppendAsync(_state.Offset, records, CancellationToken.None);
            _metrics.Committed(Instant.Now(_time) - began, records.Count);
            published = [.. step.Events.Select(said => said.Offset == 0 ? said : RelayEventCodec.Stamp(said, committedAt))];
            if (_fault is not null) RelayLog.AppendResumed(_logger);
            _fault = null;
        }

        _state = step.State;
        NoteSwitches(published);
        foreach (var cause in step.Assist?.KeptBack ?? []) _metrics.PromptWithheld(cause.Word());
        foreach (var told in published) CountPrompt(told.Assist?.Prompt);
        batch.ForEach(input => input.Complete());
        _hub.Publish(step.State, published);
    }

    private void NoteSwitches(IReadOnlyList<RelayEvent> events)
    {
        foreach (var made in events)
        {
            if (made.Policy is not { } policySwitch) continue;
            try
            {
                _options.Switched(policySwitch, made.Offset);
            }
            catch (JournalException fault)
            {
                // The switch is in the journal and in force; the audit log takes it over at the next start.
                RelayLog.AuditRefused(_logger, fault.Message);
            }
        }
    }

    private void CountPrompt(V1.Prompt? prompt)
    {
        if (prompt is not null) _metrics.PromptChanged(prompt.State.ToString().ToLowerInvariant());
    }

    private async Task KeepHouseAsync()
    {
        var now = Instant.Now(_time);
        if (_lostCalls.Count > 0)
        {
            var left = _lostCalls.Where(_state.Calls.ContainsKey).ToHashSet(StringComparer.Ordinal);
            _lostCalls = left;
            if (left.Count > 0) await CommitAsync([new LostCallsInput(left)]);
        }

        if (now < _nextTrim) return;
        try
        {
            var trimmed = await _journal.TrimAsync(_options.Retention, _state.NeededFrom, CancellationToken.None);
            _nextTrim = trimmed > 0 ? now : now + _options.TrimEvery;
            if (trimmed == 0) return;
            _metrics.Trimmed(trimmed);
            RelayLog.Trimmed(_logger, trimmed, _journal.Oldest);
        }
        catch (JournalException fault)
        {
            RelayLog.AppendRefused(_logger, fault.Message);
            _nextTrim = now + _options.TrimEvery;
        }
    }
}

/// <summary>The writer's numbers.</summary>
/// <param name="Policy">When alerts come and go.</param>
/// <param name="Retention">How much history is kept.</param>
internal sealed record WriterOptions(AlertPolicy Policy, JournalRetention Retention)
{
    /// <summary>How often time is allowed to act: leases, calm.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The rota in force.</summary>
    public Func<Rota> Rota { get; init; } = () => Rules.Rota.Empty;

    /// <summary>Told of every switch of a team's mode, with its place, once it is durable.</summary>
    public Action<V1.PolicySwitch, long> Switched { get; init; } = (_, _) => { };

    /// <summary>What decides about prompts; null: there are none.</summary>
    public Func<AssistDesk?> Desk { get; init; } = () => null;

    public TimeSpan TrimEvery { get; init; } = TimeSpan.FromMinutes(1);
}
