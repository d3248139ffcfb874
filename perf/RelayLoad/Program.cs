using System.CommandLine;
using EdgeAssist.RelayLoad;

var root = new RootCommand("EdgeAssist relay harness: relays in processes of their own on loopback, one line of figures a command.");
root.Subcommands.Add(FanoutCommand.Create());
root.Subcommands.Add(DurableCommand.Create());
root.Subcommands.Add(ResumeCommand.Create());
root.Subcommands.Add(AlertWriteCommand.Create());
root.Subcommands.Add(FailoverCommand.Create());
root.Subcommands.Add(HistoryCommand.Create());
root.Subcommands.Add(PromptCommand.Create());
root.Subcommands.Add(ServeCommand.Create());
return await root.Parse(args).InvokeAsync();
