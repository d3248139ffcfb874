using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Import;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>The history of a data directory, for commands: also while the relay runs.</summary>
public static class HistoryFiles
{
    /// <summary>Reads a file of rows into the history.</summary>
    /// <param name="dataDirectory">Holds the history.</param>
    /// <param name="request">What to read and how.</param>
    /// <param name="told">Is told every row that is not taken.</param>
    /// <param name="progress">Is told how many rows were read, now and then.</param>
    /// <param name="cancellationToken">Ends it between two transactions.</param>
    /// <exception cref="MappingException">The mapping is wrong, or does not fit the file.</exception>
    /// <exception cref="IOException">A file cannot be read, or the history not be written.</exception>
    public static ImportReport Import(string dataDirectory, HistoryImportRequest request, Action<ImportFault> told, Action<long>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var mapping = MappingFile.Read(request.Mapping);
        using var store = request.DryRun ? null : HistoryStore.Open(dataDirectory);
        return new HistoryImport(mapping, store, request.Region, request.AsOf).Run(request.File, told, progress, cancellationToken);
    }

    /// <summary>A customer, null when nothing is kept of them.</summary>
    /// <exception cref="IOException">The history cannot be read.</exception>
    public static (CustomerRecord Customer, CustomerHistory Counts)? Show(string dataDirectory, HistoryOptions options, string key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var store = OpenExisting(dataDirectory);
        var customer = store.Read(reader => reader.Customer(key, new HistoryWindow(options.Age, options.MaxInteractions, options.StaleAfter), now));
        return customer is null ? null : (customer, HistoryCounts.Of(customer.Interactions, now));
    }

    /// <summary>What is kept, in numbers; null when there is no history.</summary>
    /// <exception cref="IOException">The history cannot be read.</exception>
    public static HistoryStatistics? Statistics(string dataDirectory)
    {
        if (!File.Exists(HistoryStore.PathIn(dataDirectory))) return null;
        using var store = HistoryStore.Open(dataDirectory);
        return store.Read(reader => reader.Statistics());
    }

    /// <summary>Forgets a customer; null when nothing is kept of them.</summary>
    /// <exception cref="IOException">The history cannot be written.</exception>
    public static Erased? Erase(string dataDirectory, string key, string actor, string reason, DateTimeOffset now)
    {
        using var store = OpenExisting(dataDirectory);
        var erased = store.Write(batch => batch.Erase(key, actor, reason, now));
        store.Settle();
        return erased;
    }

    /// <summary>Writes a copy of the history to a new file and reads it back.</summary>
    /// <returns>Interactions in it; null when there is no history to copy.</returns>
    /// <exception cref="IOException">It could not be done; the sentence says why.</exception>
    public static long? TakeBackup(string dataDirectory, string target) => HistoryBackup.Take(dataDirectory, target);

    /// <summary>Puts a copy in the place of the history, which is kept beside it; the relay must not run.</summary>
    /// <returns>Interactions in it; null when there is no such copy.</returns>
    /// <exception cref="IOException">It could not be done; the sentence says why.</exception>
    public static long? RestoreBackup(string dataDirectory, string source, DateTimeOffset now) => HistoryBackup.Restore(dataDirectory, source, now);

    private static HistoryStore OpenExisting(string dataDirectory) => File.Exists(HistoryStore.PathIn(dataDirectory))
        ? HistoryStore.Open(dataDirectory)
        : throw new HistoryException($"There is no history in {dataDirectory}. Import one first: edgeassist history import FILE --mapping MAP.");
}

/// <summary>What an import reads.</summary>
/// <param name="File">Rows: CSV or JSON.</param>
/// <param name="Mapping">What they look like (YAML).</param>
/// <param name="AsOf">Up to when the source is told.</param>
public sealed record HistoryImportRequest(string File, string Mapping, DateTimeOffset AsOf)
{
    /// <summary>ISO 3166 country of numbers that neither they nor the mapping tell; empty for none.</summary>
    public string Region { get; init; } = "";

    /// <summary>Only checks.</summary>
    public bool DryRun { get; init; }
}
