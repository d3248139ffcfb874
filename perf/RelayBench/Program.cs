using System.CommandLine;
using EdgeAssist.RelayBench;

var root = new RootCommand("Media relay harness: our relay and rtpengine under the same load, one after the other.");
root.Subcommands.Add(LoadCommand.Create());
root.Subcommands.Add(BleedCommand.Create());
root.Subcommands.Add(ImpairCommand.Create());
root.Subcommands.Add(ServeCommand.Create());
return await root.Parse(args).InvokeAsync();
