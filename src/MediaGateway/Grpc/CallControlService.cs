using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary><c>edgeassist.internal.v1.CallControl</c>: the way in for a relay in another process. Who may use it is the host's to say.</summary>
internal sealed class CallControlService(ICallControl control) : CallControl.CallControlBase
{
    public override async Task<CapabilitiesReply> Capabilities(CapabilitiesQuery request, ServerCallContext context) =>
        ControlMapping.ToWire(await control.CapabilitiesAsync(new CallId(request.CallId), request.Supervisor, context.CancellationToken));

    public override async Task<OrderReply> Join(JoinOrder request, ServerCallContext context) =>
        (await control.JoinAsync(request.ToContract(), context.CancellationToken)).ToWire();

    public override async Task<OrderReply> Change(ChangeOrder request, ServerCallContext context) =>
        (await control.ChangeAsync(request.InterventionId, (InterventionMode)request.Mode, context.CancellationToken)).ToWire();

    public override async Task<OrderReply> Leave(LeaveOrder request, ServerCallContext context) =>
        (await control.LeaveAsync(request.InterventionId, context.CancellationToken)).ToWire();

    public override async Task Watch(WatchReports request, IServerStreamWriter<ReportList> responseStream, ServerCallContext context)
    {
        try
        {
            await foreach (var reports in control.WatchAsync(context.CancellationToken)) await responseStream.WriteAsync(ControlMapping.ToWire(reports), context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The relay left.
        }
    }
}
