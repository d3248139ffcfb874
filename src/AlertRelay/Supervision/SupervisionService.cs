using System.Collections.Frozen;
using System.Globalization;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>
/// <c>edgeassist.v1.Supervision</c>: a wish is committed to the journal first, then taken to the gateway that carries the call, and
/// what the gateway answers is committed before it is told.
/// </summary>
internal sealed class SupervisionService(RelayRuntime runtime, GatewayLinks links) : V1.Supervision.SupervisionBase
{
    private const int MaxReason = 1000, MaxPhone = 256;

    public override async Task<V1.CapabilitiesResponse> Capabilities(V1.CapabilitiesRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        var call = FindCall(request.CallId, caller.Principal);
        var found = await AskAsync(call, control => control.CapabilitiesAsync(new CallId(request.CallId), caller.Principal.Subject, context.CancellationToken));
        if (found is null) throw NoSuchCall(request.CallId);
        var response = new V1.CapabilitiesResponse
        {
            CallId = request.CallId,
            Phone = found.Phone,
            AnyPhone = found.AnyPhone,
            PlaysTone = found.PlaysTone,
            Profile = found.Profile,
            SupervisedBy = runtime.Writer.State.Interventions.Values.FirstOrDefault(live => live.CallId == request.CallId && RelayStep.IsLive(live))?.Supervisor ?? "",
        };
        response.Modes.AddRange(found.Modes.Select(mode => new V1.ModeCapability
        {
            Mode = (V1.SupervisionMode)((int)mode.Mode + 1), Possible = mode.IsPossible, WhyNot = mode.WhyNot, Sentence = mode.Sentence,
        }));
        return response;
    }

    public override async Task<V1.Intervention> Join(V1.JoinRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Check(request.RequestId, request.Reason);
        Limits.Check(nameof(request.Phone), request.Phone, MaxPhone);
        CheckMode(request.Mode);
        var call = FindCall(request.CallId, caller.Principal, alsoOver: runtime.Writer.State.Requests.ContainsKey(RequestKeys.Of(caller.Principal.Subject, request.RequestId)));
        if (call is not null && links.Of(call.Gateway) is null) throw RelayStatus.GatewayUnreachable();

        var ask = new JoinAsk(caller.Principal.Subject, caller.Principal.Role == PrincipalRole.Admin, request.RequestId, request.CallId, request.Mode, request.Reason);
        var answer = await DecideAsync(step => step.Join(ask), context);
        if (answer.Count > 0 || call is null) return await NewestAsync(answer.Intervention!, context);   // asked before

        var order = new InterventionOrder
        {
            Id = answer.Intervention!.InterventionId,
            Call = new CallId(request.CallId),
            Mode = (InterventionMode)((int)request.Mode - 1),
            Supervisor = caller.Principal.Subject,
            Phone = request.Phone,
        };

        // From here on it is the gateway's: a client that hangs up must not leave it half done.
        return await CarryOutAsync(call, order.Id, RelayStep.IsJoined, control => control.JoinAsync(order, CancellationToken.None));
    }

    public override Task<V1.Intervention> ChangeMode(V1.ChangeModeRequest request, ServerCallContext context)
    {
        CheckMode(request.Mode);
        return ChangeAsync(request.RequestId, request.InterventionId, request.Mode, request.Reason, context);
    }

    public override Task<V1.Intervention> TakeOver(V1.TakeOverRequest request, ServerCallContext context) =>
        ChangeAsync(request.RequestId, request.InterventionId, V1.SupervisionMode.TakeOver, request.Reason, context);

    public override Task<V1.Intervention> Leave(V1.LeaveRequest request, ServerCallContext context) =>
        ChangeAsync(request.RequestId, request.InterventionId, null, request.Reason, context);

    public override async Task<V1.Intervention> Get(V1.GetInterventionRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        var found = await FindAsync(request.InterventionId, context.CancellationToken);
        return found is not null && principal.Covers(found.Team, "") ? found : throw NoSuchIntervention(request.InterventionId);
    }

    public override async Task<V1.ListInterventionsResponse> List(V1.ListInterventionsRequest request, ServerCallContext context)
    {
        var principal = Caller.OfActor(context).Principal;
        var response = new V1.ListInterventionsResponse();
        response.Interventions.AddRange((await OfCallAsync(request.CallId, context.CancellationToken)).Where(known => principal.Covers(known.Team, "")));
        return response;
    }

    public override Task Watch(V1.WatchInterventionsRequest request, IServerStreamWriter<V1.Interventions> responseStream, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Limits.Check("call_ids", request.CallIds.Count, 1000);
        return new InterventionFeed(runtime.Table, caller.Principal, request.CallIds.ToFrozenSet(StringComparer.Ordinal)).RunAsync(responseStream, caller, context.CancellationToken);
    }

    private async Task<V1.Intervention> ChangeAsync(string requestId, string interventionId, V1.SupervisionMode? mode, string reason, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        Check(requestId, reason);
        var known = await FindAsync(interventionId, context.CancellationToken);
        if (known is null || !caller.Principal.Covers(known.Team, "")) throw NoSuchIntervention(interventionId);
        if (!RelayStep.IsLive(known) && runtime.Writer.State.Requests.ContainsKey(RequestKeys.Of(caller.Principal.Subject, requestId))) return known;   // asked before
        var call = runtime.Writer.State.Calls.GetValueOrDefault(known.CallId)?.Info;

        var ask = new ChangeAsk(caller.Principal.Subject, caller.Principal.Role == PrincipalRole.Admin, requestId, interventionId, mode, reason);
        var answer = await DecideAsync(step => step.Change(ask), context);
        if (answer.Count > 0 || call is null) return await NewestAsync(answer.Intervention!, context);
        return await CarryOutAsync(call, interventionId, known => RelayStep.IsIn(known, mode), control => mode is { } wanted
            ? control.ChangeAsync(interventionId, (InterventionMode)((int)wanted - 1), CancellationToken.None)
            : control.LeaveAsync(interventionId, CancellationToken.None));
    }

