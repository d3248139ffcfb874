using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Import;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist history</c>: takes exports of other systems in, shows what is kept, forgets customers. Also while the relay runs.</summary>
internal static class HistoryCommand
{
    private const int FaultsShown = 1000;

    public static Command Create(Option<string?> config) => new("history", "What happened to customers before: import it, look at it, forget it.")
    {
        Import(config), Show(config), Stats(config), Erase(config),
    };

    private static Command Import(Option<string?> config)
    {
        var file = new Argument<string>("file") { Description = "Rows: CSV with a header, NDJSON or JSON." };
        var mapping = new Option<string>("--mapping", "-m") { Description = "What the rows look like (YAML).", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check the rows and write nothing." };
        var asOf = new Option<string?>("--as-of") { Description = "Up to when the export is complete (ISO 8601). Default: when the file was last written." };
        var command = new Command("import", "Read an export. Rows that cannot be used are told with line and column, the others are taken; exit code 1 then.") { file, mapping, dryRun, asOf };
        command.SetAction((parsed, cancellationToken) => Task.Run(() =>
        {
            var (configuration, data) = Settings(parsed.GetValue(config));
            var path = parsed.GetRequiredValue(file);
            var request = new HistoryImportRequest(path, parsed.GetRequiredValue(mapping), AsOf(path, parsed.GetValue(asOf)))
            {
                DryRun = parsed.GetValue(dryRun), Region = Options(configuration).DefaultRegion,
            };
            return Run(data, request, cancellationToken);
        }, cancellationToken));
        return command;
    }

    private static int Run(string data, HistoryImportRequest request, CancellationToken cancellationToken)
    {
        var told = 0;
        var began = TimeProvider.System.GetTimestamp();
        var report = Explain(() => HistoryFiles.Import(data, request, fault =>
        {
            if (++told <= FaultsShown) Console.Error.WriteLine(fault);
        }, progress: null, cancellationToken));
        if (told > FaultsShown) Console.Error.WriteLine(Line($"… and {told - FaultsShown} more."));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine(request.DryRun
            ? Line($"{report.Rows} rows checked: {report.Rows - report.BadRows} can be used, {report.BadRows} cannot. Nothing was written.")
            : Line($"{report.Rows} rows: {report.Added} added, {report.Changed} changed, {report.Unchanged} unchanged, {report.Older} older than what is kept, {report.BadRows} not taken; {seconds:0.0} s, {report.Rows / Math.Max(seconds, 0.001):0} rows/s."));
        return report.BadRows == 0 ? 0 : 1;
    }

    private static Command Show(Option<string?> config)
    {
        var key = new Argument<string>("customer") { Description = "The customer's key." };
        var command = new Command("show", "Show what is kept of a customer.") { key };
        command.SetAction(parsed =>
        {
            var (configuration, data) = Settings(parsed.GetValue(config));
            var now = TimeProvider.System.GetUtcNow();
            if (Explain(() => HistoryFiles.Show(data, Options(configuration), parsed.GetRequiredValue(key), now)) is not { } found) throw new UserError("Nothing is kept of this customer.", 1);

            var (customer, counts) = found;
            Console.WriteLine(Line($"{customer.Key}  {customer.Name}  {customer.Locale}  weight {customer.Value?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}"));
            Console.WriteLine(Line($"as of {customer.AsOf:yyyy-MM-dd HH:mm}Z{(customer.IsStale ? " (stale)" : "")}; open cases {counts.OpenCases}, contacts about one matter in 30 days {counts.RecentContacts}, broken promises {counts.BrokenPromises}"));
            if (customer.Interactions.IsEmpty) Console.WriteLine("no interactions");
            foreach (var interaction in customer.Interactions)
            {
                var state = interaction.IsBrokenAt(now) ? "broken" : interaction.State.ToString().ToLowerInvariant();
                Console.WriteLine(Line($"{interaction.At:yyyy-MM-dd}  {interaction.Kind.ToString().ToLowerInvariant(),-12}  {state,-7}  {interaction.Source}/{interaction.SourceId}  {interaction.Matter}  {interaction.Amount} {interaction.Currency}  {interaction.Summary}"));
            }

            return 0;
        });
        return command;
    }

    private static Command Stats(Option<string?> config)
    {
        var command = new Command("stats", "Say how much is kept, from where, and how fresh it is.");
        command.SetAction(parsed =>
        {
            var (configuration, data) = Settings(parsed.GetValue(config));
            if (Explain(() => HistoryFiles.Statistics(data)) is not { } kept) throw new UserError($"There is no history in {data}.", 1);

            Console.WriteLine(Line($"{kept.Customers} customers, {kept.Interactions} interactions, {kept.Identifiers} identifiers, {kept.Calls} recognised calls"));
            var now = TimeProvider.System.GetUtcNow();
            foreach (var source in kept.Sources)
            {
                var stale = now - source.AsOf > Options(configuration).StaleAfter ? " (stale)" : "";
                var asked = source.Asked > 0 ? Line($", asked {source.Asked} times, failed {source.Failed}{(source.Failed > 0 ? $", last {source.LastFailedAt:yyyy-MM-dd HH:mm}Z: {source.LastFailure}" : "")}") : "";
                Console.WriteLine(Line($"  {source.Name}: {source.Interactions} interactions, as of {source.AsOf:yyyy-MM-dd HH:mm}Z{stale}{asked}"));
            }

            return 0;
        });
        return command;
    }

    private static Command Erase(Option<string?> config)
    {
        var key = new Argument<string>("customer") { Description = "The customer's key." };
        var reason = new Option<string>("--reason") { Description = "Why; goes into the audit.", Required = true };
        var command = new Command("erase", "Forget a customer. Their source has to forget them too, or the next import brings them back.") { key, reason };
        command.SetAction(parsed =>
        {
            var (_, data) = Settings(parsed.GetValue(config));
            var why = parsed.GetRequiredValue(reason);
            if (why.Length is 0 or > 500) throw new UserError("--reason: 1 to 500 characters fit.");
            if (Explain(() => HistoryFiles.Erase(data, parsed.GetRequiredValue(key), "command line: " + Environment.UserName, why, TimeProvider.System.GetUtcNow())) is not { } erased)
                throw new UserError("Nothing is kept of this customer.", 1);
            Console.WriteLine(Line($"forgotten: {erased.Interactions} interactions, {erased.Identifiers} identifiers, {erased.Calls} calls; audit entry {erased.AuditId}"));
            return 0;
        });
        return command;
    }

    private static (IConfiguration Configuration, string Data) Settings(string? config)
    {
        var configuration = ApplianceConfiguration.Load(config);
        return (configuration, DataDirectory.Resolve(configuration["Data:Directory"]));
    }

    private static HistoryOptions Options(IConfiguration configuration) => configuration.GetSection(HistoryOptions.Section).Get<HistoryOptions>() ?? new HistoryOptions();

    private static DateTimeOffset AsOf(string path, string? said)
    {
        var now = TimeProvider.System.GetUtcNow();
        if (said is not null)
            return DateTimeOffset.TryParse(said, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment <= now ? moment : throw new UserError($"--as-of {said}: write a moment that is over, for example 2026-11-20T02:00Z.");
        if (!File.Exists(path)) throw new UserError($"{path}: there is no such file.");
        var written = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        return written < now ? written : now;
    }

    private static T Explain<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception refused) when (refused is MappingException or IOException or UnauthorizedAccessException)
        {
            throw new UserError(refused.Message, refused);
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
