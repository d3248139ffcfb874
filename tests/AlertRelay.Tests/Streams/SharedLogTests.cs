using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

using CallItem = WatchItem<V1.CallDetail, V1.CallEvent>;

/// <summary>Two relays on one log: what one takes the other tells, and a client of the one goes on at the other.</summary>
public sealed class SharedLogTests : IAsyncLifetime
{
    private readonly TempDirectory _one = new(), _other = new();
    private RedisServer? _redis;
    private RelayServer _first = null!;
    private RelayServer _second = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _first = await StartAsync(_one);
        _ = _first.Authority;   // makes the key
        Directory.CreateDirectory(Path.Combine(_other.Path, "keys"));
        File.Copy(Path.Combine(_one.Path, "keys", "identity.key"), Path.Combine(_other.Path, "keys", "identity.key"));
        _second = await StartAsync(_other);
    }

    public async ValueTask DisposeAsync()
    {
        if (_first is not null) await _first.DisposeAsync();
        if (_second is not null) await _second.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
        _one.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task What_one_relay_takes_is_told_by_the_other()
    {
        using var watch = RawWatch.Alerts(_second.Invoker(), _second.Headers());
        await watch.NextAsync(Patience.Normal);
        var call = Say.NewCall();
        await _first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);

        V1.AlertEvent? told = null;
        while (told is null) told = (await watch.NextAsync(Patience.Normal)).Event;

        Assert.Equal(V1.AlertChange.Opened, told.Change);
        Assert.Equal(call.Value, told.Alert.CallId);
    }

    [Fact]
    public async Task Prompts_and_their_budget_are_one_for_all_relays_of_a_log()
    {
        var anna = new Principal { Subject = "anna", Role = PrincipalRole.Agent };
        await using var desktop = _second.Client(anna);
        await using var items = desktop.WatchAssistAsync(cancellationToken: Patience.Of(60)).GetAsyncEnumerator();
        Assert.True(await items.MoveNextAsync());   // connected
        var call = Say.NewCall();
        await _first.Sink.PublishAsync(Say.Started(call), Patience.Of(60));
        await _first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.9), Patience.Of(60));
        V1.Prompt? prompt = null;
        while (prompt is null && await items.MoveNextAsync()) prompt = (items.Current as WatchItem<V1.AssistSnapshot, V1.AssistEvent>.Event)?.Value.Prompt;

        await desktop.AcceptPromptAsync(prompt!.PromptId, Patience.Of(60));
        await using (var supervisor = _first.Client())
        {
            var deadline = Patience.Of(60);
            while ((await supervisor.ListPromptsAsync(call.Value, deadline)).Prompts.Single().State != V1.PromptState.Accepted) deadline.ThrowIfCancellationRequested();
        }

        // The call goes on at the other relay, which knows what it has had.
        await _second.Sink.PublishAsync(Say.Score(call, EscalationLevel.Critical, at: 5, risk: 0.97), Patience.Of(60));
        Assert.Equal(1, _second.Writer.State.Assists[call.Value].Offers);
        Assert.Equal(AlertRelay.Assist.Withheld.TooSoon, _second.Writer.State.Assists[call.Value].Waiting!.Cause);
    }

    [Fact]
    public async Task A_claim_at_one_relay_keeps_the_claim_at_the_other_out()
    {
        var call = Say.NewCall();
        await _first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        var alertId = _first.Writer.State.Alerts.Keys.Single();
        await using var sue = _first.Client(RelayServer.Admin with { Subject = "sue" });
        await using var tom = _second.Client(RelayServer.Admin with { Subject = "tom" });

        var outcomes = await Task.WhenAll(Try(() => sue.ClaimAsync(alertId)), Try(() => tom.ClaimAsync(alertId)));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(EdgeAssistError.DoesNotFit, outcomes.Single(outcome => outcome is not null)!.Error);

        static async Task<EdgeAssistException?> Try(Func<Task<V1.Alert>> act)
        {
            try
            {
                await act();
                return null;
            }
            catch (EdgeAssistException refused)
            {
                return refused;
            }
        }
    }

    [Fact]
    public async Task A_client_whose_relay_is_gone_resumes_at_the_other_without_a_gap_or_a_repetition()
    {
        await using var network = new CutProxy(_first.Address);
        await using var client = new EdgeAssistClient([network.Address, _second.Address], _ => ValueTask.FromResult(_first.Token()), new EdgeAssistClientOptions
        {
            MinBackoff = TimeSpan.FromMilliseconds(20),
            MaxBackoff = TimeSpan.FromMilliseconds(200),
        });
        const int before = 40, after = 40;
        var call = Say.NewCall();
        var heard = new List<long>();
        var gone = false;
        var connected = 0;
        await foreach (var item in client.WatchCallsAsync(snapshot: false, cancellationToken: Patience.Normal))
        {
            if (item is CallItem.Connection { State: ConnectionState.Connected } && ++connected == 1)
            {
                await _first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
                for (var i = 1; i < before; i++) await _first.Sink.PublishAsync(Say.Final(call, i), Patience.Normal);
            }

            if (item is CallItem.Event { Value: var told }) heard.Add(told.Offset);
            Assert.IsNotType<CallItem.Reset>(item);
            if (heard.Count == before / 2 && !gone)
            {
                gone = true;
                await network.DisposeAsync();
                for (var i = 0; i < after; i++) await _second.Sink.PublishAsync(Say.Final(call, before + i), Patience.Normal);
            }

            if (heard.Count == before + after) break;
        }

        Assert.Equal(Enumerable.Range(1, before + after).Select(offset => (long)offset), heard);
    }

    [Fact]
    public async Task Both_relays_decide_what_time_brings_and_it_happens_once()
    {
        var call = Say.NewCall();
        await _first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        await using var client = _first.Client();
        var alertId = _first.Writer.State.Alerts.Keys.Single();
        using var watch = RawWatch.Alerts(_second.Invoker(), _second.Headers());
        await watch.NextAsync(Patience.Normal);

        await client.ClaimAsync(alertId);
        var changes = new List<V1.AlertChange>();
        while (!changes.Contains(V1.AlertChange.Released))
        {
            if ((await watch.NextAsync(Patience.Normal)).Event is { } told) changes.Add(told.Change);
        }

        await _first.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
        while (!changes.Contains(V1.AlertChange.CallEnded))
        {
            if ((await watch.NextAsync(Patience.Normal)).Event is { } told) changes.Add(told.Change);
        }

        Assert.Single(changes, change => change == V1.AlertChange.Released);
        Assert.Equal(V1.AlertChange.CallEnded, changes[^1]);
    }

    private Task<RelayServer> StartAsync(TempDirectory directory) => RelayServer.StartAsync(directory.Path, options =>
    {
        options.SharedLog = _redis!.Configuration;
        options.ClaimLease = TimeSpan.FromSeconds(1);
    });
}
