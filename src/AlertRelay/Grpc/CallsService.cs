using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.Calls</c>.</summary>
internal sealed class CallsService(RelayRuntime runtime) : V1.Calls.CallsBase
{
    public Task Watch(V1.WatchCallsRequest request, IServerStreamWriter<WireMessage> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        var dialect = new CallDialect(new CallView(request.Filter ?? new V1.CallFilter(), caller.Principal));
        return new WatchStream(runtime.Table, dialect, responseStream, caller, context.CancellationToken).RunAsync(request.ResumeToken, request.Snapshot);
    }

    public override Task WatchWall(V1.WatchWallRequest request, IServerStreamWriter<V1.Wall> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfWatcher(context);
        if (request.Top < 0) throw RelayStatus.Invalid($"top is {request.Top}; 0 stands for as many as can be helped.");
        var view = new CallView(request.Filter ?? new V1.CallFilter(), caller.Principal);
        return new WallFeed(runtime.Table, view, caller.Principal, request.Top).RunAsync(responseStream, caller, context.CancellationToken);
    }

    public override async Task<V1.CallDetail> Get(V1.GetCallRequest request, ServerCallContext context)
    {
        var principal = Caller.OfWatcher(context).Principal;
        var view = new CallView(new V1.CallFilter(), principal);
        var detail = await DetailAsync(request.CallId, context.CancellationToken);
        if (detail is null || !view.Matches(detail.Call)) throw RelayStatus.NotFound($"There is no call {request.CallId}, or it is out of your scope.");
        runtime.Audit.Add(new AuditAct(principal.Subject, "calls.get") { Team = detail.Call.Team, CallId = detail.Call.CallId });
        return view.Show(detail);
    }

    public override async Task<V1.ListCallsResponse> List(V1.ListCallsRequest request, ServerCallContext context)
    {
        var view = new CallView(request.Filter ?? new V1.CallFilter(), Caller.OfWatcher(context).Principal);
        if (request.LiveOnly)
        {
            var (size, before) = (Paging.Size(request.PageSize), Paging.Read(request.PageToken));
            var response = new V1.ListCallsResponse();
            var live = runtime.Table.Writer.State.Calls.Values
                .Where(call => call.StartedOffset < before && view.Matches(call.Info))
                .OrderByDescending(call => call.StartedOffset)
                .Take(size)
                .ToList();
            response.Calls.AddRange(live.Select(call => view.Show(call.ToWire())));
            if (live.Count == size) response.NextPageToken = Paging.Write(live[^1].StartedOffset);
            return response;
        }

        var (found, next) = await Paging.ReadAsync(runtime.Table.Journal, JournalKind.CallStarted, request.PageSize, request.PageToken, async stored =>
            await DetailAsync(stored.Record.CallId, context.CancellationToken) is { } detail && view.Matches(detail.Call) ? view.Show(detail.Call) : null, context.CancellationToken);
        return new V1.ListCallsResponse { Calls = { found }, NextPageToken = next };
    }

    private async Task<V1.CallDetail?> DetailAsync(string callId, CancellationToken cancellationToken)
    {
        if (runtime.Table.Writer.State.Calls.TryGetValue(callId, out var live)) return live.ToDetail();
        return Fold(await runtime.Table.Journal.ReadCallAsync(callId, cancellationToken));
    }

    /// <summary>The call that its records add up to; null when its beginning is no longer held.</summary>
    private V1.CallDetail? Fold(IReadOnlyList<StoredRecord> records)
    {
        var clock = ClockAnchor.Read(runtime.Table.Time);
        var state = new RelayState { Epoch = runtime.Table.Journal.Epoch, Offset = 0 };
        V1.CallDetail? detail = null;
        foreach (var stored in records)
        {
            var next = RelayEventCodec.ToEvent(stored, runtime.Table.Journal.Epoch);
            if (next.Kind == JournalKind.CallEnded && state.Calls.TryGetValue(next.CallId, out var call))
            {
                detail = call.ToDetail();
                detail.Call = next.Call!.Ended;
            }

            state = state.Apply(next, new AlertPolicy(), clock);
        }

        return detail;
    }
}
