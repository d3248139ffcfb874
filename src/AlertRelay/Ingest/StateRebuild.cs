using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Ingest;

/// <summary>The state that a journal adds up to. Reads it once from end to end, and parses only what still matters.</summary>
internal static class StateRebuild
{
    private const int Chunk = 1000;

    public static async Task<RelayState> RunAsync(IJournal journal, AlertPolicy policy, ClockAnchor clock, CancellationToken cancellationToken)
    {
        var live = new Dictionary<string, List<StoredRecord>>(StringComparer.Ordinal);
        var others = new List<StoredRecord>();
        for (var after = journal.Oldest - 1; ;)
        {
            var read = await journal.ReadAsync(after, Chunk, cancellationToken);
            if (read.Count == 0) break;
            foreach (var stored in read) Sort(stored, live, others, clock.Wall - policy.RequestMemory);
            after = read[^1].Offset;
        }

        var state = new RelayState { Epoch = journal.Epoch, Offset = 0 };
        foreach (var stored in live.Values.SelectMany(records => records).Concat(others).OrderBy(stored => stored.Offset))
            state = state.Apply(RelayEventCodec.ToEvent(stored, journal.Epoch), policy, clock);
        return state with { Offset = journal.Head };
    }

    private static void Sort(StoredRecord stored, Dictionary<string, List<StoredRecord>> live, List<StoredRecord> others, DateTimeOffset requestsSince)
    {
        var record = stored.Record;
        if (record.Kind == JournalKind.CallStarted) live[record.CallId] = [];
        if (live.TryGetValue(record.CallId, out var call)) call.Add(stored);

        // Claims and request ids outlive their call; a claim is at most a lease old, so the same bound serves both.
        // What was measured of the library counts as long as the journal holds it.
        else if (record.Kind is JournalKind.Silence or JournalKind.PolicySwitch || IsOfLibrary(record) || (Outlives(record) && record.Time >= requestsSince)) others.Add(stored);

        if (record.Kind != JournalKind.CallEnded || !live.Remove(record.CallId, out var ended)) return;
        others.AddRange(ended.Where(earlier => Outlives(earlier.Record) && earlier.Record.Time >= requestsSince));
    }

    // A call that was lost with its relay may come back under its id: its prompts are still what they were.
    private static bool Outlives(JournalRecord record) => record.AlertId.Length > 0 || record.Kind is JournalKind.Assist or JournalKind.Intervention;

    private static bool IsOfLibrary(JournalRecord record) => record.Kind == JournalKind.Assist && record.CallId.Length == 0;
}
