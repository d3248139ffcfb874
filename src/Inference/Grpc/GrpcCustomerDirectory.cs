using System.Runtime.CompilerServices;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;

namespace EdgeAssist.Inference.Grpc;

/// <summary>The directory of a relay in another process.</summary>
/// <param name="relay">The way to it.</param>
/// <param name="time">The clock that deadlines are read from.</param>
internal sealed class GrpcCustomerDirectory(CallInvoker relay, TimeProvider time) : ICustomerDirectory
{
    // As long as a system that the relay asks may take, and some.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Customers.CustomersClient _client = new(relay);

    public async IAsyncEnumerable<CallHistory> LookUpAsync(CallInfo call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        using var stream = _client.LookUp(new LookUpRequest { Call = call.ToWire() }, deadline: time.GetUtcNow().UtcDateTime + Patience, cancellationToken: cancellationToken);
        while (true)
        {
            V1.CallHistory? next;
            string? failed = null;
            try
            {
                next = await stream.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false) ? stream.ResponseStream.Current : null;
            }
            catch (RpcException broken)
            {
                cancellationToken.ThrowIfCancellationRequested();
                (next, failed) = (null, $"The relay did not tell the history: {broken.StatusCode}.");
            }

            if (failed is not null) yield return new CallHistory { Call = call.Id, Match = new CustomerMatch(MatchOutcome.Failed, "", failed), LookedUpAt = time.GetUtcNow() };
            if (next is null) yield break;
            yield return next.ToContract();
        }
    }
}
