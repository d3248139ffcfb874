using System.Globalization;
using System.Xml.Linq;
using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Reports;
using EdgeAssist.AlertRelay.Measures.Statistics;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

public sealed class ReportTests
{
    private static readonly DateTimeOffset First = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ReportKind.Html)]
    [InlineData(ReportKind.Csv)]
    [InlineData(ReportKind.Json)]
    public void The_same_data_give_the_same_bytes_whatever_their_order_the_culture_and_the_store(ReportKind kind)
    {
        var rows = Rows(effect: -40);
        using var one = new TempDirectory();
        using var other = new TempDirectory();
        var expected = Write(one, rows, kind);

        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~", NumberGroupSeparator = "." } };
        try
        {
            Assert.Equal(expected, Write(other, (rows.Calls.AsEnumerable().Reverse().ToList(), rows.Alerts.AsEnumerable().Reverse().ToList()), kind));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void A_known_effect_is_the_first_thing_said()
    {
        var report = Report(Rows(effect: -40));

        Assert.StartsWith("Time per de-escalation cycle fell by ", report.Answer, StringComparison.Ordinal);
        var difference = report.Results[0].Effect!.Difference;
        Assert.InRange(-40, difference.Low, difference.High);
    }

    [Fact]
    public void Without_an_effect_it_says_so_and_what_could_have_been_found()
    {
        var report = Report(Rows(effect: 0));

        Assert.StartsWith("No effect was found", report.Answer, StringComparison.Ordinal);
        Assert.Contains("would have been found in four of five cases", report.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_days_say_not_enough_data_in_place_of_a_number()
    {
        var (calls, alerts) = Rows(effect: -40);
        var start = First.AddDays(38);   // four days before the change
        var report = Report(([.. calls.Where(call => call.Started >= start)], [.. alerts.Where(alert => alert.Opened >= start)]));

        Assert.StartsWith("Not enough data to say whether it helped: ", report.Answer, StringComparison.Ordinal);
        Assert.Contains("at least 14 days", report.Answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_change_there_are_levels_only()
    {
        var (calls, alerts) = Rows(effect: 0);
        var report = Report(([.. calls.Where(call => call.Team == "sales")], [.. alerts.Where(alert => alert.Team == "sales")]));

        Assert.StartsWith("No team changed", report.Answer, StringComparison.Ordinal);
        Assert.True(report.Results[0].Level.IsKnown);
        Assert.All(report.Results, result => Assert.Null(result.Effect));
    }

    [Fact]
    public void The_page_is_well_formed_loads_nothing_and_runs_nothing()
    {
        using var directory = new TempDirectory();
        var html = System.Text.Encoding.UTF8.GetString(Write(directory, Rows(effect: -40, team: "<script>alert(1)</script>"), ReportKind.Html));

        var page = XDocument.Parse(html.Replace("<meta charset=\"utf-8\">", "", StringComparison.Ordinal)
            .Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)
            .Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal)
            .Replace("light dark\">", "light dark\"/>", StringComparison.Ordinal)
            .Replace("<br>", "<br/>", StringComparison.Ordinal));
        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "link" or "img" or "iframe");
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName is "src" or "href" || attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(page.Descendants("svg"), plot => Assert.True(plot.Element("title") is not null || plot.Attribute("aria-label") is not null));
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_definition_is_printed_and_use_of_the_product_is_no_measure()
    {
        using var directory = new TempDirectory();
        var html = System.Text.Encoding.UTF8.GetString(Write(directory, Rows(effect: 0), ReportKind.Html));

        foreach (var measure in MeasureCatalog.All) Assert.Contains(new Html().Text(measure.Text).ToString(), html, StringComparison.Ordinal);
        Assert.DoesNotContain(MeasureCatalog.All, measure => measure.Title.Contains("use", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(System.Enum.GetValues<MeasureId>().Length, MeasureCatalog.All.Count);
        Assert.All(MeasureCatalog.All, measure => Assert.Same(measure, MeasureCatalog.Of(measure.Id)));
    }

    [Fact]
    public void A_csv_row_never_begins_a_formula()
    {
        using var directory = new TempDirectory();
        var csv = System.Text.Encoding.UTF8.GetString(Write(directory, Rows(effect: 0, team: "=1+1"), ReportKind.Csv));

        Assert.Contains(",'=1+1,", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",=1+1", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void A_customer_that_calls_again_within_seven_days_is_rework_and_a_later_or_overlapping_call_is_not()
    {
        var builder = new FrameBuilder(0, 30, TimeZoneInfo.Utc, ["a", "b"], dataEnd: Hours(24 * 60));
        void Call(double hour, long? customer, int team = 0) => builder.AddCall(team, Hours(hour), Hours(hour + 1), false, customer, Mode.Observe, false, true, 0, 0);

        Call(10, 1);
        Call(10.5, 1);              // the first has not ended: the same conversation
        Call(11, null);
        Call(11.5 + 24 * 7, 1, 1);  // exactly seven days after the second, at another team
        Call(40 + 24 * 14, 1);      // more than seven days after that
        var tally = builder.Build(ImportCounts.None, 0, null).Tallies[MeasureId.Rework];

        Assert.Equal([(0, 0.0), (0, 1.0), (1, 0.0), (0, 0.0)], tally.Cells.OrderBy(cell => cell.Day).ThenBy(cell => cell.Hour).SelectMany(cell => Split(cell)));
        Assert.Equal(1, tally.Reasons["customer not known"]);
        static IEnumerable<(int, double)> Split(Cell cell) => Enumerable.Range(0, (int)cell.Count).Select(i => (cell.Team, i == 1 ? cell.Sum : cell.Count == 1 ? cell.Sum : 0.0));
    }

    [Fact]
    public void Days_and_hours_are_the_sites()
    {
        var builder = new FrameBuilder(1, 2, TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(2), "x", "x"), ["a"], 0);
        builder.AddCall(0, Hours(22.5), Hours(23), false, null, Mode.Observe, false, true, 0, 0);   // 0:30 of day 1 there
        builder.AddCall(0, Hours(21.5), Hours(23), false, null, Mode.Observe, false, true, 0, 0);   // still day 0
        var cell = builder.Build(ImportCounts.None, 0, null).Tallies[MeasureId.EscalatingCalls].Cells.Single();

        Assert.Equal((1, 0, 1L), (cell.Day, cell.Hour, cell.Count));
    }

    [Fact]
    public void Looks_are_planned_by_the_day_of_the_change_alone()
    {
        var changed = DayText.Number(new DateOnly(2026, 2, 16));

        var looks = LookPlan.Of(changed);

        Assert.Equal(["2026-03-18", "2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"], looks.Select(look => DayText.Of(look.Due)));
        Assert.All(looks, look => Assert.True(look.Hurdle > 1.96));
        Assert.Equal("2026-01-17", DayText.Of(looks[0].From));
    }

    [Fact]
    public void Reports_by_the_calendar_are_made_once_when_due_and_forgotten_after_their_retention()
    {
        using var directory = new TempDirectory();
        using var store = Store(directory, Rows(effect: -40));
        var folder = Path.Combine(directory.Path, "reports");
        var shelf = new ReportShelf(store, folder, TimeZoneInfo.Utc, TimeSpan.FromDays(365));

        Assert.Empty(shelf.Run(First.AddDays(42 + 30).AddHours(1), default));
        var look = shelf.Run(First.AddDays(42 + 30).AddHours(4), default);
        var quarter = shelf.Run(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero), default);
        var bytes = File.ReadAllBytes(Path.Combine(folder, look[0] + ".html"));
        Assert.Empty(shelf.Run(new DateTimeOffset(2026, 4, 2, 12, 0, 0, TimeSpan.Zero), default));

        Assert.Equal(["change-2026-02-16-look-1"], look);
        Assert.Equal(["change-2026-02-16-look-2", "quarter-2026-Q1"], quarter.Order());
        Assert.Contains("Planned look 1 of 5", System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(bytes, shelf.Read(shelf.List().Single(report => report.Name == look[0]), ReportKind.Html).Content);
        shelf.Run(First.AddDays(42 + 30 + 366 + 1), default);
        Assert.DoesNotContain(shelf.List(), report => report.Name == look[0]);
        Assert.False(File.Exists(Path.Combine(folder, look[0] + ".html")));
    }

    private static long Hours(double hours) => (long)(hours * 3_600_000);

    private static byte[] Write(TempDirectory directory, (List<CallRow>, List<AlertRow>) rows, ReportKind kind)
    {
        using var store = Store(directory, rows);
        return ReportMaker.Write(Calculate(store), kind).Content;
    }

    private static ReportModel Report((List<CallRow>, List<AlertRow>) rows)
    {
        using var directory = new TempDirectory();
        using var store = Store(directory, rows);
        return Calculate(store);
    }

    private static ReportModel Calculate(MeasuresStore store) =>
        ReportMaker.Calculate(store, ReportRequest.Parse("2026-01-05", "2026-03-30", _ => true), TimeZoneInfo.Utc, default);

    private static MeasuresStore Store(TempDirectory directory, (List<CallRow> Calls, List<AlertRow> Alerts) rows)
    {
        var store = MeasuresStore.Open(directory.Path);
        store.Apply(new RowBatch(new ProjectorPlace("e", 1, 0), rows.Calls, rows.Alerts));
        return store;
    }

    /// <summary>84 days, a team that is assisted from the 43rd on and one that is not, ten alerts a day each.</summary>
    private static (List<CallRow> Calls, List<AlertRow> Alerts) Rows(double effect, string team = "billing")
    {
        var random = new SeededRandom(12);
        var (calls, alerts) = (new List<CallRow>(), new List<AlertRow>());
        for (var number = 0; number < 84 * 20; number++)
        {
            var (day, ofBilling) = (number / 20, number % 2 == 0);
            var start = First.AddDays(day).AddHours(9 + number % 20 / 3).AddSeconds(number % 60);
            var mode = ofBilling && day >= 42 ? Mode.Assist : Mode.Observe;
            var seconds = 150 + 40 * random.NextNormal() + (mode == Mode.Assist ? effect : 0);
            var call = new CallRow
            {
                CallId = FormattableString.Invariant($"c{number}"), Team = ofBilling ? team : "sales", Started = start, Ended = start.AddSeconds(600), Mode = mode,
                Customer = number % 97, Scored = true, Transfers = number % 11 == 0 ? 1 : 0, Alerts = 1,
            };
            calls.Add(call);
            alerts.Add(new AlertRow
            {
                AlertId = FormattableString.Invariant($"a{number}"), CallId = call.CallId, Team = call.Team, Mode = mode, Opened = start.AddSeconds(20), Level = 3,
                Calmed = number % 25 == 0 ? null : start.AddSeconds(20 + seconds), Acted = mode == Mode.Assist ? start.AddSeconds(40) : null, Shown = mode == Mode.Assist,
                Verdict = mode == Mode.Observe ? Verdict.None : number % 6 == 0 ? Verdict.Wrong : Verdict.Right,
            });
        }

        return (calls, alerts);
    }
}
