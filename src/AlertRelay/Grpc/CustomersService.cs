using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.internal.v1.Customers</c>: the directory, for analysis in another process.</summary>
internal sealed class CustomersService(ICustomerDirectory directory, TimeProvider time) : Customers.CustomersBase
{
    public override async Task LookUp(LookUpRequest request, IServerStreamWriter<V1.CallHistory> responseStream, ServerCallContext context)
    {
        Caller.OfPublisher(context);
        if (request.Call is not { CallId.Length: > 0 and <= 128 } call) throw RelayStatus.Invalid("There is no call in the request.");
        await foreach (var found in directory.LookUpAsync(call.ToContract(ClockAnchor.Read(time)), context.CancellationToken))
            await responseStream.WriteAsync(found.ToWire(), context.CancellationToken);
    }
}
