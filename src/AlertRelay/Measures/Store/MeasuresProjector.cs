using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>
/// Follows the journal and keeps the rows. The place in the journal is stored with the rows that it stands for, and a row is
/// a function of records, so that it may be stopped anywhere, and what is read twice changes nothing.
/// </summary>
internal sealed class MeasuresProjector(MeasuresStore store, IJournal journal, CustomerKey key) : IDisposable
{
    private const int Chunk = 1000;

    // The hosted loop and whoever asks for a report that is up to date meet here.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Takes in everything that is durable by now.</summary>
    /// <returns>Records read.</returns>
    /// <exception cref="JournalException">The journal cannot be read; what was taken in before is kept.</exception>
    public async Task<long> CatchUpAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var read = 0L;
            for (var place = Begin(store.Place()); ;)
            {
                var records = await journal.ReadAsync(place.Offset, Chunk, cancellationToken);
                if (records.Count == 0)
                {
                    if (journal.Oldest <= place.Offset + 1 || journal.Head <= place.Offset) return read;
                    place = place with { Offset = journal.Oldest - 1, Skipped = place.Skipped + journal.Oldest - 1 - place.Offset };
                    continue;
                }

                place = place with { Offset = records[^1].Offset };
                store.Apply(await RowsAsync(place, records, cancellationToken));
                read += records.Count;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    // A new epoch begins with what could be saved of the one before: the same calls give the same rows again.
    private ProjectorPlace Begin(ProjectorPlace stored) => stored.Epoch == journal.Epoch ? stored : new ProjectorPlace(journal.Epoch, 0, stored.Skipped);

    private async Task<RowBatch> RowsAsync(ProjectorPlace place, IReadOnlyList<StoredRecord> chunk, CancellationToken cancellationToken)
    {
        var calls = new List<CallRow>();
        var alerts = new Dictionary<string, AlertRow>(StringComparer.Ordinal);
        foreach (var stored in chunk)
        {
            switch (stored.Record.Kind)
            {
                case JournalKind.CallEnded:
                    var records = await journal.ReadCallAsync(stored.Record.CallId, cancellationToken);
                    RelayEvent[] events = [.. records.Select(each => RelayEventCodec.ToEvent(each, journal.Epoch))];
                    if (RowFold.Call(events, key) is { } call) calls.Add(call);
                    foreach (var (alertId, calmed) in RowFold.Calms(events))
                    {
                        if ((alerts.GetValueOrDefault(alertId) ?? store.FindAlert(alertId)) is { } alert) alerts[alertId] = alert with { Calmed = calmed };
                    }

                    break;
                case JournalKind.AlertOpened or JournalKind.AlertChanged:
                    var known = alerts.GetValueOrDefault(stored.Record.AlertId) ?? store.FindAlert(stored.Record.AlertId);
                    alerts[stored.Record.AlertId] = RowFold.Alert(known, RelayEventCodec.ToEvent(stored, journal.Epoch).Alert!);
                    break;
            }
        }

        return new RowBatch(place, calls, alerts.Values);
    }
}
