using System.Text;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Import;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.History;

public sealed class HistoryImportTests : IDisposable
{
    private const string Plain = """
        source: crm
        region: DE
        customer:
          key: customer
          identifiers: [ { number: phone } ]
        interactions:
          - kind: kind
            id: id
            at: at
            state: state
            summary: text
            rating: { field: stars, from: 1, to: 5 }
        """;

    private const string Header = "id,customer,phone,kind,at,state,text,stars\n";

    private readonly TempDirectory _directory = new();
    private readonly HistoryStore _store;
    private readonly List<ImportFault> _faults = [];

    public HistoryImportTests() => _store = HistoryStore.Open(_directory.Path);

    public void Dispose()
    {
        _store.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void The_sample_export_becomes_histories()
    {
        var report = Import(Sample("crm.yaml"), Path.Combine(Samples, "crm.csv"));

        Assert.Empty(_faults);
        Assert.Equal((8, 8, 0), (report.Rows, report.Added, report.BadRows));
        Assert.Equal(["K-4711"], _store.Read(reader => reader.Whose(new Identifier(IdentifierKind.Number, "+4915155501234"))));
        Assert.Equal(["K-4712"], _store.Read(reader => reader.Whose(new Identifier(IdentifierKind.Aor, "max@firma.example"))));
        var erika = _store.Read(reader => reader.Customer("K-4711", Past.Window, Past.Now))!;
        Assert.Equal(("Erika Mustermann", 2.5, "de-DE"), (erika.Name, erika.Value, erika.Locale));
        Assert.Equal(["1004", "1003", "1001", "1002", "1006", "1005"], erika.Interactions.Select(interaction => interaction.SourceId));
        Assert.Equal(new DateTimeOffset(2026, 11, 10, 16, 42, 0, TimeSpan.Zero), erika.Interactions[0].At);   // 17:42 in Berlin
        Assert.Equal("Rückruf bis Mittwoch unter ***", erika.Interactions[1].Summary);
        Assert.Equal("Router blinkt rot; \"schon wieder\"", erika.Interactions[3].Summary);
        Assert.Equal((0.25, 15.00m, "EUR"), (erika.Interactions[4].Rating, erika.Interactions[5].Amount, erika.Interactions[5].Currency));
        Assert.Equal(new CustomerHistory { OpenCases = 1, RecentContacts = 2, BrokenPromises = 1 }, HistoryCounts.Of(erika.Interactions, Past.Now));
    }

    [Fact]
    public void The_sample_of_lines_of_JSON_becomes_histories()
    {
        var report = Import(Sample("tickets.yaml"), Path.Combine(Samples, "tickets.ndjson"));

        Assert.Empty(_faults);
        Assert.Equal((2, 2), (report.Rows, report.Added));
        var daniel = _store.Read(reader => reader.Customer("H-1", Past.Window, Past.Now))!;
        Assert.Equal(["P-1", "T-1", "T-0"], daniel.Interactions.Select(interaction => interaction.SourceId));
        Assert.Equal(InteractionState.Broken, daniel.Interactions[0].State);
        Assert.Equal(["H-1"], _store.Read(reader => reader.Whose(new Identifier(IdentifierKind.CustomerId, "77001"))));
        Assert.Empty(_store.Read(reader => reader.Customer("H-2", Past.Window, Past.Now))!.Interactions);
    }

    [Theory]
    [InlineData("crm.yaml", "crm.csv")]
    [InlineData("tickets.yaml", "tickets.ndjson")]
    public void The_same_file_again_changes_nothing(string mapping, string rows)
    {
        Import(Sample(mapping), Path.Combine(Samples, rows));
        var before = Dump();

        var again = Import(Sample(mapping), Path.Combine(Samples, rows));

        Assert.Equal((again.Rows, 0, 0), (again.Unchanged, again.Added, again.Changed));
        Assert.Equal(before, Dump());
    }

    [Fact]
    public void Bad_rows_are_told_with_line_and_column_and_the_others_are_taken()
    {
        var file = Write("rows.csv", Header + """
            1,c-1,030 5550100,contact,2026-11-01,,fine,
            2,c-1,030 5550100,visit,2026-11-01,,no such kind,
            3,c-1,030 5550100,contact,01.11.2026,,no such time,
            4,c-1,call me,contact,2026-11-01,,no number,
            5,,030 5550100,contact,2026-11-01,,nobody's,
            6,c-1,030 5550100,contact,2026-11-01
            7,c-1,030 5550100,contact,2026-11-01,,"never closed,
            8,c-1,030 5550100,satisfaction,2026-11-01,,two faults at once,9
            ,c-1,030 5550100,contact,,open,no id and no time,
            10,c-1,030 5550100,contact,2026-11-01,kept,a contact cannot be kept,
            11,c-1,030 5550100,ticket,2026-11-01T10:00+01:00,open,"two
            lines",
            """ + "\n12,c-1,030 5550100,contact,2026-11-01,,\ufffd,\n13,c-2,030 5550101,satisfaction,2026-11-01,,fine,5\n");

        var report = Import(Plain, file);

        Assert.Equal(
        [
            "rows.csv:3:19: kind: \"visit\" is none of contact, ticket, promise, credit, order, satisfaction.",
            "rows.csv:4:27: at: \"01.11.2026\" is no time as the mapping writes them.",
            "rows.csv:5:7: phone is no number.",
            "rows.csv:6:3: customer: key is empty.",
            "rows.csv:7:37: The row has 5 fields, the header 8.",
            "rows.csv:8:39: A quote that is opened here is not closed where it should be: text follows the next one, on line 12.",
            "rows.csv:9:63: rating: 9 is outside 1 to 5.",
            "rows.csv:10:26: at is empty.",
            "rows.csv:11:39: A contact cannot be kept.",
            "rows.csv:14:40: The text is not in the encoding that the mapping names.",
        ], _faults.Select(fault => fault.ToString()));
        Assert.Equal((13, 10, 3), (report.Rows, report.BadRows, report.Added));
        Assert.Equal(["11", "1"], _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now))!.Interactions.Select(interaction => interaction.SourceId));
    }

    [Fact]
    public void Bad_lines_of_JSON_are_told_with_line_and_column_and_the_others_are_taken()
    {
        const string mapping = """
            source: shop
            format: ndjson
            customer: { key: who.id }
            interactions: [ { kind: kind, id: id, at: when } ]
            """;
        var file = Write("rows.ndjson", """
            {"who":{"id":"c-1"},"kind":"order","id":"1","when":"2026-11-01T00:00:00Z"}
            {"who":{"id":"c-1"},"kind":"order","id":"2","when":
            ["not an object"]

            {"who":{"id":"c-1"},"kind":"order","id":"3","when":"yesterday"}
            {"who":{"id":7},"kind":"order","id":4,"when":"2026-11-01"}
            """);

        var report = Import(mapping, file);

        Assert.Equal(["2:52", "3:1", "5:45"], _faults.Select(fault => $"{fault.Line}:{fault.Column}"));
        Assert.Equal((5, 3, 2), (report.Rows, report.BadRows, report.Added));
        Assert.NotNull(_store.Read(reader => reader.Customer("7", Past.Window, Past.Now)));
    }

    [Fact]
    public void A_dry_run_tells_the_same_and_writes_nothing()
    {
        var file = Write("rows.csv", Header + "1,c-1,030 5550100,contact,2026-11-01,,fine,\n2,c-1,x,contact,2026-11-01,,bad,\n");

        var report = new HistoryImport(MappingFile.Parse("map.yaml", Plain), null, "", Past.Now).Run(file, _faults.Add, null, Patience.Normal);

        Assert.Equal((2, 1), (report.Rows, report.BadRows));
        Assert.Single(_faults);
        Assert.Equal((0, 0), _store.Read(reader => reader.Totals()));
    }

    [Fact]
    public void An_older_export_does_not_undo_a_newer_one()
    {
        var newer = Write("new.csv", Header + "1,c-1,030 5550100,ticket,2026-11-01,closed,,\n");
        var older = Write("old.csv", Header + "1,c-1,030 5550100,ticket,2026-11-01,open,,\n");
        Import(Plain, newer, Past.Now);

        var report = Import(Plain, older, Past.Now.AddDays(-1));

        Assert.Equal((1, 0), (report.Older, report.Changed));
        Assert.Equal(InteractionState.Closed, _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now))!.Interactions.Single().State);
    }

    [Fact]
    public void An_import_that_is_stopped_is_finished_by_running_it_again()
    {
        var file = Write("rows.csv", Header + string.Concat(Enumerable.Range(1, 10_000).Select(row => $"{row},c-{row % 50},,contact,2026-11-01,,,\n")));
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => new HistoryImport(MappingFile.Parse("map.yaml", Plain), _store, "", Past.Now).Run(file, _faults.Add, _ => stop.Cancel(), stop.Token));
        var taken = _store.Read(reader => reader.Totals()).Interactions;
        var stale = _store.Read(reader => reader.Statistics()).Sources.Single().AsOf;
        var report = Import(Plain, file);

        Assert.InRange(taken, 1, 9_999);
        Assert.Equal(DateTimeOffset.UnixEpoch, stale);   // half an export does not make a source fresh
        Assert.Equal((taken, 10_000 - taken), (report.Unchanged, report.Added));
        Assert.Equal(Past.Now, _store.Read(reader => reader.Statistics()).Sources.Single().AsOf);
    }

    [Theory]
    [InlineData("source: crm\ncustomer: { key: id }\nfrom: here\n", "map.yaml:3:1: the key \"from\" is unknown here;")]
    [InlineData("customer: { key: id }\n", "map.yaml:1:1: source is missing.")]
    [InlineData("source: crm\ncustomer:\n  name: n\n", "map.yaml:3:3: key is missing.")]
    [InlineData("source: crm\nregion: Germany\ncustomer: { key: id }\n", "map.yaml:2:9: region: \"Germany\" is no country;")]
    [InlineData("source: crm\nformat: xml\ncustomer: { key: id }\n", "map.yaml:2:9: format: \"xml\" is unknown; csv, ndjson, json fit.")]
    [InlineData("source: crm\ncustomer: { key: id }\ninteractions:\n  - kind: { value: visit }\n    id: i\n    at: a\n", "map.yaml:4:11: kind: \"visit\" is unknown;")]
    [InlineData("source: crm\ncustomer:\n  key: id\n  identifiers: [ { fax: f } ]\n", "map.yaml:4:18: identifiers: \"fax\" is no kind;")]
    [InlineData("source: crm\ncustomer: { key: id\n", "map.yaml:")]
    [InlineData("source: crm\ntime: { zone: Mars/Base }\ncustomer: { key: id }\n", "map.yaml:2:15: zone: \"Mars/Base\" is unknown;")]
    [InlineData("", "map.yaml:1:1: the file is empty.")]
    [InlineData("- a\n", "map.yaml:1:1: a mapping of keys to values is expected here.")]
    public void A_mapping_that_cannot_be_used_says_where(string yaml, string expected)
    {
        var refused = Assert.Throws<MappingException>(() => MappingFile.Parse("map.yaml", yaml));

        Assert.StartsWith(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_the_file_does_not_have_is_told_at_its_place_in_the_mapping()
    {
        var file = Write("rows.csv", "id,customer\n1,c-1\n");

        var refused = Assert.Throws<MappingException>(() => Import(Plain, file));

        Assert.Equal("map.yaml:5:28: \"phone\" is no column of rows.csv; its header has id, customer.", refused.Message);
    }

    [Theory]
    [InlineData("2026-11-01", "2026-10-31T23:00:00Z")]
    [InlineData("2026-07-01 08:30", "2026-07-01T06:30:00Z")]
    [InlineData("2026-11-01T08:30:15.5Z", "2026-11-01T08:30:15.5Z")]
    [InlineData("2026-11-01T08:30:15+02:00", "2026-11-01T06:30:15Z")]
    [InlineData("1.7.2026", "2026-06-30T22:00:00Z")]
    [InlineData("7/1/2026", null)]
    [InlineData("2026-13-01", null)]
    public void Times_are_read_as_the_mapping_says_and_never_guessed(string text, string? expected)
    {
        var rules = new TimeRules(TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), ["d.M.yyyy"]);

        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), rules.Read(text));
    }

    private static string Samples
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (Directory.Exists(Path.Combine(folder.FullName, "samples", "history"))) return Path.Combine(folder.FullName, "samples", "history");
            throw new DirectoryNotFoundException("samples/history is not above the tests.");
        }
    }

    private static string Sample(string mapping) => File.ReadAllText(Path.Combine(Samples, mapping));

    private ImportReport Import(string mapping, string file, DateTimeOffset? asOf = null) =>
        new HistoryImport(MappingFile.Parse("map.yaml", mapping), _store, "", asOf ?? Past.Now).Run(file, _faults.Add, null, Patience.Normal);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private string Dump() => string.Join('\n', _store.Read(reader => reader.Statistics()).Sources.Select(source => source.ToString()))
        + string.Join('\n', new[] { "K-4711", "K-4712", "H-1", "H-2" }.Select(key => _store.Read(reader => reader.Customer(key, Past.Window, Past.Now)) is { } customer
            ? $"{customer with { Interactions = [] }} {string.Join(';', customer.Interactions)}" : key));
}
