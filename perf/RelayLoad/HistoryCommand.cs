using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using EdgeAssist.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeAssist.RelayLoad;

/// <summary>
/// <c>history</c>: how fast an export is imported, and imported again unchanged; how long the look-up of a call's customer takes in
/// the store that it made, and <c>History.ForCall</c> over gRPC.
/// </summary>
internal static class HistoryCommand
{
    private const int InteractionsEach = 20;

    public static Command Create()
    {
        var interactions = new Option<int>("--interactions") { DefaultValueFactory = _ => 1_000_000 };
        var lookUps = new Option<int>("--lookups") { DefaultValueFactory = _ => 20_000 };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1 };
        var data = new Option<string>("--data") { Description = "Folder of the database: measured as it is when it holds one, else made; kept. Without: made anew, deleted.", DefaultValueFactory = _ => "" };
        var command = new Command("history", "Import of a CSV file, look-up of a call's customer, ForCall.") { interactions, lookUps, seed, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var scratch = new Scratch();
            var folder = parsed.GetValue(data) is { Length: > 0 } kept ? kept : scratch.Path;
            Figures.Tell(Figures.Machine);
            var customers = Database(folder, parsed.GetValue(interactions), parsed.GetValue(seed), cancellationToken);

            await using var app = ServeCommand.Build(folder, "");
            await app.StartAsync(cancellationToken);
            var random = new Random(parsed.GetValue(seed));
            await LookUpAsync(app.Services.GetRequiredService<ICustomerDirectory>(), parsed.GetValue(lookUps), customers, random, cancellationToken);
            await ForCallAsync(app, parsed.GetValue(lookUps) / 4, customers, random, cancellationToken);
            await app.StopAsync(CancellationToken.None);
            return 0;
        });
        return command;
    }

    /// <summary>Makes it, unless it is there.</summary>
    /// <returns>Customers in it.</returns>
    private static int Database(string folder, int rows, int seed, CancellationToken cancellationToken)
    {
        if (HistoryFiles.Statistics(folder) is { Customers: > 0 } there)
        {
            Figures.Tell(Figures.Text($"{folder} as it was: {there.Interactions} interactions of {there.Customers} customers"));
            return (int)there.Customers;
        }

        var customers = Math.Max(1, rows / InteractionsEach);
        Import(Directory.CreateDirectory(folder).FullName, rows, customers, seed, cancellationToken);
        return customers;
    }

    private static void Import(string folder, int rows, int customers, int seed, CancellationToken cancellationToken)
    {
        var (file, mapping) = (Path.Combine(folder, "export.csv"), Path.Combine(folder, "mapping.yaml"));
        File.WriteAllText(mapping, """
            source: crm
            region: DE
            customer: { key: customer, name: name, identifiers: [ { number: phone } ] }
            interactions: [ { kind: kind, id: id, at: at, state: state, matter: matter, channel: channel, summary: summary } ]
            """);
        Write(file, rows, customers, new Random(seed));
        var request = new HistoryImportRequest(file, mapping, TimeProvider.System.GetUtcNow());
        foreach (var what in new[] { "import", "the same file again" })
        {
            var began = TimeProvider.System.GetTimestamp();
            var busy = Environment.CpuUsage.TotalTime;
            var report = HistoryFiles.Import(folder, request, fault => throw new InvalidDataException(fault.ToString()), null, cancellationToken);
            var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            Figures.Tell(Figures.Text(
                $"{what}: {report.Rows} rows ({new FileInfo(file).Length >> 20} MiB) in {seconds:0.0} s, {report.Rows / seconds:0} rows/s; added {report.Added}, unchanged {report.Unchanged}; {(Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / report.Rows:0.0} us of processor time a row; working set {Environment.WorkingSet >> 20} MiB"));
        }

        Figures.Tell(Figures.Text($"database {new FileInfo(Path.Combine(folder, "history.db")).Length >> 20} MiB"));
    }

    // As an export is: in the order of time, customers all over the place.
    private static void Write(string file, int rows, int customers, Random random)
    {
        var kinds = new (string Kind, string State)[] { ("contact", ""), ("contact", ""), ("contact", ""), ("ticket", "open"), ("ticket", "closed"), ("order", "closed"), ("promise", "kept"), ("credit", "") };
        var start = TimeProvider.System.GetUtcNow().AddDays(-180);
        using var text = new StreamWriter(file);
        text.Write("id,customer,name,phone,kind,at,state,matter,channel,summary\n");
        for (var row = 0; row < rows; row++)
        {
            var customer = random.Next(customers);
            var (kind, state) = kinds[random.Next(kinds.Length)];
            var at = start + TimeSpan.FromSeconds(row * (179.0 * 86_400 / rows));
            text.Write(string.Create(CultureInfo.InvariantCulture,
                $"{row},c-{customer},Customer {customer},{Phone(customer)},{kind},{at:yyyy-MM-ddTHH:mm:ssZ},{state},M-{random.Next(4)},phone,\"What it was about, as somebody wrote it down\"\n"));
        }
    }

    private static string Phone(int customer) => string.Create(CultureInfo.InvariantCulture, $"+49 30 {20_000_000 + customer}");

    private static async Task LookUpAsync(ICustomerDirectory directory, int many, int customers, Random random, CancellationToken cancellationToken)
    {
        foreach (var (callers, counted) in new[] { (1, false), (1, true), (16, true) })
        {
            var calls = Enumerable.Range(0, many).Select(_ => Call(random.Next(customers))).ToList();
            var took = new double[many];
            var next = -1;
            var (collections, paused, busy) = (GC.CollectionCount(0), GC.GetTotalPauseDuration(), Environment.CpuUsage.TotalTime);
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < many; i = Interlocked.Increment(ref next))
                {
                    var began = TimeProvider.System.GetTimestamp();
                    await foreach (var found in directory.LookUpAsync(calls[i], cancellationToken))
                        if (found.Match.Outcome != Contracts.MatchOutcome.Matched || found.Customer!.Interactions.IsEmpty) throw new InvalidDataException($"A look-up found {found.Match.Outcome}.");
                    took[i] = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
                }
            }, cancellationToken)));
            if (!counted) continue;
            Figures.Tell($"look-up, {callers} at once: {Figures.Of([.. took])}");
            Figures.Tell(Figures.Text(
                $"  {(Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / many:0} us of processor time each; {GC.CollectionCount(0) - collections} collections paused it for {(GC.GetTotalPauseDuration() - paused).TotalMilliseconds:0} ms in all"));
        }
    }

    private static async Task ForCallAsync(Microsoft.AspNetCore.Builder.WebApplication app, int many, int customers, Random random, CancellationToken cancellationToken)
    {
        var sink = app.Services.GetRequiredService<ICallScoreSink>();
        var calls = Enumerable.Range(0, 200).Select(_ => Call(random.Next(customers))).ToList();
        foreach (var call in calls) await sink.PublishAsync(new CallStarted(call, call.Origin), cancellationToken);
        using var channel = GrpcChannel.ForAddress(app.Urls.Single());
        var client = new History.HistoryClient(channel);
        var token = app.Services.GetRequiredService<TokenAuthority>().Issue(new Principal { Subject = "load", Role = PrincipalRole.Admin }, TimeSpan.FromHours(1));
        var headers = new Metadata { { "authorization", "Bearer " + token } };
        var took = new List<double>();
        for (var i = -500; i < many; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var found = await client.ForCallAsync(new ForCallRequest { CallId = calls[random.Next(calls.Count)].Id.Value }, headers, cancellationToken: cancellationToken);
            if (found.Customer is null) throw new InvalidDataException("ForCall found nobody.");
            if (i >= 0) took.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
        }

        Figures.Tell($"ForCall over gRPC, 200 live calls: {Figures.Of(took)}");
    }

    private static CallInfo Call(int customer)
    {
        var now = Instant.Now(TimeProvider.System);
        return new CallInfo
        {
            Id = CallId.From(Guid.CreateVersion7()), Origin = now, StartedAt = TimeProvider.System.GetUtcNow(), Source = "siprec", Team = "billing", Agent = "anna",
            Customer = Phone(customer),
            Legs = ImmutableArray.Create(new LegInfo { Id = new LegId(0), Role = Contracts.PartyRole.Customer, Party = new Party($"sip:{Phone(customer).Replace(" ", "", StringComparison.Ordinal)}@carrier.example", "") }),
        };
    }
}
