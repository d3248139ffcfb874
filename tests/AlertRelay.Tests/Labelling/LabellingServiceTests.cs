using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using EdgeAssist.Testing;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Labelling;

/// <summary>Drawing and labelling over gRPC.</summary>
public sealed class LabellingServiceTests : IAsyncLifetime
{
    private static readonly Principal Sue = new() { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing"] };

    private readonly TempDirectory _directory = new();
    private RelayServer _server = null!;
    private V1.Labelling.LabellingClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing"));
        _client = new V1.Labelling.LabellingClient(_server.Invoker());
        for (var i = 0; i < 20; i++) await CallAsync("billing", alerted: i % 4 == 0);
        for (var i = 0; i < 6; i++) await CallAsync("sales", alerted: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_sample_is_drawn_once_by_its_protocol_and_kept_over_a_restart()
    {
        var sample = await DrawAsync();
        Assert.Equal((21, 11, 5, 2), (sample.Unalerted.Frame, sample.Unalerted.Drawn, sample.Alerted.Frame, sample.Alerted.Drawn));
        Assert.Equal(sample, await DrawAsync());

        var other = await Assert.ThrowsAsync<RpcException>(async () => await _client.DrawSampleAsync(Request(0.7), _server.Headers()));
        Assert.Equal("REQUEST_ID_REUSED", other.Reason());
        var order = (await PageAsync(RelayServer.Admin)).Calls.Select(call => call.CallId).ToList();
        await _server.DisposeAsync();
        _server = await RelayServer.StartAsync(_directory.Path, options => options.ObserveTeams.Add("billing"));
        _client = new V1.Labelling.LabellingClient(_server.Invoker());

        Assert.Equal(order, (await PageAsync(RelayServer.Admin)).Calls.Select(call => call.CallId));
    }

    [Fact]
    public async Task Whoever_labels_sees_words_of_their_teams_and_neither_stratum_nor_score()
    {
        await DrawAsync();
        var wire = new CapturedWire();
        using var channel = GrpcChannel.ForAddress(_server.Address, new GrpcChannelOptions { HttpHandler = wire.Handler() });
        var page = await new V1.Labelling.LabellingClient(channel).ListSampleAsync(new V1.ListSampleRequest { SampleId = "march" }, _server.Headers(Sue));

        Assert.NotEmpty(page.Calls);
        Assert.All(page.Calls, call => Assert.Equal(("billing", 1), (call.Team, call.Transcript.Count)));
        Assert.True(wire.Holds("what people said"));
        Assert.False(wire.Holds("asks_for_manager"));
        Assert.False(wire.Holds(0.8437219));
    }

    [Fact]
    public async Task Pages_go_through_every_call_once_and_what_is_labelled_can_be_passed_over()
    {
        await DrawAsync();
        var all = (await PageAsync(Sue)).Calls;
        var seen = new List<string>();
        for (var token = ""; ;)
        {
            var page = await _client.ListSampleAsync(new V1.ListSampleRequest { SampleId = "march", PageSize = 3, PageToken = token }, _server.Headers(Sue));
            seen.AddRange(page.Calls.Select(call => call.CallId));
            if ((token = page.NextPageToken).Length == 0) break;
        }

        await LabelAsync(all[0].CallId, V1.LabelVerdict.Fine, "q1");
        var left = await _client.ListSampleAsync(new V1.ListSampleRequest { SampleId = "march", UnlabelledOnly = true }, _server.Headers(Sue));

        Assert.Equal(all.Select(call => call.CallId), seen);
        Assert.Equal(all.Skip(1).Select(call => call.CallId), left.Calls.Select(call => call.CallId));
        Assert.Equal((all.Count, 1), (left.Total, left.Labelled));
    }

    [Fact]
    public async Task The_newest_label_counts_with_the_chance_of_its_call_and_a_repeat_acts_once()
    {
        await DrawAsync();
        var call = (await PageAsync(Sue)).Calls[0].CallId;
        var first = await LabelAsync(call, V1.LabelVerdict.ShouldAlert, "q1", "they asked for the manager");
        Assert.Equal(first, await LabelAsync(call, V1.LabelVerdict.ShouldAlert, "q1", "they asked for the manager"));
        await LabelAsync(call, V1.LabelVerdict.Fine, "q2");
        var reused = await Assert.ThrowsAsync<RpcException>(async () => await LabelAsync(call, V1.LabelVerdict.Fine, "q1"));

        var verdict = _server.Labels.Verdicts().Single(each => each.Verdict != V1.LabelVerdict.Unspecified);
        Assert.Equal((call, V1.LabelVerdict.Fine, verdict.Alerted ? 2.0 / 5 : 11.0 / 21), (verdict.CallId, verdict.Verdict, verdict.Probability));
        Assert.Equal("REQUEST_ID_REUSED", reused.Reason());
        var sample = Assert.Single((await _client.ListSamplesAsync(new V1.ListSamplesRequest(), _server.Headers())).Samples);
        Assert.Equal((1, 0), (sample.Unalerted.Labelled + sample.Alerted.Labelled, sample.Unalerted.ShouldAlert + sample.Alerted.ShouldAlert));
    }

    [Fact]
    public async Task Reports_weigh_labels_of_calls_without_an_alert_by_their_chance()
    {
        await DrawAsync();
        foreach (var (call, place) in (await PageAsync(Sue)).Calls.Select((call, place) => (call.CallId, place)))
            await LabelAsync(call, place % 3 == 0 ? V1.LabelVerdict.ShouldAlert : place % 3 == 1 ? V1.LabelVerdict.Fine : V1.LabelVerdict.CannotTell, $"q{place}", "because");
        var expected = _server.Labels.Verdicts().Count(verdict => !verdict.Alerted && verdict.Verdict is (V1.LabelVerdict.ShouldAlert or V1.LabelVerdict.Fine));
        using var store = MeasuresStore.Open(_directory.Path);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var deadline = Patience.Of(60); FrameReader.Changes(store, TimeZoneInfo.Utc).Count < 2; deadline.ThrowIfCancellationRequested()) await tick.WaitForNextTickAsync(CancellationToken.None);

        var today = FrameReader.Day(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), TimeZoneInfo.Utc);
        var frame = FrameReader.Read(store, today - 1, today + 2, TimeZoneInfo.Utc, team => team == "billing", CancellationToken.None);

        Assert.Equal(expected, frame.Labels.Count);
        Assert.NotEmpty(frame.Labels);
        Assert.All(frame.Labels, label => Assert.Equal(11.0 / 21, label.Chance));
        Assert.Contains(frame.Labels, label => label.Escalated);
        Assert.Contains(frame.Labels, label => !label.Escalated);
    }

