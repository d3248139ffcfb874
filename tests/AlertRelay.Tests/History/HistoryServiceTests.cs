using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using EdgeAssist.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.History;

/// <summary>The service against a relay as it is hosted.</summary>
public sealed class HistoryServiceTests : IAsyncLifetime
{
    private static readonly Principal Anna = new() { Subject = "anna", Role = PrincipalRole.Agent };
    private static readonly Principal Bert = new() { Subject = "bert", Role = PrincipalRole.Agent };
    private static readonly Principal Sue = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"], SeesPersonal = true };
    private static readonly Principal Tom = new() { Subject = "tom", Role = PrincipalRole.Supervisor, Teams = ["sales"] };
    private static readonly Principal Worker = new() { Subject = "worker", Role = PrincipalRole.Internal };

    private readonly TempDirectory _directory = new();
    private readonly CallId _call = Say.NewCall();
    private RelayServer _server = null!;
    private V1.History.HistoryClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RelayServer.StartAsync(_directory.Path, services: services => services.Configure<HistoryOptions>(options => options.DefaultRegion = "DE"));
        _client = new V1.History.HistoryClient(_server.Invoker());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_customer_of_a_live_call_is_told_with_what_the_match_rests_on()
    {
        await TellAsync();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);

        var history = await ForCallAsync(Sue);

