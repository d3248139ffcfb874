using System.Globalization;
using System.Text.Json;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Labelling;
using EdgeAssist.AlertRelay.Measures.Reports;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>Reads what a report rests on, row by row, in one transaction: a consistent cut, summed up as it comes.</summary>
internal static class FrameReader
{
    /// <param name="store">Where from.</param>
    /// <param name="from">First local day.</param>
    /// <param name="to">The local day behind the last.</param>
    /// <param name="zone">The site's.</param>
    /// <param name="isIn">Teams in the report.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static MeasureFrame Read(MeasuresStore store, int from, int to, TimeZoneInfo zone, Func<string, bool> isIn, CancellationToken cancellationToken)
    {
        using var connection = store.Reader();
        using var transaction = connection.BeginTransaction(deferred: true);
        var teams = Teams(connection).Where(team => isIn(team.Value)).OrderBy(team => team.Value, StringComparer.Ordinal).ToArray();
        var index = teams.Select((team, place) => (team.Key, place)).ToDictionary(team => team.Key, team => team.place);
        var dataEnd = SqliteSchema.Scalar(connection, "SELECT MAX(ended) FROM call") as long? ?? 0;
        var builder = new FrameBuilder(from, to, zone, [.. teams.Select(team => team.Value)], dataEnd);
        var (first, last) = (Milliseconds(from, zone), Milliseconds(to, zone));

        Calls(connection, builder, index, first, last, cancellationToken);
        Alerts(connection, builder, index, first, last, cancellationToken);
        Presence(connection, builder, index, first, last);
        Labels(store, builder, teams);
        var scale = SqliteSchema.Meta(connection, "scale")?.Split(' ').Select(end => double.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return builder.Build(
            Imports(connection),
            long.Parse(SqliteSchema.Meta(connection, "skipped") ?? "0", CultureInfo.InvariantCulture),
            scale is null ? null : (scale[0], scale[1]));
    }

    /// <summary>First and last local day with a call, and the first day of each mode by team.</summary>
    public static IReadOnlyList<(string Team, int FirstDay, int? Changed)> Changes(MeasuresStore store, TimeZoneInfo zone)
    {
        using var connection = store.Reader();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT t.name, MIN(c.started), MIN(CASE WHEN c.mode = 0 THEN c.started END), MIN(CASE WHEN c.mode = 1 THEN c.started END)
            FROM call c JOIN team t ON t.id = c.team GROUP BY t.name ORDER BY t.name
            """;
        using var row = command.ExecuteReader();
        var found = new List<(string, int, int?)>();
        while (row.Read())
        {
            var changed = !row.IsDBNull(2) && !row.IsDBNull(3) && row.GetInt64(3) > row.GetInt64(2) ? Day(row.GetInt64(3), zone) : (int?)null;
            found.Add((row.GetString(0), Day(row.GetInt64(1), zone), changed));
        }

        return found;
    }

    /// <summary>The day of a moment, local.</summary>
    public static int Day(long milliseconds, TimeZoneInfo zone) =>
        DayText.Number(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), zone).DateTime));

    /// <summary>The beginning of a local day, in milliseconds of Unix time.</summary>
    public static long Milliseconds(int day, TimeZoneInfo zone)
    {
        var midnight = DayText.Date(day).ToDateTime(TimeOnly.MinValue);
        if (zone.IsInvalidTime(midnight)) midnight = midnight.AddHours(1);   // clocks that jump at midnight
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUnixTimeMilliseconds();
    }

    private static void Calls(SqliteConnection connection, FrameBuilder builder, Dictionary<long, int> index, long first, long last, CancellationToken cancellationToken)
    {
        // Calls of all teams, and 7 days further: whoever comes back may come back to another team.
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT c.team, c.started, c.ended, c.lost, c.customer, c.mode, c.mode_changed, c.scored, c.transfers, c.alerts, s.score
            FROM call c LEFT JOIN satisfaction s ON s.call_id = c.call_id
            WHERE c.started >= $first AND c.started < $last ORDER BY c.started, c.id
            """;
        command.Parameters.AddWithValue("$first", first);
        command.Parameters.AddWithValue("$last", last + (long)MeasureCatalog.ReworkWithin.TotalMilliseconds);
        using var row = command.ExecuteReader();
        for (var count = 0; row.Read(); count++)
        {
            if (count % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            var isKnown = index.TryGetValue(row.GetInt64(0), out var team);
            var (started, changed) = (row.GetInt64(1), row.GetInt64(6) != 0);
            var repeatOnly = !isKnown || started >= last;
            builder.AddCall(
                team, started, row.GetInt64(2), row.GetInt64(3) != 0, row.IsDBNull(4) ? null : row.GetInt64(4), (Mode)row.GetInt64(5), changed,
                row.GetInt64(7) != 0, (int)row.GetInt64(8), (int)row.GetInt64(9), repeatOnly);
            if (!repeatOnly) builder.AddAnswer(team, started, changed, row.IsDBNull(10) ? null : row.GetDouble(10));
        }
    }

    private static void Alerts(SqliteConnection connection, FrameBuilder builder, Dictionary<long, int> index, long first, long last, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT a.team, a.mode, a.opened, c.ended, c.lost, c.mode_changed, a.acted, a.calmed, a.verdict, a.shown, a.suppressed
            FROM alert a JOIN call c ON c.call_id = a.call_id
            WHERE a.opened >= $first AND a.opened < $last ORDER BY a.opened, a.alert_id
            """;
        command.Parameters.AddWithValue("$first", first);
        command.Parameters.AddWithValue("$last", last);
        using var row = command.ExecuteReader();
        for (var count = 0; row.Read(); count++)
        {
            if (count % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            if (!index.TryGetValue(row.GetInt64(0), out var team)) continue;
            builder.AddAlert(
                team, (Mode)row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4) != 0, row.GetInt64(5) != 0,
                row.IsDBNull(6) ? null : row.GetInt64(6), row.IsDBNull(7) ? null : row.GetInt64(7), (Verdict)row.GetInt64(8), row.GetInt64(9) != 0, row.GetInt64(10) != 0);
        }
    }

    // Of calls without an alert alone: those with one are drawn so that nobody who labels can tell. A call that two samples drew
    // counts with the first.
    private static void Labels(MeasuresStore store, FrameBuilder builder, KeyValuePair<long, string>[] teams)
    {
        var places = teams.Select((team, place) => (team.Value, place)).ToDictionary(team => team.Value, team => team.place, StringComparer.Ordinal);
        foreach (var verdict in LabelStore.ReadVerdicts(Path.GetDirectoryName(store.Path)!).DistinctBy(verdict => verdict.CallId, StringComparer.Ordinal))
        {
            if (verdict.Alerted || verdict.Verdict is not (V1.LabelVerdict.ShouldAlert or V1.LabelVerdict.Fine)) continue;
            if (places.TryGetValue(verdict.Team, out var team)) builder.AddLabel(team, verdict.StartedAt.ToUnixTimeMilliseconds(), verdict.Verdict == V1.LabelVerdict.ShouldAlert, verdict.Probability);
        }
    }

    private static void Presence(SqliteConnection connection, FrameBuilder builder, Dictionary<long, int> index, long first, long last)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT team, hour, minutes FROM presence WHERE hour >= $first / 3600000 AND hour < $last / 3600000 ORDER BY hour, team";
        command.Parameters.AddWithValue("$first", first);
        command.Parameters.AddWithValue("$last", last);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            if (index.TryGetValue(row.GetInt64(0), out var team)) builder.AddPresence(team, row.GetInt64(1), row.GetDouble(2));
        }
    }

    private static ImportCounts Imports(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT row_count, imported, refused FROM satisfaction_import ORDER BY sha256";
        using var row = command.ExecuteReader();
        var (files, rows, imported, refused) = (0, 0L, 0L, new SortedDictionary<string, long>(StringComparer.Ordinal));
        while (row.Read())
        {
            (files, rows, imported) = (files + 1, rows + row.GetInt64(0), imported + row.GetInt64(1));
            using var reasons = JsonDocument.Parse(row.GetString(2));
            foreach (var reason in reasons.RootElement.EnumerateObject()) refused[reason.Name] = refused.GetValueOrDefault(reason.Name) + reason.Value.GetInt64();
        }

        return new ImportCounts(files, rows, imported, refused);
    }

    private static Dictionary<long, string> Teams(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, name FROM team";
        using var row = command.ExecuteReader();
        var teams = new Dictionary<long, string>();
        while (row.Read()) teams[row.GetInt64(0)] = row.GetString(1);
        return teams;
    }
}
