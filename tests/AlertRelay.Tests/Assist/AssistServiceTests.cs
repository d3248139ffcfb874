using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Assist;

/// <summary>Prompts and messages as clients see them, over a real relay.</summary>
public sealed class AssistServiceTests : IDisposable
{
    private static readonly Principal Anna = new() { Subject = "anna", Role = PrincipalRole.Agent };
    private static readonly Principal Bert = new() { Subject = "bert", Role = PrincipalRole.Agent };
    private static readonly Principal Sue = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] };

    private readonly TempDirectory _directory = new();

    [Fact]
    public async Task A_prompt_reaches_the_agent_with_the_way_from_its_trigger_and_nobody_elses_agent()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        using var hers = Watch(server, Anna);
        using var his = Watch(server, Bert);
        using var supervisors = Watch(server, Sue);
        foreach (var watch in new[] { hers, his, supervisors }) Assert.NotNull((await watch.NextAsync(Patience.Of(60))).Hello);

        await EscalateAsync(server);
        var told = await EventAsync(hers);
        var seen = await EventAsync(supervisors);

        Assert.Equal(V1.PromptState.Offered, told.Prompt.State);
        Assert.Equal(told.Prompt, seen.Prompt);
        Assert.Equal([V1.Hop.Commit, V1.Hop.FanOut], told.Latency.Hops.Select(hop => hop.Hop));
        Assert.Equal(told.Prompt.TriggeredAt, told.Latency.WordsEndedAt);
        Assert.True(told.Offset > 0);

        // The other agent hears nothing but that the stream lives.
        V1.WatchAssistResponse next;
        var patience = Patience.Of(60);
        do next = await his.NextAsync(patience);
        while (next.Heartbeat is null);
        Assert.Null(next.Event);
    }

    [Fact]
    public async Task What_an_agent_does_with_a_prompt_is_shown_to_that_agent_alone()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var call = await EscalateAsync(server);
        var prompt = server.Writer.State.Assists[call.Value].Prompts[0];
        using var supervisors = Watch(server, Sue, snapshot: true);
        var patience = Patience.Of(60);
        while ((await supervisors.NextAsync(patience)).SnapshotEnd is null)
        {
            // What happens from here on comes as an event.
        }

        var assist = new V1.Assist.AssistClient(server.Invoker());

        var own = await assist.DismissAsync(new V1.PromptActionRequest { PromptId = prompt.PromptId, RequestId = "r", Reason = "I said it already" }, server.Headers(Anna));

        Assert.Equal((V1.PromptState.Dismissed, "I said it already"), (own.State, own.Reason));
        var streamed = (await EventAsync(supervisors)).Prompt;
        Assert.Equal((V1.PromptState.Passed, ""), (streamed.State, streamed.Reason));
        foreach (var other in new[] { Sue, RelayServer.Admin })
        {
            var listed = Assert.Single((await assist.ListAsync(new V1.ListPromptsRequest { CallId = call.Value }, server.Headers(other))).Prompts);
            Assert.Equal((V1.PromptState.Passed, ""), (listed.State, listed.Reason));
        }

        Assert.Equal(V1.PromptState.Dismissed, (await assist.ListAsync(new V1.ListPromptsRequest { CallId = call.Value }, server.Headers(Anna))).Prompts.Single().State);
    }

    [Fact]
    public async Task A_client_that_lost_its_connection_misses_nothing_of_a_prompts_life()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        string token;
        using (var first = Watch(server, Anna)) token = (await first.NextAsync(Patience.Of(60))).Hello.ResumeToken;

        var call = await EscalateAsync(server);
        await using var client = server.Client(Anna);
        var promptId = server.Writer.State.Assists[call.Value].Prompts[0].PromptId;
        await client.MarkPromptShownAsync(promptId, Patience.Of(60));
        await client.AcceptPromptAsync(promptId, Patience.Of(60));

        using var resumed = Watch(server, Anna, token: token);
        var states = new List<V1.PromptState>();
        while (states.Count < 3) states.Add((await EventAsync(resumed)).Prompt.State);
        Assert.Equal([V1.PromptState.Offered, V1.PromptState.Shown, V1.PromptState.Accepted], states);
        using var others = Watch(server, Bert, token: token);
        Assert.Equal("TOKEN_OF_OTHER_STREAM", (await others.FailureAsync(Patience.Of(60))).Reason());
    }

    [Fact]
    public async Task The_client_library_shows_a_standing_prompt_and_follows_it()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var call = await EscalateAsync(server);
        await using var client = server.Client(Anna);
        await using var items = client.WatchAssistAsync(cancellationToken: Patience.Of(60)).GetAsyncEnumerator();
        var standing = await NextAsync<WatchItem<V1.AssistSnapshot, V1.AssistEvent>.Snapshot>(items);

        await client.SnoozePromptAsync(standing.Value.Prompt.PromptId, TimeSpan.FromMinutes(2), "in a minute", Patience.Of(60));
        var snoozed = (await NextAsync<WatchItem<V1.AssistSnapshot, V1.AssistEvent>.Event>(items)).Value.Prompt;
        await server.Sink.PublishAsync(Say.Ended(call), Patience.Of(60));
        var over = (await NextAsync<WatchItem<V1.AssistSnapshot, V1.AssistEvent>.Event>(items)).Value.Prompt;

        Assert.Equal((V1.PromptState.Snoozed, "in a minute"), (snoozed.State, snoozed.Reason));
        Assert.Equal(V1.PromptState.CallEnded, over.State);
        Assert.Single((await client.ListPromptsAsync(call.Value, Patience.Of(60))).Prompts);   // out of the journal
    }

    [Fact]
    public async Task A_message_is_delivered_when_it_is_on_the_agents_stream_and_read_when_they_say_so()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var call = await EscalateAsync(server);
        await using var supervisor = server.Client(Sue);
        await using var agent = server.Client(Anna);

        var sent = await supervisor.SendMessageAsync(call.Value, "I'm listening in, you're doing well", Patience.Of(60));
        Assert.Null(sent.DeliveredAt);
        using var watch = Watch(server, Anna, snapshot: true);   // undelivered so far: it comes with the snapshot
        var patience = Patience.Of(60);
        while ((await watch.NextAsync(patience)).Snapshot?.Message is null)
        {
            // The prompt comes first.
        }

        await UntilAsync(server, call, message => message.DeliveredAt is not null);
        await agent.MarkMessageReadAsync(sent.MessageId, Patience.Of(60));

        var read = (await supervisor.ListPromptsAsync(call.Value, Patience.Of(60))).Messages.Single();
        Assert.NotNull(read.ReadAt);
        Assert.Equal(("sue", "anna"), (read.Author, read.Agent));
    }

    [Fact]
    public async Task A_supervisors_own_stream_delivers_nothing()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var call = await EscalateAsync(server);
        await using var supervisor = server.Client(Sue);
        using var watch = Watch(server, Sue);
        await watch.NextAsync(Patience.Of(60));

        await supervisor.SendMessageAsync(call.Value, "hello", Patience.Of(60));
        Assert.NotNull((await EventAsync(watch)).Message);
        await supervisor.SendMessageAsync(call.Value, "again", Patience.Of(60));   // behind anything the stream could have noted

        Assert.All(server.Writer.State.Assists[call.Value].Messages, message => Assert.Null(message.DeliveredAt));
    }

    [Fact]
    public async Task Budget_prompts_and_snoozes_survive_the_relay()
    {
        CallId call;
        string promptId;
        await using (var first = await RelayServer.StartAsync(_directory.Path))
        {
            call = await EscalateAsync(first);
            await using var client = first.Client(Anna);
            promptId = first.Writer.State.Assists[call.Value].Prompts[0].PromptId;
            await client.SnoozePromptAsync(promptId, TimeSpan.FromMinutes(20), cancellationToken: Patience.Of(60));
        }

        await using var second = await RelayServer.StartAsync(_directory.Path);
        await second.Sink.PublishAsync(Say.Started(call), Patience.Of(60));
        await second.Sink.PublishAsync(Say.Score(call, EscalationLevel.Critical, at: 60, risk: 0.97), Patience.Of(60));

        var assist = second.Writer.State.Assists[call.Value];
        Assert.Equal(promptId, Assert.Single(assist.Prompts).PromptId);
        Assert.Equal(1, assist.Withheld["snoozed"]);
        Assert.Equal(1, assist.Offers);
    }

    [Fact]
    public async Task Of_an_observed_team_prompts_are_kept_and_nothing_is_told()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing"));
        using var watch = Watch(server, Anna);
        await watch.NextAsync(Patience.Of(60));
        var call = await EscalateAsync(server);
        var assist = new V1.Assist.AssistClient(server.Invoker());

        Assert.Equal(V1.PromptState.WouldBe, server.Writer.State.Assists[call.Value].Prompts.Single().State);
        V1.WatchAssistResponse next;
        var patience = Patience.Of(60);
        do next = await watch.NextAsync(patience);
        while (next.Heartbeat is null && next.Event is null);
        Assert.Null(next.Event);
        Assert.Empty((await assist.ListAsync(new V1.ListPromptsRequest { CallId = call.Value }, server.Headers(Sue))).Prompts);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await assist.SendMessageAsync(new V1.SendMessageRequest { CallId = call.Value, RequestId = "r", Text = "hello" }, server.Headers(Sue)));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);

        await server.Sink.PublishAsync(Say.Ended(call), Patience.Of(60));
        var kept = await assist.ListAsync(new V1.ListPromptsRequest { CallId = call.Value, IncludeWouldBe = true }, server.Headers());
        Assert.Equal(V1.PromptState.WouldBe, kept.Prompts.Single().State);
    }

    [Fact]
    public async Task The_library_is_listed_with_its_figures_and_an_entry_can_be_taken_out_and_put_back()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var assist = new V1.Assist.AssistClient(server.Invoker());
        var all = await assist.ListEntriesAsync(new V1.ListEntriesRequest { Situation = "asks_for_manager", Kind = V1.EntryKind.Phrase }, server.Headers(Anna));

        Assert.True(all.Entries.Count >= 4);
        Assert.All(all.Entries, entry => Assert.StartsWith("Not enough data", entry.Effect.Sentence, StringComparison.Ordinal));
        Assert.All(all.Entries, entry => Assert.False(entry.Effect.HasEffect));
        foreach (var entry in all.Entries)
        {
            await assist.SetEntryUseAsync(new V1.SetEntryUseRequest
            {
                EntryId = entry.EntryId, EntryVersion = entry.Version, RequestId = entry.EntryId, Use = V1.EntryUse.SwitchedOff, Reason = "a test",
            }, server.Headers());
        }

        var call = await EscalateAsync(server);
        Assert.DoesNotContain("asks_for_manager", Situations(server, call));
        await assist.SetEntryUseAsync(new V1.SetEntryUseRequest
        {
            EntryId = all.Entries[0].EntryId, EntryVersion = all.Entries[0].Version, RequestId = "back", Use = V1.EntryUse.InUse, Reason = "over",
        }, server.Headers());
        var next = await EscalateAsync(server);
        Assert.Equal(all.Entries[0].EntryId, server.Writer.State.Assists[next.Value].Prompts[0].Phrase.EntryId);
    }

    [Theory]
    [InlineData("0.70", "PromptConfidence")]
    public async Task The_budget_can_be_made_stricter_and_looser_only_on_an_administrators_word(string floor, string setting)
    {
        var value = double.Parse(floor, System.Globalization.CultureInfo.InvariantCulture);
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            RelayServer.StartAsync(_directory.Path, options => (options.PromptConfidence, options.PromptsPerCall) = (value, 2)));
        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
        Assert.Contains("LooserPrompts", refused.Message, StringComparison.Ordinal);

        await using var server = await RelayServer.StartAsync(_directory.Path, options => (options.PromptConfidence, options.LooserPrompts) = (value, true));
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Of(60));
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.75), Patience.Of(60));
        Assert.Single(server.Writer.State.Assists[call.Value].Prompts);
    }

    [Fact]
    public async Task Who_has_the_word_is_heard_over_both_links_and_told_to_nobody()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        using var watch = RawWatch.Calls(server.Invoker(), server.Headers());
        await watch.NextAsync(Patience.Of(60));
        var call = Say.NewCall();
        var clock = ClockAnchor.Read(TimeProvider.System);
        await server.Sink.PublishAsync(Say.Started(call), Patience.Of(60));
        var before = server.Writer.State.Offset;
        await server.Sink.PublishAsync(new SpeechChanged(call, Say.Now, new LegId(1), PartyRole.Agent, true, TimeSpan.FromSeconds(1)), Patience.Of(60));
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.9), Patience.Of(60));
        Assert.Empty(server.Writer.State.Assists[call.Value].Prompts);

        using var publish = new Internal.V1.CallScores.CallScoresClient(server.Invoker()).Publish(server.Headers(new Principal { Subject = "worker", Role = PrincipalRole.Internal }));
        var quiet = new SpeechChanged(call, Say.Now, new LegId(1), PartyRole.Agent, false, TimeSpan.FromSeconds(2));
        await publish.RequestStream.WriteAsync(new Internal.V1.PublishRequest { Sequence = 1, Event = Proto.Mapping.CallEventMapping.ToWire(quiet, clock) });
        Assert.True(await publish.ResponseStream.MoveNext(Patience.Of(60)));

        Assert.Single(server.Writer.State.Assists[call.Value].Prompts);
        Assert.Equal(before + 3, server.Writer.State.Offset);   // score, alert, prompt; who spoke is nowhere
        var kinds = new List<V1.CallEvent.KindOneofCase>();
        while (!kinds.Contains(V1.CallEvent.KindOneofCase.Score))
        {
            if ((await watch.NextAsync(Patience.Of(60))).Event is { } told) kinds.Add(told.KindCase);
        }

        Assert.DoesNotContain(V1.CallEvent.KindOneofCase.Speech, kinds);
    }

    public void Dispose() => _directory.Dispose();

    private static System.Collections.Immutable.ImmutableArray<string> Situations(RelayServer server, CallId call) =>
        AlertRelay.Assist.Playbooks.Playbook.BuiltIn.Entries.Single(entry => entry.Id == server.Writer.State.Assists[call.Value].Prompts[0].Phrase.EntryId).Situations;

    private static async Task<CallId> EscalateAsync(RelayServer server)
    {
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Of(60));
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.9), Patience.Of(60));
        return call;
    }

    private static AsyncServerStreamingCall<V1.WatchAssistResponse> Watch(RelayServer server, Principal principal, string token = "", bool snapshot = false) =>
        new V1.Assist.AssistClient(server.Invoker()).Watch(new V1.WatchAssistRequest { ResumeToken = token, Snapshot = snapshot }, server.Headers(principal));

    private static async Task<V1.AssistEvent> EventAsync(AsyncServerStreamingCall<V1.WatchAssistResponse> watch)
    {
        // One deadline for all of it: heartbeats go on when the event does not come.
        var deadline = Patience.Of(60);
        while (true)
        {
            if ((await watch.NextAsync(deadline)).Event is { } told) return told;
        }
    }

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<WatchItem<V1.AssistSnapshot, V1.AssistEvent>> items)
        where T : WatchItem<V1.AssistSnapshot, V1.AssistEvent>
    {
        while (await items.MoveNextAsync())
        {
            if (items.Current is T wanted) return wanted;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private static async Task UntilAsync(RelayServer server, CallId call, Func<V1.AgentMessage, bool> holds)
    {
        var deadline = Patience.Of(60);
        while (!server.Writer.State.Assists[call.Value].Messages.Exists(message => holds(message)))
        {
            deadline.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
