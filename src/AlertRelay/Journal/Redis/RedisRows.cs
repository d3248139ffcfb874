using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StackExchange.Redis;

namespace EdgeAssist.AlertRelay.Journal.Redis;

/// <summary>Records as entries of a stream and back, with the seal that finds a flipped bit.</summary>
internal static class RedisRows
{
    // Two of the batch, then nine of the record: names and values alternate in the order the script writes them.
    private const int Fields = 11;

    public static void AddTo(List<RedisValue> arguments, long offset, JournalRecord record)
    {
        arguments.Add((int)record.Kind);
        arguments.Add(record.CallId);
        arguments.Add(record.AlertId);
        arguments.Add(record.Team);
        arguments.Add(record.Agent);
        arguments.Add(record.Time.UtcTicks);
        arguments.Add(record.RequestKey);
        arguments.Add(record.Payload);
        arguments.Add(RecordSeal.Of(offset, record));
    }

    public static string Id(long offset) => string.Create(CultureInfo.InvariantCulture, $"{offset}-0");

    /// <summary>The offset an entry stands at; 0 when its id is not one of ours.</summary>
    public static long Offset(StreamEntry entry)
    {
        var id = entry.Id.ToString();
        return id.EndsWith("-0", StringComparison.Ordinal) && long.TryParse(id.AsSpan(0, id.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : 0;
    }

    /// <summary>False when the entry is not what was written.</summary>
    public static bool TryRead(StreamEntry entry, [NotNullWhen(true)] out StoredRecord? stored)
    {
        stored = null;
        var values = entry.Values;
        if (values.Length != Fields || !values[1].Value.TryParse(out long committed) || !values[2].Value.TryParse(out int kind)
            || !values[7].Value.TryParse(out long ticks) || !IsTime(committed) || !IsTime(ticks)) return false;

        var record = new JournalRecord
        {
            Kind = (JournalKind)kind,
            CallId = values[3].Value.ToString(),
            AlertId = values[4].Value.ToString(),
            Team = values[5].Value.ToString(),
            Agent = values[6].Value.ToString(),
            Time = new DateTimeOffset(ticks, TimeSpan.Zero),
            RequestKey = values[8].Value.ToString(),
            Payload = (ReadOnlyMemory<byte>)values[9].Value,
        };
        var offset = Offset(entry);
        stored = new StoredRecord(offset, record, new DateTimeOffset(committed, TimeSpan.Zero));
        return offset > 0 && RecordSeal.Of(offset, record).AsSpan().SequenceEqual(((ReadOnlyMemory<byte>)values[10].Value).Span);
    }

    private static bool IsTime(long ticks) => ticks is >= 0 and <= 3_155_378_975_999_999_999;
}
