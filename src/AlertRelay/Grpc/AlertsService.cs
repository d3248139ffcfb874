using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Alerts</c>.</summary>
internal sealed class AlertsService(StreamTable table) : V1.Alerts.AlertsBase
{
    private const int MaxRequestId = 128, MaxReason = 1000;

    public override async Task Watch(V1.WatchAlertsRequest request, IServerStreamWriter<V1.WatchAlertsResponse> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        var dialect = new AlertDialect(new AlertView(request.Filter ?? new V1.AlertFilter(), caller.Principal));
        var stream = new WatchStream<V1.WatchAlertsResponse>(table, dialect, responseStream, caller, context.CancellationToken);
        await stream.RunAsync(request.ResumeToken, request.Snapshot);
    }

    public override async Task<V1.ListAlertsResponse> List(V1.ListAlertsRequest request, ServerCallContext context)
    {
        var view = new AlertView(request.Filter ?? new V1.AlertFilter(), Caller.OfWatcher(context).Principal);
        var size = Paging.Size(request.PageSize);
        var before = Paging.Read(request.PageToken);
        var response = new V1.ListAlertsResponse();
        while (response.Alerts.Count < size)
        {
            var opened = await table.Journal.ReadBeginningsAsync(JournalKind.AlertOpened, before, size, context.CancellationToken);
            if (opened.Count == 0) return response;
            foreach (var stored in opened)
            {
                before = stored.Offset;
                if (await NewestAsync(stored.Record.AlertId, context.CancellationToken) is { } alert && view.Matches(alert)
                    && (request.States.Count == 0 || request.States.Contains(alert.State))) response.Alerts.Add(view.Show(alert));
                if (response.Alerts.Count == size) break;
            }
        }

        response.NextPageToken = Paging.Write(before);
        return response;
    }

    public override async Task<V1.Alert> Get(V1.GetAlertRequest request, ServerCallContext context)
    {
        var view = new AlertView(new V1.AlertFilter(), Caller.OfWatcher(context).Principal);
        return view.Show(await FindAsync(view, request.AlertId, context));
    }

    public override Task<V1.Alert> Claim(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Claim, request, context);

    public override Task<V1.Alert> Release(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Release, request, context);

    public override Task<V1.Alert> Acknowledge(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Acknowledge, request, context);

    public override Task<V1.Alert> Resolve(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Resolve, request, context);

    public override Task<V1.Alert> Dismiss(V1.AlertActionRequest request, ServerCallContext context) => ActAsync(AlertAction.Dismiss, request, context);

    private async Task<V1.Alert> ActAsync(AlertAction action, V1.AlertActionRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        if (request.RequestId.Length is 0 or > MaxRequestId)
            throw RelayStatus.Invalid($"An action needs a request id of 1 to {MaxRequestId} characters; repeating it is then safe.");
        if (action == AlertAction.Dismiss && string.IsNullOrWhiteSpace(request.Reason))
            throw RelayStatus.Invalid("Dismissing an alert needs a reason: thresholds are tuned by it.");
        if (request.Reason.Length > MaxReason) throw RelayStatus.Invalid($"A reason has at most {MaxReason} characters.");

        var view = new AlertView(new V1.AlertFilter(), caller.Principal);
        await FindAsync(view, request.AlertId, context);
        var answer = await table.Writer.ActAsync(new ActionRequest
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
    private async Task<V1.Alert> FindAsync(AlertView view, string alertId, ServerCallContext context) =>
        await NewestAsync(alertId, context.CancellationToken) is { } alert && view.Matches(alert)
            ? alert
            : throw RelayStatus.NotFound($"There is no alert {alertId}, or it is out of your scope.");

    private async Task<V1.Alert?> NewestAsync(string alertId, CancellationToken cancellationToken)
    {
        if (table.Writer.State.Alerts.TryGetValue(alertId, out var live)) return live;
        var stored = await table.Journal.ReadAlertAsync(alertId, cancellationToken);
        return stored is null ? null : RelayEventCodec.ToEvent(stored, table.Journal.Epoch).Alert!.Alert;
    }
}
