using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.Proto.Mapping;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>Starting, filling up, ending: the relay as its host and its publishers see it.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Calls_that_were_live_at_a_crash_are_ended_as_lost_at_the_next_start()
    {
        var call = Say.NewCall();
        await using (var first = await RelayServer.StartAsync(_directory.Path))
        {
            await first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Critical), Patience.Normal);
        }

        await using var second = await RelayServer.StartAsync(_directory.Path);
        await using var client = second.Client();

        // Also tells that the writer has come past its first batch.
        await second.Sink.PublishAsync(Say.Started(Say.NewCall()), Patience.Normal);
        var detail = await client.GetCallAsync(call.Value, Patience.Normal);
        var alert = (await client.ListAlertsAsync(new V1.ListAlertsRequest(), Patience.Normal)).Alerts.Single();

        Assert.Equal("lost", detail.Call.EndReason);
        Assert.Equal(detail.Call.EndedAt, alert.CallEndedAt);
    }

    [Fact]
    public async Task A_claim_and_its_request_id_survive_a_restart()
    {
        V1.Alert claimed;
        await using (var first = await RelayServer.StartAsync(_directory.Path))
        {
            var call = Say.NewCall();
            await first.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await first.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
            claimed = await ClaimAsync(first, first.Writer.State.Alerts.Keys.Single());
        }

        await using var second = await RelayServer.StartAsync(_directory.Path);
        var again = await ClaimAsync(second, claimed.AlertId);

        Assert.Equal(claimed, again);

        static async Task<V1.Alert> ClaimAsync(RelayServer server, string alertId) => await new V1.Alerts.AlertsClient(server.Invoker())
            .ClaimAsync(new V1.AlertActionRequest { AlertId = alertId, RequestId = "once" }, server.Headers());
    }

    [Fact]
    public async Task A_full_disk_is_told_to_publishers_and_people_and_nothing_half_written_is_seen()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options => options.JournalMaxPages = 80);
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        var acknowledged = 0;
        var refused = new List<ScoreSinkException>();

        // Until not even a short one fits: the last page may have room for something small.
        foreach (var length in new[] { 4000, 400, 1 })
        {
            refused.Add(await Assert.ThrowsAsync<ScoreSinkException>(async () =>
            {
                while (true)
                {
                    await server.Sink.PublishAsync(Say.Final(call, acknowledged + 1, new string('w', length)), Patience.Normal);
                    acknowledged++;
                }
            }));
        }

        var action = await Assert.ThrowsAsync<RpcException>(async () => await new V1.Alerts.AlertsClient(server.Invoker()).DismissAsync(
            new V1.AlertActionRequest { AlertId = server.Writer.State.Alerts.Keys.Single(), RequestId = "r", Reason = new string('r', 1000) }, server.Headers()));

        Assert.All(refused, each => Assert.Contains("no room to grow", each.Message, StringComparison.Ordinal));
        Assert.Equal(StatusCode.ResourceExhausted, action.StatusCode);
        Assert.Equal("JOURNAL_FULL", action.Reason());
        Assert.Equal(acknowledged, server.Writer.State.Calls[call.Value].Finals.Count);
        Assert.Equal(V1.AlertState.Open, server.Writer.State.Alerts.Values.Single().State);
    }

    [Fact]
    public async Task A_relay_that_shuts_down_says_goodbye_with_a_token_that_the_next_one_takes()
    {
        var first = await RelayServer.StartAsync(_directory.Path);
        using var watch = RawWatch.Alerts(first.Invoker(), first.Headers());
        await watch.NextAsync(Patience.Normal);
        var stopping = first.StopAsync();
        V1.Goaway? goaway = null;
        while (goaway is null) goaway = (await watch.NextAsync(Patience.Normal)).Goaway;
        await stopping;

        await using var second = await RelayServer.StartAsync(_directory.Path);
        using var resumed = RawWatch.Alerts(second.Invoker(), second.Headers(), goaway.ResumeToken);

        Assert.NotNull((await resumed.NextAsync(Patience.Normal)).Hello);
    }

    [Fact]
    public async Task Publishers_in_another_process_get_a_receipt_for_each_event_in_order()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var worker = new Principal { Subject = "worker", Role = PrincipalRole.Internal };
        var call = Say.NewCall();
        var clock = ClockAnchor.Read(TimeProvider.System);
        CallEvent[] said = [Say.Started(call), Say.Partial(call, 1), Say.Final(call, 1), Say.Score(call, EscalationLevel.Escalated), Say.Ended(call)];
        using var publish = new CallScores.CallScoresClient(server.Invoker()).Publish(server.Headers(worker));
        for (var i = 0; i < said.Length; i++) await publish.RequestStream.WriteAsync(new PublishRequest { Sequence = i + 1, Event = said[i].ToWire(clock) });
        await publish.RequestStream.CompleteAsync();

        var receipts = new List<long>();
        while (await publish.ResponseStream.MoveNext(Patience.Normal)) receipts.Add(publish.ResponseStream.Current.Sequence);

        Assert.Equal([1L, 2, 3, 4, 5], receipts);
        Assert.Equal(6, server.Writer.State.Offset);   // four of the call, the alert opened and told of the call's end
    }

    [Fact]
    public async Task A_publisher_that_does_not_say_who_it_speaks_of_is_told_so()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        var worker = new Principal { Subject = "worker", Role = PrincipalRole.Internal };
        using var publish = new CallScores.CallScoresClient(server.Invoker()).Publish(server.Headers(worker));
        await publish.RequestStream.WriteAsync(new PublishRequest
        {
            Sequence = 1,
            Event = new V1.CallEvent { CallId = "unheard-of", Gap = new V1.Gap() },
        });

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await publish.ResponseStream.MoveNext(Patience.Normal));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("unheard-of", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_name_number_or_word_reaches_the_log()
    {
        using var log = new LogCatcher();
        await using (var server = await RelayServer.StartAsync(_directory.Path, log: log))
        {
            var call = Say.NewCall();
            await using var client = server.Client();
            using var watch = RawWatch.Calls(server.Invoker(), server.Headers(), snapshot: true);
            await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await server.Sink.PublishAsync(Say.Final(call, 1, "my card is CANARYWORD"), Patience.Normal);
            await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
            await client.DismissAsync(server.Writer.State.Alerts.Keys.Single(), "CANARYREASON", cancellationToken: Patience.Normal);
            await Assert.ThrowsAsync<EdgeAssistException>(() => client.GetCallAsync("nowhere", Patience.Normal));
        }

        Assert.NotEmpty(log.Lines);
        foreach (var canary in new[] { "5550100", "Erika", "CANARY", "ea1." })
            Assert.DoesNotContain(log.Lines, line => line.Contains(canary, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DataDirectory")]
    [InlineData("Heartbeat")]
    [InlineData("MaxPendingEvents")]
    [InlineData("RetentionCount")]
    public async Task A_setting_that_cannot_work_stops_the_start_with_a_sentence_that_names_it(string setting)
    {
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => RelayServer.StartAsync(_directory.Path, options =>
        {
            if (setting == "DataDirectory") options.DataDirectory = " ";
            if (setting == "Heartbeat") options.Heartbeat = TimeSpan.FromMilliseconds(1);
            if (setting == "MaxPendingEvents") options.MaxPendingEvents = 0;
            if (setting == "RetentionCount") options.RetentionCount = 3;
        }));

        Assert.Contains("AlertRelay:" + setting, refused.Message, StringComparison.Ordinal);
    }

    private sealed class LogCatcher : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
