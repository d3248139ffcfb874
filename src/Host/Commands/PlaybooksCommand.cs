using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.Assist.Playbooks;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist playbooks</c>: checks the files of the library of prompts. Exit code 1 when something is wrong.</summary>
internal static class PlaybooksCommand
{
    public static Command Create() => new("playbooks", "The library of prompts: phrases to say and options to offer.") { Check() };

    private static Command Check()
    {
        var directory = new Argument<string>("directory") { Description = "Holds *.yaml files; none: the built-in library alone.", DefaultValueFactory = _ => "" };
        var command = new Command("check", "Say whether library files can be used; what is wrong comes with file, line and column, and with what to write instead.") { directory };
        command.SetAction(parsed =>
        {
            var report = PlaybookCheck.Run(parsed.GetRequiredValue(directory));
            foreach (var problem in report.Problems) Console.Error.WriteLine(problem);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Files} files: {report.Phrases} phrases and {report.Options} options in order, {report.Replaced} of them in place of built-in ones; {report.BuiltIn} built-in entries stay in force; {report.Problems.Count} problems."));
            return report.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
