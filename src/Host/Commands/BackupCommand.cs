using System.CommandLine;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist backup</c>: a copy of the journal and of the customers' history while the relay runs, or putting them back.</summary>
internal static class BackupCommand
{
    private const string HistorySuffix = ".history";

    public static Command Create(Option<string?> config)
    {
        var to = new Option<string?>("--to") { Description = "Write the copy to this new file." };
        var restore = new Option<string?>("--restore") { Description = "Put this copy in the place of the journal; the relay must not run." };
        var command = new Command("backup", "Copy calls, alerts and actions to a file, or put a copy back.") { to, restore };
        command.SetAction(parsed =>
        {
            var (target, source) = (parsed.GetValue(to), parsed.GetValue(restore));
            if (target is null == source is null) throw new UserError("Say either --to FILE or --restore FILE.");

            var data = DataDirectory.Resolve(ApplianceConfiguration.Load(parsed.GetValue(config))["Data:Directory"]);
            try
            {
                var (records, digest) = target is not null ? JournalBackup.Take(data, Path.GetFullPath(target)) : JournalBackup.Restore(data, Path.GetFullPath(source!));
                Console.WriteLine($"{(target is not null ? "copied" : "restored")} {records} records, sha256 {digest}");

                // The customers' history is a database of its own, and so is its copy.
                var history = Path.GetFullPath(target ?? source!) + HistorySuffix;
                var interactions = target is not null ? HistoryFiles.TakeBackup(data, history) : HistoryFiles.RestoreBackup(data, history, TimeProvider.System.GetUtcNow());
                if (interactions is not null) Console.WriteLine($"{(target is not null ? "copied" : "restored")} {interactions} interactions of customers: {history}");
                return 0;
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new UserError(refused.Message, refused);
            }
        });
        return command;
    }
}