        Assert.Equal((V1.MatchOutcome.Matched, "number", "c-1"), (history.Outcome, history.Identifier, history.Customer.Key));
        Assert.Equal(["t-1", "i-2", "i-1", "p-1", "o-1"], history.Customer.Interactions.Select(interaction => interaction.SourceId));
        Assert.Equal((1, 2, 1), (history.Customer.Counts.OpenCases, history.Customer.Counts.RecentContacts, history.Customer.Counts.BrokenPromises));
        Assert.True(history.Customer.Interactions.Single(interaction => interaction.SourceId == "p-1").Broken);
        Assert.False(history.Customer.Stale);
    }

    [Fact]
    public async Task Of_an_observed_teams_live_call_nobody_is_told_a_history()
    {
        await TellAsync();
        await new Policies.PoliciesClient(_server.Invoker()).SetAsync(
            new SetPolicyRequest { Team = "billing", Mode = PolicyMode.Observe, Reason = "baseline", RequestId = "observe" }, _server.Headers(RelayServer.Admin));
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);

        foreach (var principal in new[] { Anna, Sue, RelayServer.Admin })
            Assert.Equal(StatusCode.FailedPrecondition, await StatusOfAsync(() => ForCallAsync(principal)));
    }

    [Fact]
    public async Task Who_may_not_see_persons_gets_the_history_without_them()
    {
        await TellAsync();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);

        var history = await ForCallAsync(Anna);

        Assert.Equal(("", ""), (history.Customer.Key, history.Customer.Name));
        Assert.Equal("wants a call at ***", history.Customer.Interactions.Single(interaction => interaction.SourceId == "i-1").Summary);
    }

    [Fact]
    public async Task Agents_and_supervisors_see_the_customers_of_their_own_calls_alone()
    {
        await TellAsync();
        Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => GetAsync(Anna)));   // no call of hers yet
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
        await ForCallAsync(Anna);

        Assert.Equal("", (await GetAsync(Anna)).Name);
        Assert.Equal("Erika Mustermann", (await GetAsync(Sue)).Name);
        Assert.Equal("c-1", (await GetAsync(RelayServer.Admin)).Key);
        foreach (var other in new[] { Bert, Tom })
        {
            Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => ForCallAsync(other)));
            Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => GetAsync(other)));
        }

        Assert.Equal(StatusCode.PermissionDenied, await StatusOfAsync(() => ForCallAsync(Worker)));
        Assert.Equal(StatusCode.PermissionDenied, await StatusOfAsync(() => UpsertAsync(Sue, new UpsertHistoryRequest { RequestId = "r", Source = "crm" })));
        Assert.Equal(StatusCode.PermissionDenied, await StatusOfAsync(() => EraseAsync(Sue, "r", "c-1")));
        Assert.Equal(StatusCode.Unauthenticated, await StatusOfAsync(() => _client.ForCallAsync(new ForCallRequest { CallId = _call.Value }).ResponseAsync));
    }

    [Fact]
    public async Task A_customer_without_a_history_and_a_caller_nobody_knows_are_told_apart()
    {
        await UpsertAsync(Worker, new UpsertHistoryRequest { RequestId = "r1", Source = "crm", Customers = { Customer("c-1", "030 555 01 00") } });
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
        var stranger = Say.NewCall();
        await _server.Sink.PublishAsync(new CallStarted(Say.Info(stranger) with { Customer = "+49305550199", Legs = [] }, Say.Now), Patience.Normal);

        var empty = await ForCallAsync(Sue);
        var unknown = await _client.ForCallAsync(new ForCallRequest { CallId = stranger.Value }, _server.Headers(Sue));

        Assert.Equal(V1.MatchOutcome.Matched, empty.Outcome);
        Assert.Empty(empty.Customer.Interactions);
        Assert.Equal((V1.MatchOutcome.Unknown, null), (unknown.Outcome, unknown.Customer));
        Assert.Equal("Nobody has the call's number.", unknown.Reason);
    }

    [Fact]
    public async Task A_number_that_two_customers_have_is_no_match()
    {
        await UpsertAsync(Worker, new UpsertHistoryRequest { RequestId = "r1", Source = "crm", Customers = { Customer("c-1", "030 5550100"), Customer("c-2", "+49 30 5550100") } });
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);

        var history = await ForCallAsync(Sue);

        Assert.Equal((V1.MatchOutcome.Ambiguous, null), (history.Outcome, history.Customer));
    }

    [Fact]
    public async Task A_bad_item_is_answered_for_itself_and_the_rest_is_taken()
    {
        var request = new UpsertHistoryRequest
        {
            RequestId = "r1", Source = "crm",
            Customers = { Customer("", "030 5550100"), Customer("c-1", "not a number"), Customer("c-2", "030 5550100") },
            Interactions =
            {
                Interaction("i-1", V1.InteractionKind.Unspecified), Interaction("i-2", V1.InteractionKind.Contact),
                new Interaction(Interaction("i-3", V1.InteractionKind.Contact)) { State = V1.InteractionState.Kept },
                new Interaction(Interaction("i-4", V1.InteractionKind.Credit)) { Amount = "twelve" },
                new Interaction(Interaction("i-5", V1.InteractionKind.Satisfaction)) { Rating = 4 },
            },
        };

        var answer = await UpsertAsync(Worker, request);

        Assert.Equal([V1.UpsertOutcome.Refused, V1.UpsertOutcome.Refused, V1.UpsertOutcome.Added], answer.Customers.Select(result => result.Outcome));
        Assert.Equal([V1.UpsertOutcome.Refused, V1.UpsertOutcome.Added, V1.UpsertOutcome.Refused, V1.UpsertOutcome.Refused, V1.UpsertOutcome.Refused], answer.Interactions.Select(result => result.Outcome));
        Assert.Equal("identifiers: number 1 is no number.", answer.Customers[1].Problem);
        Assert.Equal("A contact cannot be kept.", answer.Interactions[2].Problem);
        Assert.All(answer.Customers.Concat(answer.Interactions), result => Assert.Equal(result.Outcome == V1.UpsertOutcome.Refused, result.Problem.Length > 0));
    }

    [Fact]
    public async Task A_request_that_is_repeated_acts_once()
    {
        var request = new UpsertHistoryRequest { RequestId = "r1", Source = "crm", Customers = { Customer("c-1", "030 5550100") } };
        var first = await UpsertAsync(Worker, request);
        var again = await UpsertAsync(Worker, request);
        var fresh = await UpsertAsync(Worker, new UpsertHistoryRequest(request) { RequestId = "r2" });
        var reused = await Assert.ThrowsAsync<RpcException>(() => UpsertAsync(Worker, new UpsertHistoryRequest(request) { Source = "shop" }));

        Assert.Equal(V1.UpsertOutcome.Added, first.Customers.Single().Outcome);
        Assert.Equal(first, again);
        Assert.Equal(V1.UpsertOutcome.Unchanged, fresh.Customers.Single().Outcome);
        Assert.Equal("REQUEST_ID_REUSED", reused.Trailers.GetValue("edgeassist-reason"));
    }

    [Fact]
    public async Task An_erased_customer_is_known_to_nobody_and_erasing_twice_by_one_request_is_one()
    {
        await TellAsync();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
        await ForCallAsync(Anna);

        var erased = await EraseAsync(RelayServer.Admin, "e1", "c-1");

        Assert.Equal((5, 1), (erased.Interactions, erased.Identifiers));
        Assert.Equal(erased, await EraseAsync(RelayServer.Admin, "e1", "c-1"));
        Assert.Equal(V1.MatchOutcome.Unknown, (await ForCallAsync(Sue)).Outcome);
        Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => EraseAsync(RelayServer.Admin, "e2", "c-1")));
        Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => GetAsync(Sue)));
    }

    [Fact]
    public async Task A_call_that_is_over_keeps_its_customer_across_a_restart()
    {
        await TellAsync();
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);
        await ForCallAsync(Anna);
        await _server.Sink.PublishAsync(Say.Ended(_call), Patience.Normal);
        await _server.DisposeAsync();
        _server = await RelayServer.StartAsync(_directory.Path);
        _client = new V1.History.HistoryClient(_server.Invoker());

        var history = await ForCallAsync(Anna);

        Assert.Equal((V1.MatchOutcome.Matched, "number"), (history.Outcome, history.Identifier));
        Assert.Equal(5, history.Customer.Interactions.Count);
        Assert.Equal(StatusCode.NotFound, await StatusOfAsync(() => ForCallAsync(Bert)));
    }

    [Fact]
    public async Task Analysis_in_another_process_asks_over_the_link()
    {
        await TellAsync();
        var customers = new Customers.CustomersClient(_server.Invoker());
        using var stream = customers.LookUp(new LookUpRequest { Call = Say.Info(_call).ToWire() }, _server.Headers(Worker));

        Assert.True(await stream.ResponseStream.MoveNext(Patience.Normal));
        var found = stream.ResponseStream.Current.ToContract();
        Assert.False(await stream.ResponseStream.MoveNext(Patience.Normal));

        Assert.Equal((_call, Contracts.MatchOutcome.Matched, "c-1", 1), (found.Call, found.Match.Outcome, found.Customer!.Key, found.Counts!.OpenCases));
        using var refused = customers.LookUp(new LookUpRequest { Call = Say.Info(_call).ToWire() }, _server.Headers(RelayServer.Admin));
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => refused.ResponseStream.MoveNext(Patience.Normal))).StatusCode);
    }

    [Fact]
    public async Task Without_a_store_calls_go_on_and_the_reason_is_told()
    {
        await _server.DisposeAsync();
        File.WriteAllBytes(Path.Combine(_directory.Path, "history.db"), [.. Enumerable.Repeat((byte)'x', 8192)]);
        foreach (var rest in Directory.GetFiles(_directory.Path, "history.db-*")) File.Delete(rest);
        _server = await RelayServer.StartAsync(_directory.Path);
        _client = new V1.History.HistoryClient(_server.Invoker());
        await _server.Sink.PublishAsync(Say.Started(_call), Patience.Normal);

        var history = await ForCallAsync(Sue);

        Assert.Equal(V1.MatchOutcome.Failed, history.Outcome);
        Assert.Contains("is damaged", history.Reason, StringComparison.Ordinal);
        Assert.Equal(StatusCode.Unavailable, await StatusOfAsync(() => GetAsync(RelayServer.Admin)));
    }

    private async Task TellAsync()
    {
        var answer = await UpsertAsync(Worker, new UpsertHistoryRequest
        {
            RequestId = "tell", Source = "crm", Customers = { Customer("c-1", "030 555 01 00") },
            Interactions =
            {
                new Interaction(Interaction("i-1", V1.InteractionKind.Contact, 5)) { Matter = "t-1", Summary = "wants a call at 030 5550100" },
                new Interaction(Interaction("i-2", V1.InteractionKind.Contact, 2)) { Matter = "t-1" },
                new Interaction(Interaction("t-1", V1.InteractionKind.Ticket, 1)) { State = V1.InteractionState.Open },
                new Interaction(Interaction("p-1", V1.InteractionKind.Promise, 10)) { State = V1.InteractionState.Open, DueAt = Ago(3) },
                new Interaction(Interaction("o-1", V1.InteractionKind.Order, 50)) { Amount = "49.90", Currency = "EUR" },
            },
        });
        Assert.All(answer.Interactions, result => Assert.Equal(V1.UpsertOutcome.Added, result.Outcome));
    }

    private static CustomerUpsert Customer(string key, string number) => new()
    {
        Key = key, Name = "Erika Mustermann", Identifiers = { new CustomerIdentifier { Kind = "number", Value = number } },
    };

    private static Interaction Interaction(string id, V1.InteractionKind kind, int daysAgo = 1) => new() { CustomerKey = "c-1", SourceId = id, Kind = kind, At = Ago(daysAgo) };

    private static Timestamp Ago(int days) => TimeProvider.System.GetUtcNow().AddDays(-days).ToTimestamp();

    private async Task<V1.CallHistory> ForCallAsync(Principal who) => await _client.ForCallAsync(new ForCallRequest { CallId = _call.Value }, _server.Headers(who));

    private async Task<Customer> GetAsync(Principal who) => await _client.GetAsync(new GetCustomerRequest { Key = "c-1" }, _server.Headers(who));

    private async Task<UpsertHistoryResponse> UpsertAsync(Principal who, UpsertHistoryRequest request) => await _client.UpsertAsync(request, _server.Headers(who));

    private async Task<EraseCustomerResponse> EraseAsync(Principal who, string requestId, string key) =>
        await _client.EraseAsync(new EraseCustomerRequest { RequestId = requestId, Key = key, Reason = "asked for it" }, _server.Headers(who));

    private static async Task<StatusCode> StatusOfAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }
}
