using System.CommandLine;
using EdgeAssist.LoadTest;

var root = new RootCommand("EdgeAssist load harness: real SIPREC calls against a real appliance in a process of its own.");
root.Subcommands.Add(CallsCommand.Create());
root.Subcommands.Add(SipCommand.Create());
return await root.Parse(args).InvokeAsync();
