using System.CommandLine;
using EdgeAssist.Host.Composition;
using EdgeAssist.Host.Doctor;
using Spectre.Console;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist doctor</c>: looks at everything the appliance needs before it is needed. Exit code 1 when something would keep it from working.</summary>
internal static class DoctorCommand
{
    public static Command Create(Option<string?> config)
    {
        var command = new Command("doctor", "Check this machine: processor, clock, disk, ports, models, keys. Each finding comes with its fix.");
        command.SetAction(parsed => Run(Checks(ApplianceConfiguration.Load(parsed.GetValue(config)))));
        return command;
    }

    private static List<IDoctorCheck> Checks(IConfiguration configuration)
    {
        var data = DataDirectory.Resolve(configuration["Data:Directory"]);
        return
        [
            new ProcessorCheck(), new ClockCheck(), new OpenFilesCheck(), new ReceiveBufferCheck(), new OpusCheck(), new DataDirectoryCheck(data),
            new KeyCheck(data), new ModelsCheck(configuration), .. PortsCheck.Of(configuration), new TrunksCheck(configuration), new HistoryCheck(configuration, data), new PlaybooksCheck(configuration),
        ];
    }

    private static int Run(IReadOnlyList<IDoctorCheck> checks)
    {
        var findings = checks.Select(check => check.Run()).ToArray();
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumns("", "", "");
        foreach (var finding in findings)
        {
            var mark = finding.Verdict switch { Verdict.Pass => "[green]pass[/]", Verdict.Warn => "[yellow]warn[/]", _ => "[red]FAIL[/]" };
            table.AddRow(mark, finding.Subject.EscapeMarkup(), finding.Found.EscapeMarkup());
            if (finding.Fix.Length > 0) table.AddRow("", "", $"[grey]→ {finding.Fix.EscapeMarkup()}[/]");
        }

        AnsiConsole.Write(table);
        var failed = findings.Count(finding => finding.Verdict == Verdict.Fail);
        var warned = findings.Count(finding => finding.Verdict == Verdict.Warn);
        AnsiConsole.MarkupLine($"{findings.Length - failed - warned} passed, {warned} warnings, {failed} failed");
        return failed == 0 ? 0 : 1;
    }
}
