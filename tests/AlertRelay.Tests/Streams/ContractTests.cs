using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Grpc.Core;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>The stream contract of <c>common.proto</c>, seen from the wire.</summary>
public sealed class ContractTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private RelayServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RelayServer.StartAsync(_directory.Path, options =>
    {
        options.Heartbeat = TimeSpan.FromMilliseconds(500);
        options.MaxPendingEvents = 16;
        options.RetentionCount = 1000;
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Hello_comes_first_and_carries_a_token_that_resumes_from_the_very_start()
    {
        using var first = RawWatch.Alerts(_server.Invoker(), _server.Headers());
        var hello = (await first.NextAsync(Patience.Normal)).Hello;
        first.Dispose();
        await OpenAlertAsync();

        using var second = RawWatch.Alerts(_server.Invoker(), _server.Headers(), hello.ResumeToken);
        var helloAgain = (await second.NextAsync(Patience.Normal)).Hello;
        var missed = (await second.NextAsync(Patience.Normal)).Event;

        Assert.Equal(0, hello.Offset);
        Assert.Equal(TimeSpan.FromMilliseconds(500), hello.HeartbeatInterval.ToTimeSpan());
        Assert.Equal(16, hello.Limits.MaxPendingEvents);
        Assert.Equal(3, helloAgain.Offset);
        Assert.Equal(V1.AlertChange.Opened, missed.Change);
        Assert.Equal(3, missed.Offset);
        Assert.Equal($"{hello.Epoch}-3", missed.EventId);
    }

    [Fact]
    public async Task A_silent_stream_says_that_it_lives_and_how_far_it_has_seen()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers());
        await watch.NextAsync(Patience.Normal);
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall()), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall()), Patience.Normal);

        V1.Heartbeat beat;
        do beat = (await watch.NextAsync(Patience.Normal)).Heartbeat;
        while (beat.Offset < 2);

        Assert.Equal(2, beat.Offset);
        Assert.NotEmpty(beat.ResumeToken);
    }

    [Fact]
    public async Task A_stream_that_a_hundred_records_passed_by_is_told_its_place()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers());
        await watch.NextAsync(Patience.Normal);
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        for (var i = 1; i <= 150; i++) await _server.Sink.PublishAsync(Say.Final(call, i), Patience.Normal);

        V1.WatchAlertsResponse response;
        do response = await watch.NextAsync(Patience.Normal);
        while (response.Bookmark is null && response.Heartbeat is not { Offset: 151 });

        Assert.True(response.Bookmark is { Offset: >= 100 } || response.Heartbeat is { Offset: 151 });
    }

    [Fact]
    public async Task A_token_of_another_filter_or_principal_is_an_invalid_argument()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers());
        var token = (await watch.NextAsync(Patience.Normal)).Hello.ResumeToken;

        var filtered = await RawWatch.Alerts(_server.Invoker(), _server.Headers(), token, filter: new V1.AlertFilter { Teams = { "sales" } }).FailureAsync(Patience.Normal);
        var otherPrincipal = await RawWatch.Alerts(_server.Invoker(), _server.Headers(RelayServer.Admin with { Subject = "other" }), token).FailureAsync(Patience.Normal);
        var otherService = await RawWatch.Calls(_server.Invoker(), _server.Headers(), token).FailureAsync(Patience.Normal);
        var forged = await RawWatch.Alerts(_server.Invoker(), _server.Headers(), token[..^4] + "AAAA").FailureAsync(Patience.Normal);
        var nonsense = await RawWatch.Alerts(_server.Invoker(), _server.Headers(), "not a token").FailureAsync(Patience.Normal);

        Assert.All([filtered, otherPrincipal, otherService, forged, nonsense], error => Assert.Equal(StatusCode.InvalidArgument, error.StatusCode));
        Assert.All([filtered, otherPrincipal, otherService], error => Assert.Equal("TOKEN_OF_OTHER_STREAM", error.Reason()));
        Assert.All([forged, nonsense], error => Assert.Equal("TOKEN_INVALID", error.Reason()));
    }

    [Fact]
    public async Task A_filter_in_another_order_is_the_same_filter()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers(), filter: new V1.AlertFilter { Teams = { "a", "b" } });
        var token = (await watch.NextAsync(Patience.Normal)).Hello.ResumeToken;

        using var again = RawWatch.Alerts(_server.Invoker(), _server.Headers(), token, filter: new V1.AlertFilter { Teams = { "b", "a", "b" } });

        Assert.NotNull((await again.NextAsync(Patience.Normal)).Hello);
    }

    [Fact]
    public async Task A_token_from_before_the_retention_is_out_of_range_and_never_a_replay_with_a_hole()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers());
        var token = (await watch.NextAsync(Patience.Normal)).Hello.ResumeToken;
        watch.Dispose();
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
        await _server.Table.Journal.TrimAsync(new JournalRetention(TimeSpan.FromDays(1), 1), long.MaxValue, default);

        var refused = await RawWatch.Alerts(_server.Invoker(), _server.Headers(), token).FailureAsync(Patience.Normal);

        Assert.Equal(StatusCode.OutOfRange, refused.StatusCode);
        Assert.Equal("HISTORY_TRIMMED", refused.Reason());
        Assert.Equal("2", refused.Trailers.GetValue("edgeassist-oldest-offset"));
    }

    [Fact]
    public async Task A_slow_reader_is_cut_with_a_token_and_misses_nothing()
    {
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        using var slow = RawWatch.Calls(_server.Invoker(), _server.Headers(), snapshot: true);
        await slow.NextAsync(Patience.Normal);
        var said = 0;
        var words = new string('w', 16_000);
        while (_server.Table.Count > 0) await _server.Sink.PublishAsync(Say.Final(call, ++said, words), Patience.Normal);

        var heard = new List<int>();
        string token;
        try
        {
            while (true)
            {
                if ((await slow.NextAsync(Patience.Normal)).Event is { } seen) heard.Add(seen.Transcript.Utterance);
            }
        }
        catch (RpcException cut)
        {
            Assert.Equal(StatusCode.ResourceExhausted, cut.StatusCode);
            Assert.Equal("SLOW_READER", cut.Reason());
            token = cut.ResumeToken();
        }

        using var resumed = RawWatch.Calls(_server.Invoker(), _server.Headers(), token);
        while (heard.Count < said)
        {
            if ((await resumed.NextAsync(Patience.Normal)).Event is { } seen) heard.Add(seen.Transcript.Utterance);
        }

        Assert.Equal(Enumerable.Range(1, said), heard);
    }

    [Fact]
    public async Task A_stream_ends_with_its_access_token_and_resumes_with_the_next_one()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers(lifetime: TimeSpan.FromSeconds(1)));
        await watch.NextAsync(Patience.Normal);

        var ended = await watch.FailureAsync(Patience.Of(30));
        using var resumed = RawWatch.Alerts(_server.Invoker(), _server.Headers(), ended.ResumeToken());

        Assert.Equal(StatusCode.Unauthenticated, ended.StatusCode);
        Assert.Equal("TOKEN_EXPIRED", ended.Reason());
        Assert.NotNull((await resumed.NextAsync(Patience.Normal)).Hello);
    }

    [Fact]
    public async Task A_principal_may_not_open_streams_without_end()
    {
        var invoker = _server.Invoker();
        var open = new List<AsyncServerStreamingCall<V1.WatchAlertsResponse>>();
        for (var i = 0; i < 32; i++)
        {
            open.Add(RawWatch.Alerts(invoker, _server.Headers()));
            await open[^1].NextAsync(Patience.Normal);
        }

        var refused = await RawWatch.Alerts(invoker, _server.Headers()).FailureAsync(Patience.Normal);
        using var other = RawWatch.Alerts(invoker, _server.Headers(RelayServer.Admin with { Subject = "other" }));

        Assert.Equal("TOO_MANY_STREAMS", refused.Reason());
        Assert.NotNull((await other.NextAsync(Patience.Normal)).Hello);
        open.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task An_agent_hears_of_their_own_calls_only_and_not_who_calls()
    {
        var anna = new Principal { Subject = "anna", Role = PrincipalRole.Agent };
        using var watch = RawWatch.Calls(_server.Invoker(), _server.Headers(anna));
        await watch.NextAsync(Patience.Normal);
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall(), agent: "bert"), Patience.Normal);
        var own = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(own, agent: "anna"), Patience.Normal);

        V1.CallEvent? seen = null;
        while (seen is null) seen = (await watch.NextAsync(Patience.Normal)).Event;

        Assert.Equal(own.Value, seen.CallId);
        Assert.Equal("", seen.Started.Customer);
        Assert.All(seen.Started.Legs, leg => Assert.Equal("", leg.Aor + leg.DisplayName));
    }

    private async Task OpenAlertAsync()
    {
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
    }
}
