namespace EdgeAssist.AlertRelay.Journal;

/// <summary>
/// The append-only log that is the truth about calls and alerts. Offsets begin at 1 and are gap-free within an
/// <see cref="Epoch"/>. Appends come from one writer; reads may come from any thread at any time.
/// </summary>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>Names this run of offsets; changes only when the journal was started anew.</summary>
    string Epoch { get; }

    /// <summary>Highest durable offset, 0 when nothing was ever written.</summary>
    long Head { get; }

    /// <summary>Lowest offset that can still be read; <see cref="Head"/> + 1 when there is none.</summary>
    long Oldest { get; }

    /// <summary>What was found wrong with the journal when it was opened, as a sentence for the operator; null when nothing was.</summary>
    string? Damage { get; }

    /// <summary>
    /// Writes all records behind <paramref name="after"/>, or none. Completes when they would survive a power cut.
    /// </summary>
    /// <param name="after">The head as the writer knows it. A shared log refuses when another writer came first.</param>
    /// <param name="records">In order; not empty.</param>
    /// <param name="cancellationToken">Gives up before the write began; a write under way is finished.</param>
    /// <returns>When the records were durable.</returns>
    /// <exception cref="JournalException">
    /// Nothing was written, or, where a shared log fell silent, it is not known; the reason says whether trying again can help.
    /// </exception>
    ValueTask<DateTimeOffset> AppendAsync(long after, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken);

    /// <summary>
    /// Records behind <paramref name="after"/> in order, at most <paramref name="limit"/>. The first one is
    /// <paramref name="after"/> + 1, or the answer is empty and <see cref="Oldest"/> tells whether history was trimmed.
    /// </summary>
    ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Everything about one call that is still held, alerts included, in order.</summary>
    ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken);

    /// <summary>The newest record of an alert: it holds the alert as it is. Null when none is held.</summary>
    ValueTask<StoredRecord?> ReadAlertAsync(string alertId, CancellationToken cancellationToken);

    /// <summary>Records that begin something (<see cref="JournalKind.CallStarted"/> or <see cref="JournalKind.AlertOpened"/>) in front of an offset, newest first.</summary>
    ValueTask<IReadOnlyList<StoredRecord>> ReadBeginningsAsync(JournalKind kind, long before, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets the oldest records that are past the retention, a bounded number a call. The newest record always stays.
    /// </summary>
    /// <param name="retention">What to keep.</param>
    /// <param name="keepFrom">Records from this offset on are kept whatever their age: live calls need them.</param>
    /// <param name="cancellationToken">Gives up before the trimming began.</param>
    /// <returns>How many were forgotten.</returns>
    /// <exception cref="JournalException">Nothing was forgotten.</exception>
    ValueTask<long> TrimAsync(JournalRetention retention, long keepFrom, CancellationToken cancellationToken);
}

/// <summary>How much history is kept: whatever is past either bound goes.</summary>
/// <param name="Age">Since the commit.</param>
/// <param name="Count">Records.</param>
internal readonly record struct JournalRetention(TimeSpan Age, long Count);
