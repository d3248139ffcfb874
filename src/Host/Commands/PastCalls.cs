using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary>What commands that look back share: the data directory's journal, and moments on the command line.</summary>
internal static class PastCalls
{
    public static string DataDirectoryOf(ParseResult parsed, Option<string?> config) =>
        DataDirectory.Resolve(ApplianceConfiguration.Load(parsed.GetValue(config))["Data:Directory"]);

    /// <exception cref="UserError">There is no journal, or it cannot be read.</exception>
    public static async Task ReadAsync(string directory, DateTimeOffset from, DateTimeOffset to, Action<ObservedCall> take, CancellationToken cancellationToken)
    {
        try
        {
            using var journal = JournalFile.Open(directory);
            await foreach (var call in ObservedCalls.ReadAsync(journal.ReadAsync, journal.Epoch, journal.Oldest, from, to, cancellationToken)) take(call);
        }
        catch (JournalException fault)
        {
            throw new UserError(fault.Message, fault);
        }
    }

    /// <exception cref="UserError">It is neither a day nor a moment.</exception>
    public static DateTimeOffset Moment(string option, string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
        ? moment
        : throw new UserError($"{option} {text}: write a day as 2026-01-31 (from its beginning, UTC) or a moment as 2026-01-31T08:00:00+01:00.");

    /// <summary>From and to; without them the last so many days.</summary>
    /// <exception cref="UserError">They do not fit.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Span(string? from, string? to, int days)
    {
        var until = to is null ? TimeProvider.System.GetUtcNow() : Moment("--to", to);
        var since = from is null ? until.AddDays(-days) : Moment("--from", from);
        return since < until ? (since, until) : throw new UserError("--to is not behind --from.");
    }
}
