using System.Globalization;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.AlertRelay.Hosting;

namespace EdgeAssist.Host.Doctor;

/// <summary>The customers' history: whether there is one, how old each source is, and how the system that is asked behaves.</summary>
internal sealed class HistoryCheck(IConfiguration configuration, string dataDirectory) : IDoctorCheck
{
    private const string Subject = "history";

    public Finding Run()
    {
        var options = configuration.GetSection(HistoryOptions.Section).Get<HistoryOptions>() ?? new HistoryOptions();
        try
        {
            return HistoryFiles.Statistics(dataDirectory) is { Interactions: > 0 } kept
                ? Judge(kept, options, TimeProvider.System.GetUtcNow())
                : new Finding(Subject, Verdict.Warn, "none: calls are taken without their customers' history", "edgeassist history import FILE --mapping MAP; samples/history has examples.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new Finding(Subject, Verdict.Fail, refused.Message, "edgeassist backup --restore FILE, or remove the file and import anew.");
        }
    }

    private static Finding Judge(HistoryStatistics kept, HistoryOptions options, DateTimeOffset now)
    {
        var found = string.Create(CultureInfo.InvariantCulture, $"{kept.Customers} customers, {kept.Interactions} interactions");
        foreach (var source in kept.Sources.Where(source => source.Asked > 0))
            found += string.Create(CultureInfo.InvariantCulture, $"; {source.Name} asked {source.Asked} times, failed {source.Failed}{(source.Failed > 0 ? $", last: {source.LastFailure}" : "")}");

        var stale = kept.Sources.Where(source => now - source.AsOf > options.StaleAfter).Select(source => source.Name).ToList();
        if (stale.Count > 0) return new Finding(Subject, Verdict.Warn, $"{found}; stale: {string.Join(", ", stale)}", "Import a newer export; calls say that what they show is stale.");
        return kept.Sources.Any(source => source.Failed > 0 && now - source.LastFailedAt < TimeSpan.FromHours(1))
            ? new Finding(Subject, Verdict.Warn, found, "Look at the system behind History:Pull, its address and its access token.")
            : new Finding(Subject, Verdict.Pass, found);
    }
}
