using System.Globalization;
using EdgeAssist.AlertRelay.Baseline;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Readiness;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Readiness</c>.</summary>
internal sealed class ReadinessService(RelayRuntime runtime, IOptions<AlertRelayOptions> options) : V1.Readiness.ReadinessBase
{
    private const int MaxCalls = 10_000, MaxDays = 1100, MaxTeams = 100;
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(7);

    public override async Task<V1.ReadinessReport> Check(V1.CheckReadinessRequest request, ServerCallContext context)
    {
        Caller.OfAdmin(context);
        if (request.PlannedCalls is < 0 or > MaxCalls) throw RelayStatus.Invalid($"planned_calls is {request.PlannedCalls}; 1 to {MaxCalls} fit, 0 stands for 10.");
        if (request.PlannedDays is < 0 or > MaxDays) throw RelayStatus.Invalid($"planned_days is {request.PlannedDays}; 1 to {MaxDays} fit, 0 stands for 30.");
        var (since, until) = Span(request.Since, request.Until);
        var facts = new ObservedFacts();
        await foreach (var call in CallsAsync(since, until, context.CancellationToken)) facts.Add(call);

        var plan = new ReadinessPlan();
        if (request.PlannedCalls > 0) plan = plan with { PlannedCalls = request.PlannedCalls };
        if (request.PlannedDays > 0) plan = plan with { Days = request.PlannedDays };
        var report = ReadinessReport.Of(facts.Build(Period.Text(since, until), options.Value.DataDirectory, historyAge: null, answered: null), plan);
        var response = new V1.ReadinessReport { Source = report.Source };
        response.Items.AddRange(report.Items.Select(item => new V1.ReadinessItem
        {
            Id = item.Id,
            Verdict = (V1.ReadinessVerdict)(item.Verdict + 1),
            Finding = item.Finding,
            Fix = item.Fix,
        }));
        return response;
    }

    public override async Task<V1.ProcessMap> GetProcessMap(V1.GetProcessMapRequest request, ServerCallContext context)
    {
        var principal = Caller.OfAdmin(context).Principal;
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        var (since, until) = Span(request.Since, request.Until);
        var builder = new ProcessMapBuilder();
        await foreach (var call in CallsAsync(since, until, context.CancellationToken))
        {
            if (request.Teams.Count == 0 || request.Teams.Contains(call.Info.Team)) builder.Add(call);
        }

        var map = builder.Build();
        runtime.Audit.Add(new AuditAct(principal.Subject, "process_map")
        {
            Team = string.Join(", ", request.Teams),
            Detail = string.Create(CultureInfo.InvariantCulture, $"{Period.Text(since, until)}, {map.Upset} of {map.Calls} calls"),
        });
        var response = new V1.ProcessMap { Calls = map.Calls, UpsetCalls = map.Upset, LeftOut = map.LeftOut, Html = ProcessMapPage.ToHtml(map, Period.Text(since, until)) };
        response.Steps.AddRange(map.Steps.Select(step => new V1.MapStep { Id = step.Id, Title = step.Title, Column = step.Column, Calls = step.Calls, Judgement = step.Judgement }));
        response.Edges.AddRange(map.Edges.Select(edge => new V1.MapEdge
        {
            From = edge.From,
            To = edge.To,
            Calls = edge.Calls,
            Median = edge.Median is { } median ? Duration.FromTimeSpan(median) : null,
            P90 = edge.P90 is { } late ? Duration.FromTimeSpan(late) : null,
        }));
        return response;
    }

    private IAsyncEnumerable<ObservedCall> CallsAsync(DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken) =>
        ObservedCalls.ReadAsync(runtime.Table.Journal.ReadAsync, runtime.Table.Journal.Epoch, runtime.Table.Journal.Oldest, since, until, cancellationToken);

    private (DateTimeOffset Since, DateTimeOffset Until) Span(Timestamp? since, Timestamp? until)
    {
        var to = until?.ToDateTimeOffset() ?? runtime.Table.Time.GetUtcNow();
        var from = since?.ToDateTimeOffset() ?? to - DefaultSpan;
        return from < to ? (from, to) : throw RelayStatus.Invalid("until is not behind since.");
    }
}