    [Theory]
    [InlineData(V1.LabelVerdict.ShouldAlert, "")]
    [InlineData(V1.LabelVerdict.CannotTell, " ")]
    [InlineData(V1.LabelVerdict.Unspecified, "why not")]
    public async Task A_verdict_without_a_reason_is_refused(V1.LabelVerdict verdict, string reason)
    {
        await DrawAsync();
        var call = (await PageAsync(Sue)).Calls[0].CallId;

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await LabelAsync(call, verdict, "q", reason));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    private async Task CallAsync(string team, bool alerted)
    {
        var call = Say.NewCall();
        await _server.Sink.PublishAsync(Say.Started(call, team), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Final(call, 1, "what people said"), Patience.Normal);
        if (alerted) await _server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated, risk: 0.8437219), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
    }

    private async Task<V1.Sample> DrawAsync() => await _client.DrawSampleAsync(Request(0.5), _server.Headers());

    private static V1.DrawSampleRequest Request(double unalerted) => new()
    {
        SampleId = "march",
        Seed = "a seed",
        Since = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
        Until = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddYears(200)),
        MinDuration = new Duration(),
        UnalertedFraction = unalerted,
        AlertedFraction = 0.4,
    };

    private async Task<V1.ListSampleResponse> PageAsync(Principal who) =>
        await _client.ListSampleAsync(new V1.ListSampleRequest { SampleId = "march", PageSize = 100 }, _server.Headers(who));

    private async Task<V1.CallLabel> LabelAsync(string call, V1.LabelVerdict verdict, string requestId, string reason = "") => await _client.LabelAsync(
        new V1.LabelRequest { SampleId = "march", CallId = call, Verdict = verdict, Reason = reason, RequestId = requestId }, _server.Headers(Sue));
}