    /// <summary>Takes a committed wish to the gateway and commits what it says.</summary>
    private async Task<V1.Intervention> CarryOutAsync(V1.Call call, string id, Func<V1.Intervention, bool> isTaken, Func<ICallControl, ValueTask<ControlAnswer>> order)
    {
        ControlAnswer answer;
        try
        {
            answer = links.Of(call.Gateway) is { } link ? await order(link.Control) : ControlAnswer.Refused("gateway_unreachable", "No link leads to the gateway of this call.");
        }
        catch (CallControlException unreachable)
        {
            // The answer alone may be lost: the report of what came of the order takes another way, and may be on record already.
            var lost = await runtime.Writer.InterveneAsync(step => step.LoseAnswer(id, isTaken, unreachable.Message), CancellationToken.None);
            return lost.Count > 0 ? lost.Intervention! : throw RelayStatus.GatewayUnreachable();
        }

        if (answer.Report is { } report)
            return (await runtime.Writer.InterveneAsync(step => step.Observe(report), CancellationToken.None)).Intervention!;
        await runtime.Writer.InterveneAsync(step => step.RefuseByGateway(id, answer.WhyNot, answer.Sentence), CancellationToken.None);
        throw RelayStatus.DoesNotFit(answer.WhyNot.ToUpperInvariant(), answer.Sentence);
    }

    private async Task<StepAnswer> DecideAsync(Func<RelayStep, StepAnswer> decide, ServerCallContext context)
    {
        var answer = await runtime.Writer.InterveneAsync(decide, context.CancellationToken);
        return answer.Verdict == StepVerdict.Accepted ? answer : throw RelayStatus.From(answer);
    }

    private async ValueTask<T> AskAsync<T>(V1.Call? call, Func<ICallControl, ValueTask<T>> ask)
    {
        if (call is null || links.Of(call.Gateway) is not { } link) throw RelayStatus.GatewayUnreachable();
        try
        {
            return await ask(link.Control);
        }
        catch (CallControlException)
        {
            throw RelayStatus.GatewayUnreachable();
        }
    }

    /// <summary>A live call within sight; null only for a request that was answered before and whose call is over.</summary>
    private V1.Call? FindCall(string callId, Principal principal, bool alsoOver = false)
    {
        if (runtime.Writer.State.Calls.GetValueOrDefault(callId)?.Info is { } live) return principal.Covers(live.Team, live.Agent) ? live : throw NoSuchCall(callId);
        return alsoOver ? null : throw NoSuchCall(callId);
    }

    private async Task<V1.Intervention?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (runtime.Writer.State.Interventions.GetValueOrDefault(id) is { } live) return live;

        // The id names the place of its first record, which names the call.
        var mark = id.LastIndexOf("-i", StringComparison.Ordinal);
        if (mark < 0 || id[..mark] != runtime.Table.Journal.Epoch || !long.TryParse(id.AsSpan(mark + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)) return null;
        var first = await runtime.Table.Journal.ReadAsync(offset - 1, 1, cancellationToken);
        if (first is not [{ Record.Kind: JournalKind.Intervention } stored] || stored.Offset != offset) return null;
        return (await OfCallAsync(stored.Record.CallId, cancellationToken)).FirstOrDefault(known => known.InterventionId == id);
    }

    private async Task<List<V1.Intervention>> OfCallAsync(string callId, CancellationToken cancellationToken) =>
    [
        .. (await runtime.Table.Journal.ReadCallAsync(callId, cancellationToken)).Where(stored => stored.Record.Kind == JournalKind.Intervention)
            .Select(stored => RelayEventCodec.ToEvent(stored, runtime.Table.Journal.Epoch).Intervention!)
            .GroupBy(known => known.InterventionId, StringComparer.Ordinal).Select(steps => steps.Last()),
    ];

    private async Task<V1.Intervention> NewestAsync(V1.Intervention known, ServerCallContext context) =>
        known.CallId.Length > 0 ? known : await FindAsync(known.InterventionId, context.CancellationToken) ?? throw NoSuchIntervention(known.InterventionId);

    private static void Check(string requestId, string reason)
    {
        Limits.CheckRequestId(requestId);
        Limits.Check(nameof(reason), reason, MaxReason);
    }

    private static void CheckMode(V1.SupervisionMode mode)
    {
        if (mode is not (V1.SupervisionMode.Listen or V1.SupervisionMode.Whisper or V1.SupervisionMode.Barge))
            throw RelayStatus.Invalid("The mode is LISTEN, WHISPER or BARGE; a call is taken over with TakeOver by a supervisor who is on it.");
    }

    private static RpcException NoSuchCall(string callId) => RelayStatus.NotFound($"There is no live call {callId}, or it is out of your scope.");

    private static RpcException NoSuchIntervention(string id) => RelayStatus.NotFound($"There is no intervention {id}, or it is out of your scope.");
}
