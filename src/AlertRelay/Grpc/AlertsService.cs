using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Alerts</c>.</summary>
internal sealed class AlertsService(RelayRuntime runtime) : V1.Alerts.AlertsBase
{
    private const int MaxReason = 1000, MaxNote = 4000, MaxDisposition = 200, MaxShown = 100;

    // Who looks for one alert by its id, or acts on it, finds it also when it is kept quiet.
    private static readonly V1.AlertFilter Everything = new() { IncludeSuppressed = true };

    public Task Watch(V1.WatchAlertsRequest request, IServerStreamWriter<WireMessage> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        var dialect = new AlertDialect(new AlertView(request.Filter ?? new V1.AlertFilter(), caller.Principal));
        return new WatchStream(runtime.Table, dialect, responseStream, caller, context.CancellationToken).RunAsync(request.ResumeToken, request.Snapshot);
    }

    public override Task<V1.ListAlertsResponse> List(V1.ListAlertsRequest request, ServerCallContext context) =>
        ListAsync(request.Filter, request.PageSize, request.PageToken, alert => request.States.Count == 0 || request.States.Contains(alert.State), context);

    public override Task<V1.ListAlertsResponse> ListUnseen(V1.ListUnseenRequest request, ServerCallContext context)
    {
        var before = runtime.Table.Time.GetUtcNow() - (request.OlderThan?.ToTimeSpan() ?? TimeSpan.Zero);
        return ListAsync(request.Filter, request.PageSize, request.PageToken,
            alert => Receipts.IsUnseen(alert) && alert.OpenedAt.ToDateTimeOffset() <= before, context);
    }

    public override async Task<V1.MarkShownResponse> MarkShown(V1.MarkShownRequest request, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        Limits.Check("alert_ids", request.AlertIds.Count, MaxShown);
        var view = new AlertView(Everything, caller.Principal);
        var shown = new List<Delivery>();
        foreach (var alertId in request.AlertIds.Distinct(StringComparer.Ordinal))
        {
            var alert = await FindAsync(view, alertId, context);
            shown.Add(new Delivery(alertId, caller.Principal.Subject, runtime.Table.Time.GetUtcNow(), alert));
        }

        return new V1.MarkShownResponse { Marked = shown.Count == 0 ? 0 : (await runtime.Table.Writer.MarkShownAsync(shown, context.CancellationToken)).Count };
    }

