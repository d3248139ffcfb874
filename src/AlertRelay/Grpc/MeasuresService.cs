using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.AlertRelay.Policy;
using Google.Protobuf;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Measures</c>.</summary>
internal sealed class MeasuresService(MeasuresRuntime measures, RelayRuntime relay) : V1.Measures.MeasuresBase
{
    private const int MaxTeams = 100, MaxListed = 1000;

    public override async Task<V1.Report> GetReport(V1.GetReportRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        var kind = Kind(request.Format);
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        return ToWire(await MakeAsync(measures, principal, request.From, request.To, request.Teams, kind, context.CancellationToken));
    }

    /// <summary>A report made now, up to the newest call that ended.</summary>
    /// <exception cref="RpcException">The days or the teams do not fit.</exception>
    public static async Task<WrittenReport> MakeAsync(
        MeasuresRuntime measures, Principal principal, string from, string to, IReadOnlyCollection<string> teams, ReportKind kind, CancellationToken cancellationToken)
    {
        if (teams.FirstOrDefault(team => !principal.Covers(team, "")) is { } others)
            throw RelayStatus.Forbidden($"Team {others} is out of your scope, or there is none.");

        var request = Parse(from, to, team => teams.Count == 0 ? principal.Covers(team, "") : teams.Contains(team));
        await measures.Projector.CatchUpAsync(cancellationToken);
        var known = measures.Store.Teams();
        if (teams.FirstOrDefault(team => !known.Contains(team)) is { } unknown) throw RelayStatus.Invalid($"No call of a team {unknown} has ended yet.");
        return ReportMaker.Write(ReportMaker.Calculate(measures.Store, request, measures.Zone, cancellationToken), kind);
    }

    public override Task<V1.ListReportsResponse> ListReports(V1.ListReportsRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        var response = new V1.ListReportsResponse();
        response.Reports.AddRange(measures.Shelf.List()
            .Where(report => IsWithin(principal, report) && (request.Team.Length == 0 || report.Teams.Contains(request.Team)))
            .Take(MaxListed)
            .Select(report => new V1.StoredReport { Name = report.Name, From = report.From, To = report.To, Teams = { report.Teams }, Due = report.Due, Answer = report.Answer }));
        return Task.FromResult(response);
    }

    public override Task<V1.Report> GetStoredReport(V1.GetStoredReportRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        return Task.FromResult(ToWire(ReadStored(measures, principal, request.Name, Kind(request.Format))));
    }

    /// <exception cref="RpcException">There is none of that name within the principal's scope.</exception>
    public static WrittenReport ReadStored(MeasuresRuntime measures, Principal principal, string name, ReportKind kind) =>
        measures.Shelf.List().FirstOrDefault(report => report.Name == name && IsWithin(principal, report)) is { } found
            ? measures.Shelf.Read(found, kind)
            : throw RelayStatus.NotFound("There is no report of that name, or it is out of your scope.");

    public override async Task<V1.ImportSatisfactionResponse> ImportSatisfaction(V1.ImportSatisfactionRequest request, ServerCallContext context)
    {
        var principal = Caller.OfAdmin(context).Principal;
        await measures.Projector.CatchUpAsync(context.CancellationToken);
        try
        {
            var outcome = SatisfactionImport.Run(measures.Store, request.File.ToByteArray(), request.Lowest, request.Highest, request.DryRun, measures.Time.GetUtcNow());
            if (!request.DryRun) relay.Audit.Add(new AuditAct(principal.Subject, "measures.import") { Detail = $"{outcome.Rows} rows of satisfaction, {outcome.Taken.Count} taken, {outcome.Refused.Count} refused" });
            return ToWire(outcome);
        }
        catch (FormatException unfit)
        {
            throw RelayStatus.Invalid(unfit.Message);
        }
    }

    public override Task<V1.Definitions> GetDefinitions(V1.GetDefinitionsRequest request, ServerCallContext context)
    {
        Caller.OfActor(context);
        var definitions = new V1.Definitions();
        definitions.Measures.AddRange(MeasureCatalog.All.Select(measure => new V1.MeasureDefinition
        {
            Name = measure.Name,
            Title = measure.Title,
            Unit = measure.Unit,
            Text = measure.Text,
            Population = measure.Population,
            Coverage = measure.Coverage,
            Better = measure.Better,
            Compared = measure.IsCompared,
        }));
        return Task.FromResult(definitions);
    }

    private static ReportRequest Parse(string from, string to, Func<string, bool> isIn)
    {
        try
        {
            return ReportRequest.Parse(from, to, isIn);
        }
        catch (FormatException unfit)
        {
            throw RelayStatus.Invalid(unfit.Message);
        }
    }

    private static bool IsWithin(Principal principal, ShelvedReport report) => report.Teams.All(team => principal.Covers(team, ""));

    private static ReportKind Kind(V1.ReportFormat format) => format switch
    {
        V1.ReportFormat.Unspecified or V1.ReportFormat.Html => ReportKind.Html,
        V1.ReportFormat.Csv => ReportKind.Csv,
        V1.ReportFormat.Json => ReportKind.Json,
        _ => throw RelayStatus.Invalid($"There is no format {format}."),
    };

    private static V1.Report ToWire(WrittenReport report) => new()
    {
        Name = report.Name,
        ContentType = report.ContentType,
        Content = ByteString.CopyFrom(report.Content),
        Sha256 = report.Sha256,
        Answer = report.Answer,
    };

    private static V1.ImportSatisfactionResponse ToWire(SatisfactionOutcome outcome)
    {
        var response = new V1.ImportSatisfactionResponse { Rows = outcome.Rows, Imported = outcome.Taken.Count, Unchanged = outcome.Unchanged };
        foreach (var (reason, count) in outcome.Reasons) response.Refused[reason] = count;
        response.RefusedRows.AddRange(outcome.Refused.Take(MaxListed).Select(row => new V1.RefusedRow { Line = row.Line, Reason = row.Reason, Sentence = row.Sentence }));
        return response;
    }
}
