using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.MeasuresBench;
using EdgeAssist.MeasuresBench.CallCentre;
using V1 = EdgeAssist.V1;

var root = new RootCommand("EdgeAssist measures harness: what the intervals are worth, what a report costs, and a call centre whose truth is known.");
root.Subcommands.Add(Coverage());
root.Subcommands.Add(Centre());
root.Subcommands.Add(Fill());
root.Subcommands.Add(Report());
return await root.Parse(args).InvokeAsync();

static Command Coverage()
{
    var runs = new Option<int>("--runs") { Description = "Worlds a row.", DefaultValueFactory = _ => 1000 };
    var seed = new Option<ulong>("--seed") { Description = "Of the first world.", DefaultValueFactory = _ => 1 };
    var command = new Command("coverage", "How often the 95 % interval holds the truth, and how often an effect is seen where there is none.") { runs, seed };
    command.SetAction(parsed =>
    {
        var clock = Stopwatch.StartNew();
        foreach (var (name, effect, isShare) in CoverageTrial.Worlds)
        {
            foreach (var isDifference in CoverageTrial.Kinds)
            {
                var result = CoverageTrial.Run(parsed.GetValue(runs), effect, isShare, isDifference, parsed.GetValue(seed));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{name,-18} {(isDifference ? "difference in differences" : "before and after"),-26} runs {result.Runs}: interval holds the truth {100 * result.Coverage:0.0} %, leaves 0 out {100 * result.AlarmRate:0.0} %, bias {result.MeanError:+0.000;-0.000} SE"));
            }
        }

        foreach (var (name, settings) in new[] { ("centre, no effect", new WorldSettings { CalmFactor = 1, NeverFactor = 1 }), ("centre, effect", new WorldSettings()) })
        {
            var result = CoverageTrial.RunCentres(parsed.GetValue(runs), settings with { Seed = parsed.GetValue(seed) });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-18} {"difference in differences",-26} runs {result.Runs}: interval holds the truth {100 * result.Coverage:0.0} %, leaves 0 out {100 * result.AlarmRate:0.0} %, bias {result.MeanError:+0.000;-0.000} SE"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {parsed.GetValue(seed)}, {clock.Elapsed.TotalSeconds:0.0} s"));
        return 0;
    });
    return command;
}

static Command Centre()
{
    var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
    var calls = new Option<double>("--calls") { Description = "Of a team on an average day.", DefaultValueFactory = _ => 40 };
    var none = new Option<bool>("--no-effect") { Description = "A world in which the product does nothing." };
    var output = new Option<string>("--out") { Description = "Folder for the reports.", DefaultValueFactory = _ => "." };
    var command = new Command("callcentre", "Plays 90 days of three teams through the public interfaces and asks for the report.") { seed, calls, none, output };
    command.SetAction(async (parsed, cancellationToken) =>
    {
        var settings = new WorldSettings { Seed = parsed.GetValue(seed), CallsPerDay = parsed.GetValue(calls) };
        if (parsed.GetValue(none)) settings = settings with { CalmFactor = 1, NeverFactor = 1 };
        var clock = Stopwatch.StartNew();
        var plan = World.Plan(settings);
        var directory = Directory.CreateTempSubdirectory("edgeassist-centre-").FullName;
        await using var site = await Site.StartAsync(directory, settings.FirstDay);
        var play = new Play(site, settings);
        await play.RunAsync(plan, cancellationToken);
        var played = clock.Elapsed;
        var admin = site.As("root", PrincipalRole.Admin);
        var measures = new V1.Measures.MeasuresClient(site.Invoker);
        var import = await measures.ImportSatisfactionAsync(new V1.ImportSatisfactionRequest { File = Google.Protobuf.ByteString.CopyFrom(Play.SatisfactionFile(plan)), Lowest = 1, Highest = 5 }, admin, cancellationToken: cancellationToken);
        foreach (var format in new[] { V1.ReportFormat.Html, V1.ReportFormat.Csv, V1.ReportFormat.Json })
        {
            var report = await measures.GetReportAsync(new V1.GetReportRequest
            {
                From = settings.FirstDay.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                To = settings.FirstDay.AddDays(settings.Days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Format = format,
            }, admin, cancellationToken: cancellationToken);
            var file = Path.Combine(Directory.CreateDirectory(parsed.GetRequiredValue(output)).FullName, report.Name);
            await File.WriteAllBytesAsync(file, report.Content.ToByteArray(), cancellationToken);
            if (format == V1.ReportFormat.Html) Console.WriteLine(report.Answer);
            Console.WriteLine($"{file} sha256 {report.Sha256}");
        }

        var stored = await measures.ListReportsAsync(new V1.ListReportsRequest(), admin, cancellationToken: cancellationToken);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"truth {World.TrueEffect(plan):0.0} s; {plan.Count} calls, {play.Events} events, {play.AlertsFound} alerts shown, {import.Imported} answers, {import.Refused.Values.Sum()} refused; made by the calendar: {string.Join(", ", stored.Reports.Select(report => report.Name))}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {settings.Seed}, played in {played.TotalSeconds:0.0} s, all {clock.Elapsed.TotalSeconds:0.0} s"));
        await site.DisposeAsync();
        Directory.Delete(directory, recursive: true);
        return 0;
    });
    return command;
}

static Command Fill()
{
    var directory = new Option<string>("--dir") { Required = true };
    var calls = new Option<int>("--calls") { DefaultValueFactory = _ => 1_000_000 };
    var command = new Command("fill", "Writes a store with many calls, for report.") { directory, calls };
    command.SetAction(parsed =>
    {
        var clock = Stopwatch.StartNew();
        using var store = MeasuresStore.Open(parsed.GetRequiredValue(directory));
        BigStore.Fill(store, parsed.GetValue(calls), 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(calls)} calls in {clock.Elapsed.TotalSeconds:0.0} s, {new FileInfo(store.Path).Length / 1048576.0:0} MiB"));
        return 0;
    });
    return command;
}

static Command Report()
{
    var directory = new Option<string>("--dir") { Required = true };
    var output = new Option<string?>("--out");
    var command = new Command("report", "Makes the report of a filled store and says what it cost.") { directory, output };
    command.SetAction((parsed, cancellationToken) =>
    {
        var clock = Stopwatch.StartNew();
        var first = BigStore.FirstDay;
        var (_, content, answer) = MeasureFiles.Report(
            parsed.GetRequiredValue(directory), first.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), first.AddDays(365).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), [], ReportKind.Html, "UTC", cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(':')[1].Trim();
        if (parsed.GetValue(output) is { } file) File.WriteAllBytes(file, content);
        Console.WriteLine(answer);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s, peak memory of the process {peak}, page {content.Length / 1024} KiB"));
        return Task.FromResult(0);
    });
    return command;
}
