using System.Net;
using System.Net.Http.Headers;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.MeasuresBench;
using EdgeAssist.MeasuresBench.CallCentre;
using Google.Protobuf;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

/// <summary>A small call centre whose truth is known, played through the interfaces that everybody uses. <c>perf/MeasuresBench callcentre</c> plays 90 days.</summary>
public sealed class CallCentreTests(ITestOutputHelper output)
{
    private static readonly WorldSettings Small = new() { Seed = 3, Days = 56, ChangeDay = 28, CallsPerDay = 9, CalmFactor = 0.35, NeverFactor = 0.3 };

    [Fact]
    public async Task A_known_effect_that_went_in_by_the_interfaces_comes_out_in_the_report()
    {
        using var directory = new TempDirectory();
        await using var site = await Site.StartAsync(directory.Path, Small.FirstDay);
        var plan = World.Plan(Small);
        await new Play(site, Small).RunAsync(plan, Patience.Of(300));
        var measures = new V1.Measures.MeasuresClient(site.Invoker);
        var admin = site.As("root", PrincipalRole.Admin);

        var import = await measures.ImportSatisfactionAsync(new V1.ImportSatisfactionRequest { File = ByteString.CopyFrom(Play.SatisfactionFile(plan)), Lowest = 1, Highest = 5 }, admin);
        var report = await measures.GetReportAsync(Request(), admin);
        var again = await measures.GetReportAsync(Request(), admin);
        var json = System.Text.Json.JsonDocument.Parse((await measures.GetReportAsync(Request(V1.ReportFormat.Json), admin)).Content.Memory).RootElement;

        var truth = World.TrueEffect(plan);
        output.WriteLine($"truth {truth:0.0} s: {report.Answer}");
        Assert.StartsWith("Time per de-escalation cycle fell by ", report.Answer, StringComparison.Ordinal);
        var difference = json.GetProperty("measures")[0].GetProperty("effect").GetProperty("difference");
        Assert.InRange(truth, difference.GetProperty("low_95").GetDouble(), difference.GetProperty("high_95").GetDouble());
        Assert.Equal(plan.Count(call => call.EscalatesAt is not null), json.GetProperty("measures")[0].GetProperty("level").GetProperty("units").GetInt64());
        Assert.Equal(report.Content, again.Content);
        Assert.Equal(plan.Count(call => call.Satisfaction is not null), import.Imported);
        Assert.Equal(["bad_score", "double_row", "impossible_date", "unknown_call"], import.Refused.Keys.Order());

        await SilentBeforeAsync(site, plan);
        await AsFilesAsync(site, report, measures, admin);
        await ScopesAsync(site, measures);
    }

    [Fact]
    public async Task A_world_without_an_effect_is_reported_as_one()
    {
        var settings = Small with { CalmFactor = 1, NeverFactor = 1 };
        using var directory = new TempDirectory();
        await using var site = await Site.StartAsync(directory.Path, settings.FirstDay);
        await new Play(site, settings).RunAsync(World.Plan(settings), Patience.Of(300));

        var report = await new V1.Measures.MeasuresClient(site.Invoker).GetReportAsync(Request(), site.As("root", PrincipalRole.Admin));

        output.WriteLine(report.Answer);
        Assert.StartsWith("No effect was found", report.Answer, StringComparison.Ordinal);
    }

    /// <summary>The bounded version of <c>perf/MeasuresBench coverage</c>: within three standard errors of what is promised.</summary>
    [Theory]
    [InlineData(0, false, true)]
    [InlineData(-20, false, true)]
    [InlineData(0, true, false)]
    public void The_interval_holds_the_truth_as_often_as_it_says(double effect, bool isShare, bool isDifference)
    {
        var result = CoverageTrial.Run(120, effect, isShare, isDifference, seed: 5000, replicates: 100);

        output.WriteLine($"{result}");
        Assert.InRange(result.Coverage, 0.95 - 3 * Math.Sqrt(0.95 * 0.05 / 120), 1);
        if (effect == 0) Assert.InRange(result.AlarmRate, 0, 0.05 + 3 * Math.Sqrt(0.95 * 0.05 / 120));
        else Assert.True(result.AlarmRate > 0.5, "A real effect is hardly ever seen.");
    }

    private static V1.GetReportRequest Request(V1.ReportFormat format = V1.ReportFormat.Html) => new() { From = "2026-01-05", To = "2026-03-02", Format = format };

    // What was only observed was shown to nobody.
    private static async Task SilentBeforeAsync(Site site, IReadOnlyList<PlannedCall> plan)
    {
        var listed = await new V1.Alerts.AlertsClient(site.Invoker).ListAsync(new V1.ListAlertsRequest { PageSize = 1000 }, site.As("sue", PrincipalRole.Supervisor, "*"));
        Assert.Equal(plan.Where(call => call is { Assisted: true, EscalatesAt: not null }).Select(call => call.Id).Order(), listed.Alerts.Select(alert => alert.CallId).Order());
    }

    private static async Task AsFilesAsync(Site site, V1.Report report, V1.Measures.MeasuresClient measures, Metadata admin)
    {
        using var http = new HttpClient { BaseAddress = site.Web };
        async Task<HttpResponseMessage> GetAsync(string path, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await http.SendAsync(request, Patience.Normal);
        }

        var root = site.Token("root", PrincipalRole.Admin);
        const string Path = "/measures/report?from=2026-01-05&to=2026-03-02";
        var page = await GetAsync(Path, root);
        Assert.Equal(report.Content.ToByteArray(), await page.Content.ReadAsByteArrayAsync(Patience.Normal));
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await GetAsync(Path, null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(Path, site.Token("anna", PrincipalRole.Agent))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(Path + "&team=sales", site.Token("sue", PrincipalRole.Supervisor, "billing"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(Path + "&format=exe", root)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync("/measures/report?from=2026-01-05&to=yesterday", root)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/measures/reports/..%2Fjournal", root)).StatusCode);

        // The look at 30 days is not due yet: the change is 28 days old.
        Assert.Empty((await measures.ListReportsAsync(new V1.ListReportsRequest(), admin)).Reports);
    }

    private static async Task ScopesAsync(Site site, V1.Measures.MeasuresClient measures)
    {
        var own = await measures.GetReportAsync(Request(V1.ReportFormat.Csv), site.As("sue", PrincipalRole.Supervisor, "billing"));
        var csv = own.Content.ToStringUtf8();
        Assert.Contains(",billing,", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("support", csv, StringComparison.Ordinal);
        Assert.DoesNotContain("sales", csv, StringComparison.Ordinal);
        Assert.Contains("there is no team without the change to compare with", csv, StringComparison.Ordinal);
    }
}
