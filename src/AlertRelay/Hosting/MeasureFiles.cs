using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Store;
using Microsoft.Data.Sqlite;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>Reports and imports for the command line, beside a relay that runs or without one.</summary>
public static class MeasureFiles
{
    /// <summary>Makes a report from a data directory.</summary>
    /// <param name="dataDirectory">Where the measures are.</param>
    /// <param name="from">First day, 2026-01-31.</param>
    /// <param name="to">The day behind the last.</param>
    /// <param name="teams">Empty: all.</param>
    /// <param name="kind">The format.</param>
    /// <param name="zone">The site's time zone, an IANA name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A name for the file, its bytes, and the answer in one sentence.</returns>
    /// <exception cref="FormatException">A day, a team or the zone does not fit; the sentence says which.</exception>
    /// <exception cref="IOException">The measures cannot be read.</exception>
    public static (string Name, byte[] Content, string Answer) Report(
        string dataDirectory, string from, string to, IReadOnlyCollection<string> teams, ReportKind kind, string zone, CancellationToken cancellationToken) => Use(dataDirectory, store =>
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var local)) throw new FormatException($"There is no time zone {zone} on this machine.");
        var request = ReportRequest.Parse(from, to, team => teams.Count == 0 || teams.Contains(team));
        var known = store.Teams();
        if (teams.FirstOrDefault(team => !known.Contains(team)) is { } unknown) throw new FormatException($"No call of a team {unknown} has ended yet.");
        var written = ReportMaker.Write(ReportMaker.Calculate(store, request, local, cancellationToken), kind);
        return (written.Name, written.Content, written.Answer);
    });

    /// <summary>Takes a CSV file of customers' answers.</summary>
    /// <returns>Rows, rows taken, rows that said the same before, and a line for each that was refused.</returns>
    /// <exception cref="FormatException">The file cannot be used; the sentence says why.</exception>
    /// <exception cref="IOException">The measures cannot be written.</exception>
    public static (int Rows, int Imported, int Unchanged, IReadOnlyList<string> Refused) ImportSatisfaction(string dataDirectory, byte[] file, double lowest, double highest, bool dryRun, DateTimeOffset now) => Use(dataDirectory, store =>
    {
        var outcome = SatisfactionImport.Run(store, file, lowest, highest, dryRun, now);
        return (outcome.Rows, outcome.Taken.Count, outcome.Unchanged, (IReadOnlyList<string>)[.. outcome.Refused.Select(row => $"line {row.Line}: {row.Reason}: {row.Sentence}")]);
    });

    private static T Use<T>(string dataDirectory, Func<MeasuresStore, T> act)
    {
        if (!File.Exists(Path.Combine(dataDirectory, MeasuresStore.FileName))) throw new IOException($"There are no measures in {dataDirectory}: no relay has run there yet.");
        try
        {
            using var store = MeasuresStore.Open(dataDirectory);
            return act(store);
        }
        catch (SqliteException error)
        {
            throw new IOException($"The measures in {dataDirectory} cannot be used: {error.Message}", error);
        }
        catch (InvalidDataException later)
        {
            throw new IOException(later.Message, later);
        }
    }
}
