using System.Security.Cryptography;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using EdgeAssist.Proto.Mapping;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary><c>edgeassist.v1.History</c>.</summary>
internal sealed class HistoryService(
    RelayRuntime relay, HistoryRuntime history, CustomerDirectory directory, RecentHistories recent, ILoggerFactory loggers, TimeProvider time) : V1.History.HistoryBase
{
    private const int MaxItems = 1000;

    private readonly ILogger _logger = loggers.CreateLogger("EdgeAssist.AlertRelay.History");

    public override Task<V1.CallHistory> ForCall(V1.ForCallRequest request, ServerCallContext context)
    {
        var principal = Caller.OfWatcher(context).Principal;
        var found = Live(request.CallId, principal) ?? Remembered(request.CallId, principal)
            ?? throw RelayStatus.NotFound($"There is no call {request.CallId} that was looked up, or it is out of your scope.");
        var answer = found.ToWire();
        answer.Customer = answer.Customer is { } customer ? Show(customer, principal) : null;
        return Task.FromResult(answer);
    }

    public override Task<V1.Customer> Get(V1.GetCustomerRequest request, ServerCallContext context)
    {
        var principal = Caller.OfWatcher(context).Principal;
        var customer = IsWithin(request.Key, principal) ? directory.Customer(request.Key) : null;
        if (customer is null) throw RelayStatus.NotFound("Nothing is kept of this customer, or no call of theirs is in your scope.");
        var now = time.GetUtcNow();
        return Task.FromResult(Show(customer.ToWire(HistoryCounts.Of(customer.Interactions, now), now), principal));
    }

    public override Task<V1.UpsertHistoryResponse> Upsert(V1.UpsertHistoryRequest request, ServerCallContext context)
    {
        var caller = Caller.Of(context);
        if (caller.Principal.Role is not (PrincipalRole.Admin or PrincipalRole.Internal))
            throw RelayStatus.Forbidden("Telling histories takes the role admin or internal.");
        Limits.CheckRequestId(request.RequestId);
        Limits.Check(nameof(request.Customers), request.Customers.Count, MaxItems);
        Limits.Check(nameof(request.Interactions), request.Interactions.Count, MaxItems);
        if (HistoryLimits.Text("source", request.Source, 1, HistoryLimits.MaxWord) is { } fault) throw RelayStatus.Invalid(fault);

        return Task.FromResult(Once(caller, request.RequestId, request, V1.UpsertHistoryResponse.Parser, batch => new HistoryPush(request, directory.Region, time.GetUtcNow()).Put(batch)));
    }

    public override Task<V1.EraseCustomerResponse> Erase(V1.EraseCustomerRequest request, ServerCallContext context)
    {
        var caller = Caller.OfActor(context);
        if (caller.Principal.Role != PrincipalRole.Admin) throw RelayStatus.Forbidden("Forgetting a customer takes the role admin.");
        Limits.CheckRequestId(request.RequestId);
        if (HistoryLimits.Text("reason", request.Reason, 1, HistoryLimits.MaxSummary) is { } fault) throw RelayStatus.Invalid(fault);

        var answer = Once(caller, request.RequestId, request, V1.EraseCustomerResponse.Parser, batch =>
        {
            var erased = batch.Erase(request.Key, caller.Principal.Subject, request.Reason, time.GetUtcNow())
                ?? throw RelayStatus.NotFound("Nothing is kept of this customer.");
            HistoryLog.Erased(_logger, caller.Principal.Subject, erased.Interactions, erased.Identifiers, erased.Calls, erased.AuditId);
            return new V1.EraseCustomerResponse { Interactions = erased.Interactions, Identifiers = erased.Identifiers, Calls = erased.Calls, AuditId = erased.AuditId };
        });
        history.Store.Settle();
        recent.Forget(request.Key);
        return Task.FromResult(answer);
    }

    // The answer and what it tells of become durable together.
    private T Once<T>(Caller caller, string requestId, IMessage request, MessageParser<T> parser, Func<HistoryBatch, T> act)
        where T : IMessage<T>
    {
        var digest = SHA256.HashData(request.ToByteArray());
        return history.Store.Write(batch =>
        {
            if (batch.Answered(caller.Principal.Subject, requestId) is { } earlier)
            {
                return earlier.Digest.AsSpan().SequenceEqual(digest)
                    ? parser.ParseFrom(earlier.Answer)
                    : throw RelayStatus.Invalid($"The request id {requestId} was used for another request. Make a new one for each.", "REQUEST_ID_REUSED");
            }

            var answer = act(batch);
            batch.Answer(caller.Principal.Subject, requestId, digest, answer.ToByteArray(), time.GetUtcNow());
            return answer;
        });
    }

    /// <summary>A live call within sight, looked up now; null when there is none.</summary>
    private CallHistory? Live(string callId, Principal principal)
    {
        if (!relay.Table.Writer.State.Calls.TryGetValue(callId, out var call) || !principal.Covers(call.Info.Team, call.Info.Agent)) return null;
        if (call.Info.Mode == V1.PolicyMode.Observe)
            throw RelayStatus.DoesNotFit("OBSERVED", "The call's team is observed: what is known of its customers is not shown while the call lives.");
        return directory.LookUp(call.Info.ToContract(ClockAnchor.Read(time)));
    }

    /// <summary>A call that was recognised while it lived.</summary>
    private CallHistory? Remembered(string callId, Principal principal)
    {
        if (history.Store.Read(reader => reader.Call(callId)) is not { } known || !principal.Covers(known.Team, known.Agent)) return null;
        if (directory.Customer(known.CustomerKey) is not { } customer) return null;
        return new CallHistory
        {
            Call = new CallId(callId),
            Match = new CustomerMatch(MatchOutcome.Matched, known.Identifier, $"Recognised by {known.Identifier} when the call was live."),
            Customer = customer,
            Counts = HistoryCounts.Of(customer.Interactions, known.At),
            LookedUpAt = time.GetUtcNow(),
        };
    }

    private bool IsWithin(string key, Principal principal)
    {
        if (principal.Role == PrincipalRole.Admin) return true;
        var live = relay.Table.Writer.State.Calls;
        return recent.Any(key, call => live.TryGetValue(call.Value, out var info) && principal.Covers(info.Info.Team, info.Info.Agent))
            || history.Store.Read(reader => reader.CallsOf(key)).Any(call => principal.Covers(call.Team, call.Agent));
    }

    private static V1.Customer Show(V1.Customer customer, Principal principal)
    {
        if (principal.SeesPersonal) return customer;
        (customer.Key, customer.Name) = ("", "");
        foreach (var interaction in customer.Interactions) interaction.Summary = TextMask.Of(interaction.Summary);
        return customer;
    }
}
