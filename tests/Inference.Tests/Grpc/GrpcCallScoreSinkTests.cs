using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Grpc;
using EdgeAssist.Inference.Tests.Streaming;
using EdgeAssist.Internal.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.Inference.Tests.Grpc;

public sealed class GrpcCallScoreSinkTests : IAsyncLifetime
{
    private readonly FakeRelay _relay = new();
    private LoopbackServer? _server;

    public async ValueTask InitializeAsync() =>
        _server = await LoopbackServer.StartAsync<FakeRelay>(services => services.AddSingleton(_relay));

    [Fact]
    public async Task Publishing_completes_with_the_receipt_and_keeps_the_order()
    {
        await using var sink = Sink();

        for (var i = 1; i <= 20; i++) await PublishAsync(sink, Rung(i));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"event {i}"), _relay.Taken);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), _relay.Sequences);
    }

    [Fact]
    public async Task Without_a_receipt_publishing_fails_after_the_patience()
    {
        _relay.Receipts = false;
        await using var sink = Sink(patience: TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<ScoreSinkException>(() => PublishAsync(sink, Rung(1)));
    }

    [Fact]
    public async Task A_partial_waits_for_no_receipt()
    {
        _relay.Receipts = false;
        var sink = Sink(patience: TimeSpan.FromMinutes(1));

        var partial = PublishAsync(sink, new TranscriptUpdated(new CallId("c"), default, Segment(final: false), AnalysisRung.Full));
        var final = PublishAsync(sink, new TranscriptUpdated(new CallId("c"), default, Segment(final: true), AnalysisRung.Full));

        Assert.Equal((true, false), (partial.IsCompletedSuccessfully, final.IsCompleted));
        await sink.DisposeAsync();
        await Assert.ThrowsAsync<ScoreSinkException>(() => final);
    }

    [Fact]
    public async Task After_a_broken_stream_what_has_no_receipt_is_sent_again_in_order()
    {
        _relay.BreakAfter = 3;   // the third is read, and the stream breaks before its receipt
        await using var sink = Sink();

        Task[] published = [.. Enumerable.Range(1, 6).Select(i => PublishAsync(sink, Rung(i)))];
        await Task.WhenAll(published);

        Assert.Equal(2, _relay.Streams);
        Assert.Equal(["event 1", "event 2", "event 3", "event 3", "event 4", "event 5", "event 6"], _relay.Taken);
    }

    [Fact]
    public async Task A_full_journal_is_told_to_the_publisher_and_the_next_event_is_tried_anew()
    {
        _relay.Refusal = StatusCode.ResourceExhausted;
        await using var sink = Sink();

        var refused = await Assert.ThrowsAsync<ScoreSinkException>(() => PublishAsync(sink, Rung(1)));
        _relay.Refusal = null;
        await PublishAsync(sink, Rung(2));

        Assert.Contains("told to refuse", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["event 2"], _relay.Taken);
    }

    [Fact]
    public async Task A_relay_that_is_not_there_is_said_so()
    {
        using var nowhere = GrpcChannel.ForAddress("http://127.0.0.1:1");
        await using var sink = new GrpcCallScoreSink(nowhere.CreateCallInvoker(), TimeProvider.System, NullLogger<GrpcCallScoreSink>.Instance, TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<ScoreSinkException>(() => PublishAsync(sink, Rung(1)));
    }

    [Fact]
    public async Task The_words_that_stay_are_told_over_the_wire_and_never_fewer()
    {
        var said = new Queue<string>(["we want", "we want the", "we want a refund", "we want a refund today please"]);
        await using var sink = Sink();
        var recognizer = new MeasuringRecognizer { Say = _ => new Recognition(said.Count > 1 ? said.Dequeue() : said.Peek(), 0.9f, 4, Truncated: false, []) };
        await using var harness = new AnalysisHarness(recognizer, sink: sink);
        var (call, legs) = harness.Open();

        foreach (var partials in new[] { 1, 2, 3 })
        {
            legs[0].Loud(600);   // one partial's worth
            await _relay.WaitForTranscriptsAsync(partials);
        }

        legs[0].Quiet(600);
        await AnalysisHarness.CloseAsync(call, legs);

        var told = _relay.Transcripts.ToList();
        Assert.True(told[^1].Final);
        Assert.Equal(["we want", "we want the", "we want a refund"], told.Take(3).Select(transcript => transcript.Text));
        Assert.Equal([0, 2, 2], told.Take(3).Select(transcript => transcript.StableWords));
        Assert.Equal(6, told[^1].StableWords);
    }

    [Fact]
    public async Task A_whole_call_arrives_over_the_wire_from_its_start_to_its_end()
    {
        await using var sink = Sink();
        await using var harness = new AnalysisHarness(new MeasuringRecognizer(), sink: sink);
        var (call, legs) = harness.Open();

        legs[0].Quiet(500);
        legs[0].Loud(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal(V1.CallEvent.KindOneofCase.Started, _relay.Kinds.First());
        Assert.Equal(V1.CallEvent.KindOneofCase.Ended, _relay.Kinds.Last());
        Assert.Contains(V1.CallEvent.KindOneofCase.Score, _relay.Kinds);
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    private GrpcCallScoreSink Sink(TimeSpan? patience = null) =>
        new(_server!.Channel.CreateCallInvoker(), TimeProvider.System, NullLogger<GrpcCallScoreSink>.Instance, patience);

    private static Task PublishAsync(GrpcCallScoreSink sink, CallEvent happened) =>
        sink.PublishAsync(happened, TestContext.Current.CancellationToken).AsTask();

    private static RungChanged Rung(int number) => new(new CallId("c"), default, AnalysisRung.Full, $"event {number}");

    private static TranscriptSegment Segment(bool final) => new()
    {
        Leg = new LegId(0), Role = PartyRole.Customer, Utterance = 1, Text = "hello", IsFinal = final, Start = TimeSpan.Zero, End = TimeSpan.FromSeconds(1),
    };

    /// <summary>Takes events and gives receipts, unless it was told to break, to refuse or to keep silent.</summary>
    private sealed class FakeRelay : CallScores.CallScoresBase
    {
        private int _streams;
        private int _broken;

        public bool Receipts { get; set; } = true;

        public int? BreakAfter { get; set; }

        public StatusCode? Refusal { get; set; }

        public int Streams => _streams;

        public ConcurrentQueue<string> Taken { get; } = new();

        public ConcurrentQueue<long> Sequences { get; } = new();

        public ConcurrentQueue<V1.CallEvent.KindOneofCase> Kinds { get; } = new();

        public ConcurrentQueue<V1.Transcript> Transcripts { get; } = new();

        /// <summary>Waits until so many transcripts came; fails after a minute.</summary>
        public async Task WaitForTranscriptsAsync(int count)
        {
            for (var begun = Stopwatch.GetTimestamp(); Transcripts.Count < count; await Task.Yield())
                if (Stopwatch.GetElapsedTime(begun) > TimeSpan.FromMinutes(1)) throw new TimeoutException($"{Transcripts.Count} of {count} transcripts came.");
        }

        public override async Task Publish(IAsyncStreamReader<PublishRequest> requestStream, IServerStreamWriter<PublishReceipt> responseStream, ServerCallContext context)
        {
            Interlocked.Increment(ref _streams);
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var request = requestStream.Current;
                if (Refusal is { } refusal) throw new RpcException(new Status(refusal, "It was told to refuse."));

                Taken.Enqueue(request.Event.RungChange?.Why ?? "partial");
                Sequences.Enqueue(request.Sequence);
                Kinds.Enqueue(request.Event.KindCase);
                if (request.Event.Transcript is { } transcript) Transcripts.Enqueue(transcript);
                if (request.Sequence == BreakAfter && Interlocked.Exchange(ref _broken, 1) == 0)
                    throw new RpcException(new Status(StatusCode.Unavailable, "It was told to break."));
                if (Receipts) await responseStream.WriteAsync(new PublishReceipt { Sequence = request.Sequence });
            }
        }
    }
}