    public override async Task<V1.Alert> Annotate(V1.AnnotateAlertRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Note), request.Note, MaxNote);
        Limits.Check(nameof(request.Disposition), request.Disposition, MaxDisposition);
        if (request.Note.Length + request.Disposition.Length == 0) throw RelayStatus.Invalid("There is neither a note nor a disposition.");

        var view = new AlertView(Everything, caller.Principal);
        await FindAsync(view, request.AlertId, context);
        var answer = await runtime.Table.Writer.AnnotateAsync(new NoteRequest(
            request.AlertId, caller.Principal.Subject, request.RequestId, request.ExpectedVersion, request.Note, request.Disposition), context.CancellationToken);
        return answer.Verdict == StepVerdict.Accepted ? view.Show(answer.Alert!) : throw RelayStatus.From(answer);
    }

    public override Task<V1.WhoWouldGetResponse> WhoWouldGet(V1.WhoWouldGetRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        if (!principal.Covers(request.Team, "")) throw RelayStatus.Forbidden("The team is not one of yours.");
        var at = request.At?.ToDateTimeOffset() ?? runtime.Table.Time.GetUtcNow();
        var response = new V1.WhoWouldGetResponse();
        var after = TimeSpan.Zero;
        foreach (var duty in runtime.Rota.WhoWouldGet(request.Team, at, new RotaNeed(request.Language, request.Skills)))
        {
            response.Tiers.Add(new V1.Tier { Name = duty.Tier.Name, Subjects = { duty.Subjects }, After = Duration.FromTimeSpan(after) });
            if (duty.Subjects.Count > 0) after += duty.Tier.Patience;
        }

        return Task.FromResult(response);
    }

    public override async Task<V1.Alert> Get(V1.GetAlertRequest request, ServerCallContext context)
    {
        var view = new AlertView(Everything, Caller.OfWatcher(context).Principal);
        return view.Show(await FindAsync(view, request.AlertId, context));
    }

    public override Task<V1.Alert> Claim(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Claim, request, context);

    public override Task<V1.Alert> Renew(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Renew, request, context);

    public override Task<V1.Alert> Escalate(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Escalate, request, context);

    public override Task<V1.Alert> Release(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Release, request, context);

    public override Task<V1.Alert> Acknowledge(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Acknowledge, request, context);

    public override Task<V1.Alert> Resolve(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Resolve, request, context);

    public override Task<V1.Alert> Dismiss(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Dismiss, request, context);

    private async Task<V1.ListAlertsResponse> ListAsync(V1.AlertFilter? filter, int pageSize, string pageToken, Func<V1.Alert, bool> wanted, ServerCallContext context)
    {
        var view = new AlertView(filter ?? new V1.AlertFilter(), Caller.OfWatcher(context).Principal);
        var (found, next) = await Paging.ReadAsync(runtime.Table.Journal, JournalKind.AlertOpened, pageSize, pageToken, async stored =>
            await NewestAsync(stored.Record.AlertId, context.CancellationToken) is { } alert && alert.Mode != V1.PolicyMode.Observe && view.Matches(alert) && wanted(alert) ? view.Show(alert) : null,
            context.CancellationToken);
        return new V1.ListAlertsResponse { Alerts = { found }, NextPageToken = next };
    }

    private async Task<V1.Alert> ActAsync(AlertAction action, V1.AlertActionRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.CheckRequestId(request.RequestId);
        if (action == AlertAction.Escalate && string.IsNullOrWhiteSpace(request.Reason))
            throw RelayStatus.Invalid("Escalating an alert needs a reason: the next tier begins with it.");
        if (action == AlertAction.Dismiss && string.IsNullOrWhiteSpace(request.Reason))
            throw RelayStatus.Invalid("Dismissing an alert needs a reason: thresholds are tuned by it.");
        if (request.Reason.Length > MaxReason) throw RelayStatus.Invalid($"A reason has at most {MaxReason} characters.");

        var view = new AlertView(Everything, caller.Principal);
        await FindAsync(view, request.AlertId, context);
        var answer = await runtime.Table.Writer.ActAsync(new ActionRequest
        {
            Action = action,
            AlertId = request.AlertId,
            Actor = caller.Principal.Subject,
            Overrides = caller.Principal.Role == PrincipalRole.Admin,
            RequestId = request.RequestId,
            ExpectedVersion = request.ExpectedVersion,
            Reason = request.Reason,
        }, context.CancellationToken);
        return answer.Verdict == StepVerdict.Accepted ? view.Show(answer.Alert!) : throw RelayStatus.From(answer);
    }

    // What is out of sight is answered like what does not exist: ids must not be guessable into facts.
    private async Task<V1.Alert> FindAsync(AlertView view, string alertId, ServerCallContext context)
    {
        if (await NewestAsync(alertId, context.CancellationToken) is not { } alert || !view.Finds(alert))
            throw RelayStatus.NotFound($"There is no alert {alertId}, or it is out of your scope.");
        if (alert.Mode == V1.PolicyMode.Observe)
            runtime.Audit.Add(new AuditAct(Caller.Of(context).Principal.Subject, "alerts.would_be") { Team = alert.Team, CallId = alert.CallId, AlertId = alertId, Detail = "looked at or acted on" });
        return alert;
    }

    private async Task<V1.Alert?> NewestAsync(string alertId, CancellationToken cancellationToken)
    {
        if (runtime.Table.Writer.State.Alerts.TryGetValue(alertId, out var live)) return live;
        var stored = await runtime.Table.Journal.ReadAlertAsync(alertId, cancellationToken);
        if (stored is null && runtime.Table.Journal is ISharedJournal shared)
        {
            // Another relay may have opened it a moment ago.
            await shared.RefreshAsync(cancellationToken);
            stored = await shared.ReadAlertAsync(alertId, cancellationToken);
        }

        return stored is null ? null : RelayEventCodec.ToEvent(stored, runtime.Table.Journal.Epoch).Alert!.Alert;
    }
}
