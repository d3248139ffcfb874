using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Policies</c>.</summary>
internal sealed class PoliciesService(RelayRuntime runtime) : V1.Policies.PoliciesBase
{
    private const int MaxTeam = 200, MaxReason = 1000, MaxTeams = 100;

    public override Task<V1.PolicyState> Get(V1.GetPolicyRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        var modes = runtime.Table.Writer.State.Modes;
        var teams = request.Teams.Count > 0
            ? request.Teams.Distinct(StringComparer.Ordinal)
            : modes.Newest.Where(newest => newest.Mode != V1.PolicyMode.Unspecified).Select(newest => newest.Team);
        var state = new V1.PolicyState { Default = TeamPolicy(TeamModes.Others, modes) };
        state.Teams.AddRange(teams.Where(team => team != TeamModes.Others && principal.Covers(team, "")).Select(team => TeamPolicy(team, modes)));
        return Task.FromResult(state);
    }

    public override async Task<V1.TeamPolicy> Set(V1.SetPolicyRequest request, ServerCallContext context)
    {
        var caller = Caller.OfAdmin(context);
        Limits.CheckRequestId(request.RequestId);
        if (string.IsNullOrWhiteSpace(request.Reason)) throw RelayStatus.Invalid("A switch needs a reason: it is audited.");
        if (string.IsNullOrWhiteSpace(request.Team)) throw RelayStatus.Invalid($"There is no team in the request; «{TeamModes.Others}» stands for those without a mode of their own.");
        if (request.Mode > V1.PolicyMode.Observe) throw RelayStatus.Invalid($"There is no mode {request.Mode}.");
        Limits.Check(nameof(request.Team), request.Team, MaxTeam);
        Limits.Check(nameof(request.Reason), request.Reason, MaxReason);

        var answer = await runtime.Table.Writer.SwitchAsync(new V1.PolicySwitch
        {
            Team = request.Team,
            Mode = request.Mode,
            Actor = caller.Principal.Subject,
            Reason = request.Reason,
            RequestId = request.RequestId,
            Configured = runtime.Table.Writer.State.Modes.NewestOf(request.Team)?.Configured ?? V1.PolicyMode.Unspecified,
        }, RequestKeys.Of(caller.Principal.Subject, request.RequestId), context.CancellationToken);
        if (answer.Policy is not { } made) throw RelayStatus.From(answer);
        return new V1.TeamPolicy
        {
            Team = made.Team,
            Mode = made.Mode == V1.PolicyMode.Unspecified ? runtime.Table.Writer.State.Modes.Of(made.Team) : made.Mode,
            Since = made.At,
            Actor = made.Actor,
            Reason = made.Reason,
            Inherited = made.Mode == V1.PolicyMode.Unspecified,
        };
    }

    public override Task<V1.PolicyHistoryResponse> History(V1.PolicyHistoryRequest request, ServerCallContext context)
    {
        Caller.OfAdmin(context);
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        var size = Paging.Size(request.PageSize);
        var found = runtime.Audit.Switches(request.Teams, Paging.Read(request.PageToken), size);
        var response = new V1.PolicyHistoryResponse { NextPageToken = found.Count == size ? Paging.Write(found[^1].Number) : "" };
        response.Switches.AddRange(found.Select(each => each.Made));
        return Task.FromResult(response);
    }

    public override async Task<V1.ListAlertsResponse> ListWouldBe(V1.ListWouldBeRequest request, ServerCallContext context)
    {
        var principal = Caller.OfAdmin(context).Principal;
        Limits.Check("teams", request.Teams.Count, MaxTeams);
        var view = new AlertView(new V1.AlertFilter { Teams = { request.Teams }, IncludeSuppressed = true }, principal);
        var (found, next) = await Paging.ReadAsync(runtime.Table.Journal, JournalKind.AlertOpened, request.PageSize, request.PageToken, async stored =>
            await runtime.Table.Journal.ReadAlertAsync(stored.Record.AlertId, context.CancellationToken) is { } newest
                && RelayEventCodec.ToEvent(newest, runtime.Table.Journal.Epoch).Alert!.Alert is { Mode: V1.PolicyMode.Observe } alert && view.Finds(alert) ? view.Show(alert) : null,
            context.CancellationToken);
        runtime.Audit.Add(new AuditAct(principal.Subject, "alerts.would_be")
        {
            Team = string.Join(", ", request.Teams),
            Detail = $"{found.Count} would-be alerts listed",
        });
        return new V1.ListAlertsResponse { Alerts = { found }, NextPageToken = next };
    }

    public override Task<V1.ListAuditResponse> ListAudit(V1.ListAuditRequest request, ServerCallContext context)
    {
        Caller.OfAdmin(context);
        var size = Paging.Size(request.PageSize);
        var entries = runtime.Audit.List(new AuditFilter
        {
            Actor = request.Actor,
            Action = request.Action,
            CallId = request.CallId,
            Since = request.Since?.ToDateTimeOffset() ?? DateTimeOffset.MinValue,
            Until = request.Until?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue,
        }, Paging.Read(request.PageToken), size);
        var response = new V1.ListAuditResponse { NextPageToken = entries.Count == size ? Paging.Write(entries[^1].Number) : "" };
        response.Entries.AddRange(entries);
        return Task.FromResult(response);
    }

    private static V1.TeamPolicy TeamPolicy(string team, TeamModes modes)
    {
        var own = modes.Own(team) is not null;
        var newest = own ? modes.NewestOf(team) : modes.NewestOf(TeamModes.Others);
        return new V1.TeamPolicy
        {
            Team = team,
            Mode = modes.Of(team),
            Since = newest?.At,
            Actor = newest?.Actor ?? "",
            Reason = newest?.Reason ?? "",
            Inherited = !own && team != TeamModes.Others,
        };
    }
}
