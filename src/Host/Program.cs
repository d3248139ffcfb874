using System.CommandLine;
using EdgeAssist.Host.Commands;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;

var config = new Option<string?>("--config", "-c") { Description = "Settings file (JSON). Default: /etc/edgeassist/edgeassist.json when it exists.", Recursive = true };
var root = new RootCommand("EdgeAssist: hears calls on your own hardware, notices when one goes badly, and tells those who can help.");
root.Options.Add(config);
var store = new ModelStore();
root.Subcommands.Add(RunCommand.Create(config));
root.Subcommands.Add(DemoCommand.Create(store));
root.Subcommands.Add(CallCommand.Create());
root.Subcommands.Add(ReplayCommand.Create(store));
root.Subcommands.Add(RulesCommand.Create(store));
root.Subcommands.Add(PlaybooksCommand.Create());
root.Subcommands.Add(WatchCommand.Create());
root.Subcommands.Add(SuperviseCommand.Create());
root.Subcommands.Add(TokenCommand.Create(config));
root.Subcommands.Add(BackupCommand.Create(config));
root.Subcommands.Add(HistoryCommand.Create(config));
root.Subcommands.Add(ReportCommand.Create(config));
root.Subcommands.Add(DoctorCommand.Create(config));
root.Subcommands.Add(RolloutCommand.Create(config));
root.Subcommands.Add(BaselineCommand.Create(config));
root.Subcommands.Add(ReadinessCommand.Create(config, store));
root.Subcommands.Add(ReconcileCommand.Create(config));
root.Subcommands.Add(VconCommand.Create(config));
root.Subcommands.Add(ModelsCommand.Create(store));
root.Subcommands.Add(ConformanceCommand.Create());

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (UserError error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return error.ExitCode;
}
catch (ModelException error)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception unforeseen) when (Environment.GetEnvironmentVariable("EDGEASSIST_TRACE") is null)
{
    // The outermost loop: a fault of ours reaches the user as a sentence, and as a trace when they ask for it.
    await Console.Error.WriteLineAsync($"Unexpected failure: {unforeseen.Message} ({unforeseen.GetType().Name}). Run again with EDGEASSIST_TRACE=1 for the details to report.");
    return 70;
}
