using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>A gateway in another process.</summary>
/// <param name="channel">To it, with credentials; belongs to whoever made it.</param>
/// <param name="time">For the limits on its answers.</param>
internal sealed class GrpcCallControl(ChannelBase channel, TimeProvider time) : ICallControl
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>A phone may take the whole of an INVITE transaction to answer the offer of a take-over (RFC 3261, timer B: 32 s).</summary>
    private static readonly TimeSpan s_takeOverPatience = TimeSpan.FromSeconds(40);

    private readonly CallControl.CallControlClient _client = new(channel);

    public async ValueTask<CallCapabilities?> CapabilitiesAsync(CallId call, string supervisor, CancellationToken cancellationToken)
    {
        var query = new CapabilitiesQuery { CallId = call.Value, Supervisor = supervisor };
        return (await AskAsync(options => _client.CapabilitiesAsync(query, options), s_patience, cancellationToken)).ToContract(call);
    }

    public async ValueTask<ControlAnswer> JoinAsync(InterventionOrder order, CancellationToken cancellationToken) =>
        (await AskAsync(options => _client.JoinAsync(order.ToWire(), options), s_patience, cancellationToken)).ToContract();

    public async ValueTask<ControlAnswer> ChangeAsync(string intervention, InterventionMode mode, CancellationToken cancellationToken)
    {
        var order = new ChangeOrder { InterventionId = intervention, Mode = (ControlMode)mode };
        return (await AskAsync(options => _client.ChangeAsync(order, options), mode == InterventionMode.TakeOver ? s_takeOverPatience : s_patience, cancellationToken)).ToContract();
    }

    public async ValueTask<ControlAnswer> LeaveAsync(string intervention, CancellationToken cancellationToken)
    {
        var order = new LeaveOrder { InterventionId = intervention };
        return (await AskAsync(options => _client.LeaveAsync(order, options), s_patience, cancellationToken)).ToContract();
    }

    public async IAsyncEnumerable<ImmutableArray<InterventionReport>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watching = _client.Watch(new WatchReports(), cancellationToken: cancellationToken);
        while (await NextAsync(watching.ResponseStream, cancellationToken)) yield return watching.ResponseStream.Current.ToContract();
    }

    private static async Task<bool> NextAsync(IAsyncStreamReader<ReportList> lists, CancellationToken cancellationToken)
    {
        try
        {
            return await lists.MoveNext(cancellationToken);
        }
        catch (RpcException lost) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(lost);
        }
    }

    private async Task<T> AskAsync<T>(Func<CallOptions, AsyncUnaryCall<T>> ask, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(new CallOptions(deadline: (time.GetUtcNow() + patience).UtcDateTime, cancellationToken: cancellationToken));
        }
        catch (RpcException lost) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(lost);
        }
    }

    private static CallControlException Unreachable(RpcException lost) => new($"The gateway did not answer: {lost.Status.Detail}", lost);
}
