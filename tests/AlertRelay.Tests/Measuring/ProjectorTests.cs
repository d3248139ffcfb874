using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

public sealed class ProjectorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly CustomerKey Key = new([1, 2, 3]);

    [Fact]
    public async Task A_call_becomes_a_row_with_its_alert_timed_on_its_own_timeline()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        var journal = await JournalAsync();
        using var projector = new MeasuresProjector(store, journal, Key);

        await projector.CatchUpAsync(Patience.Normal);

        var (calls, alerts) = store.ReadAll();
        var call = calls.Single(each => each.CallId == "a");
        Assert.Equal(("billing", 1, 1, false, true), (call.Team, call.Transfers, call.Alerts, call.Lost, call.Scored));
        Assert.Equal(Start, call.Started);
        Assert.Equal(Start.AddSeconds(200), call.Ended);
        Assert.Equal(Key.Of("sip:+49305550100@pbx;user=phone"), call.Customer);
        var alert = alerts.Single(each => each.CallId == "a");
        Assert.Equal(Start.AddSeconds(30), alert.Opened);
        Assert.Equal(Start.AddSeconds(120), alert.Calmed);   // not at 60, when it was calm for 20 s only
        Assert.Equal(Verdict.Wrong, alert.Verdict);
        Assert.NotNull(alert.Acted);
    }

    [Fact]
    public async Task A_call_that_never_calmed_or_was_lost_says_so()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        using var projector = new MeasuresProjector(store, await JournalAsync(), Key);

        await projector.CatchUpAsync(Patience.Normal);

        var (calls, alerts) = store.ReadAll();
        Assert.Null(alerts.Single(each => each.CallId == "b").Calmed);
        Assert.True(calls.Single(each => each.CallId == "c").Lost);
        Assert.Null(calls.Single(each => each.CallId == "c").Customer);
        Assert.DoesNotContain(calls, each => each.CallId == "d");   // still live
    }

    /// <summary>Stopped behind every record and begun anew with what is on disk: the rows are those of one run.</summary>
    [Fact]
    public async Task Restarted_at_every_record_it_comes_to_the_same_rows()
    {
        var journal = await JournalAsync();
        using var whole = new TempDirectory();
        using var expected = MeasuresStore.Open(whole.Path);
        using (var projector = new MeasuresProjector(expected, journal, Key)) await projector.CatchUpAsync(Patience.Normal);

        using var directory = new TempDirectory();
        for (var head = 1; head <= journal.Head; head++)
        {
            using var store = MeasuresStore.Open(directory.Path);
            using var projector = new MeasuresProjector(store, new Upto(journal, head), Key);
            Assert.Equal(1, await projector.CatchUpAsync(Patience.Normal));
            Assert.Equal(head, store.Place().Offset);
        }

        using var final = MeasuresStore.Open(directory.Path);
        Assert.Equal(expected.ReadAll().Calls, final.ReadAll().Calls);
        Assert.Equal(expected.ReadAll().Alerts, final.ReadAll().Alerts);
        Assert.True(expected.ReadAll().Calls.Count >= 3);
    }

    [Fact]
    public async Task The_same_records_under_a_new_epoch_change_no_row()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        var journal = await JournalAsync();
        using (var projector = new MeasuresProjector(store, journal, Key)) await projector.CatchUpAsync(Patience.Normal);
        var before = store.ReadAll();

        using (var projector = new MeasuresProjector(store, new Upto(journal, journal.Head) { Epoch = "another" }, Key))
            Assert.Equal(journal.Head, await projector.CatchUpAsync(Patience.Normal));

        Assert.Equal(before.Calls, store.ReadAll().Calls);
        Assert.Equal(before.Alerts, store.ReadAll().Alerts);
    }

    [Fact]
    public async Task Records_that_were_forgotten_before_they_were_read_are_counted()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        var journal = await JournalAsync();
        using var projector = new MeasuresProjector(store, new Upto(journal, journal.Head) { Oldest = 6 }, Key);

        await projector.CatchUpAsync(Patience.Normal);

        Assert.Equal(5, store.Place().Skipped);
        Assert.Equal(journal.Head, store.Place().Offset);
    }

    [Fact]
    public async Task What_is_past_the_retention_goes_and_the_rest_stays()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        using var projector = new MeasuresProjector(store, await JournalAsync(), Key);
        await projector.CatchUpAsync(Patience.Normal);

        var forgotten = store.Forget(Start.AddSeconds(1));

        Assert.Equal(1, forgotten);
        Assert.DoesNotContain(store.ReadAll().Calls, call => call.CallId == "a");
        Assert.Contains(store.ReadAll().Calls, call => call.CallId == "b");
    }

    [Theory]
    [InlineData("sip:+49-30-555@one;user=phone", "tel:+49 30 555")]
    [InlineData("+49 (30) 555", "+4930555")]
    [InlineData("sip:Erika@a.example", "erika")]
    public void The_same_customer_has_one_key(string one, string other) => Assert.Equal(Key.Of(one), Key.Of(other));

    [Theory]
    [InlineData("")]
    [InlineData("sip:anonymous@anonymous.invalid")]
    public void A_withheld_number_is_nobody(string customer) => Assert.Null(Key.Of(customer));

    [Fact]
    public void Another_secret_makes_another_key() => Assert.NotEqual(Key.Of("+4930555"), new CustomerKey([9]).Of("+4930555"));

    /// <summary>Calls a (calms at 120 s, dismissed after its end), b (never calms), c (lost, number withheld) and d (live), through the relay's own rules.</summary>
    private static async Task<CountingJournal> JournalAsync()
    {
        var journal = new CountingJournal();
        var state = new RelayState { Epoch = journal.Epoch, Offset = 0 };
        var policy = new AlertPolicy();

        async Task StepAsync(double second, Action<RelayStep> act)
        {
            var wall = Start.AddSeconds(second);
            var step = new RelayStep(state, policy, new ClockAnchor(new Instant(wall.UtcTicks), wall));
            act(step);
            state = step.State;
            await journal.AppendAsync(journal.Head, [.. step.Events.Select(RelayEventCodec.ToRecord)], default);
        }

        Task SayAsync(string call, double second, Action<V1.CallEvent> fill) => StepAsync(second, step =>
        {
            var said = new V1.CallEvent { CallId = call, EventTime = Timestamp.FromDateTimeOffset(Start.AddSeconds(second)) };
            fill(said);
            Assert.Equal(StepVerdict.Accepted, step.Accept(said).Verdict);
        });

        Task ScoreAsync(string call, double began, double at, V1.Level level) => SayAsync(call, began + at, said => said.Score = new V1.ScoreUpdate
        {
            Score = new V1.Score { At = Duration.FromTimeSpan(TimeSpan.FromSeconds(at)), Level = level, Risk = level > V1.Level.Calm ? 0.8 : 0.1 },
        });

        V1.Call Info(string customer, string agent = "anna") => new() { Team = "billing", Agent = agent, Customer = customer, Source = "siprec", Trunk = "t" };

        await SayAsync("a", 0, said => said.Started = Info("+49 30 555 0100"));
        await SayAsync("b", 5, said => said.Started = Info("+49305550101"));
        await SayAsync("c", 6, said => said.Started = Info("sip:anonymous@x"));
        await SayAsync("d", 7, said => said.Started = Info("+49305550102"));
        await ScoreAsync("a", 0, 30, V1.Level.Escalated);
        await ScoreAsync("b", 5, 40, V1.Level.Critical);
        await ScoreAsync("a", 0, 60, V1.Level.Calm);
        await ScoreAsync("a", 0, 80, V1.Level.Escalated);
        await SayAsync("a", 90, said => said.Updated = Info("+49 30 555 0100", "bert"));
        await ScoreAsync("a", 0, 120, V1.Level.Calm);
        await ScoreAsync("a", 0, 155, V1.Level.Calm);
        await ScoreAsync("b", 5, 160, V1.Level.Calm);   // ends 20 s later: too short a calm
        await SayAsync("b", 185, said => said.Ended = new V1.Call { EndReason = "hangup" });
        await SayAsync("c", 190, said => said.Ended = new V1.Call { EndReason = "lost" });
        var alertOfA = state.Alerts.Values.Single(alert => alert.CallId == "a");
        await StepAsync(195, step => step.Act(new ActionRequest { Action = AlertAction.Claim, AlertId = alertOfA.AlertId, Actor = "sue" }, null));
        await SayAsync("a", 200, said => said.Ended = new V1.Call { EndReason = "hangup" });
        await StepAsync(210, step => step.Act(new ActionRequest { Action = AlertAction.Dismiss, AlertId = alertOfA.AlertId, Actor = "sue", Reason = "no" }, null));
        return journal;
    }

    /// <summary>A journal as it was when it was so long.</summary>
    private sealed class Upto(IJournal journal, long head) : IJournal
    {
        public string Epoch { get; init; } = journal.Epoch;

        public long Head => head;

        public long Oldest { get; init; } = 1;

        public string? Damage => null;

        public ValueTask<DateTimeOffset> AppendAsync(long after, IReadOnlyList<JournalRecord> records, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask<IReadOnlyList<StoredRecord>> ReadAsync(long after, int limit, CancellationToken cancellationToken) =>
            after < Oldest - 1 ? [] : Cut(await journal.ReadAsync(after, limit, cancellationToken));

        public async ValueTask<IReadOnlyList<StoredRecord>> ReadCallAsync(string callId, CancellationToken cancellationToken) => Cut(await journal.ReadCallAsync(callId, cancellationToken));

        public ValueTask<StoredRecord?> ReadAlertAsync(string alertId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<StoredRecord>> ReadBeginningsAsync(JournalKind kind, long before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> TrimAsync(JournalRetention retention, long keepFrom, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private List<StoredRecord> Cut(IReadOnlyList<StoredRecord> records) => [.. records.Where(stored => stored.Offset <= head && stored.Offset >= Oldest)];
    }
}
