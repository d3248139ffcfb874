using EdgeAssist.Host.Terminal;
using EdgeAssist.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.Host.Demo;

/// <summary>What the demo's systems know of the customer of the call that goes wrong: a double charge, told three times, and a call-back that never came.</summary>
internal static class DemoHistory
{
    private const string Source = "crm", Customer = "C-2071", Number = "+12025550147", Matter = "BILL-4711";

    /// <exception cref="RpcException">The relay refused the call.</exception>
    /// <exception cref="UserError">It refused an item.</exception>
    public static async Task TellAsync(Uri relay, string token, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new UpsertHistoryRequest { RequestId = Guid.NewGuid().ToString("N"), Source = Source, AsOf = Timestamp.FromDateTimeOffset(now) };
        request.Customers.Add(new CustomerUpsert { Key = Customer, Locale = "en-US", Identifiers = { new CustomerIdentifier { Kind = "number", Value = Number } } });
        request.Interactions.Add(Item("BILL-4711", InteractionKind.Ticket, InteractionState.Open, now.AddDays(-42)));
        request.Interactions.Add(Item("call-88120", InteractionKind.Contact, InteractionState.Unspecified, now.AddDays(-6), "phone"));
        request.Interactions.Add(Item("form-5512", InteractionKind.Contact, InteractionState.Unspecified, now.AddDays(-4), "web form"));
        request.Interactions.Add(Item("call-88431", InteractionKind.Contact, InteractionState.Unspecified, now.AddDays(-2), "phone"));
        var callBack = Item("promise-310", InteractionKind.Promise, InteractionState.Open, now.AddDays(-30));
        callBack.DueAt = Timestamp.FromDateTimeOffset(now.AddDays(-28));
        request.Interactions.Add(callBack);

        using var channel = GrpcChannel.ForAddress(relay);
        var answer = await new History.HistoryClient(channel).UpsertAsync(request, new Metadata { { "authorization", "Bearer " + token } }, cancellationToken: cancellationToken);
        if (answer.Customers.Concat(answer.Interactions).FirstOrDefault(result => result.Outcome == UpsertOutcome.Refused) is { } refused)
            throw new UserError($"The demo's customer history was refused: {refused.Problem}", 1);
    }

    private static Interaction Item(string id, InteractionKind kind, InteractionState state, DateTimeOffset at, string channel = "") => new()
    {
        SourceId = id,
        Kind = kind,
        State = state,
        At = Timestamp.FromDateTimeOffset(at),
        Matter = Matter,
        Channel = channel,
        CustomerKey = Customer,
    };
}
