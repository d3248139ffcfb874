using System.Collections.Concurrent;
using System.Net;
using EdgeAssist.Client;
using EdgeAssist.Host.Demo;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.V1;
using HdrHistogram;

namespace EdgeAssist.LoadTest;

/// <summary>One run of <c>calls</c>.</summary>
internal sealed class CallsRun
{
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1.3);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _started = new(StringComparer.Ordinal);
    private readonly HashSet<(string, int, int)> _partial = [];
    private readonly LongHistogram _firstPartial = Histogram(), _final = Histogram(), _alert = Histogram();
    private int _gaps, _ended;

    public static async Task<CallsReport> RunAsync(SampleCall sample, int calls, IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        var run = new CallsRun();
        await using var appliance = await ApplianceProcess.StartAsync(sample, [$"Sip:MaxCalls={Math.Max(calls, 1)}", .. settings], cancellationToken);
        var startMiB = appliance.Memory().Now;
        await using var client = new EdgeAssistClient(new Uri(appliance.Places.Api[0]), appliance.Token());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = Task.WhenAll(run.FollowCallsAsync(client, stop.Token), run.FollowAlertsAsync(client, stop.Token));

        var before = appliance.ProcessorTime;
        var target = IPEndPoint.Parse(appliance.Places.SipUdp[0]);
        var placed = await Task.WhenAll(Enumerable.Range(0, calls).Select(i => run.PlaceAsync(sample, target, Apart * i, cancellationToken)));
        foreach (var failed in placed.Where(result => !result.Succeeded)) Console.Error.WriteLine($"  call: {failed.Sentence}");
        await run.WaitForEndAsync(placed.Count(result => result.Succeeded), cancellationToken);

        var used = appliance.ProcessorTime - before;
        await stop.CancelAsync();
        await following;
        return new CallsReport
        {
            Calls = calls,
            ReadySeconds = appliance.Ready.TotalSeconds,
            FirstPartial = RanksOf(run._firstPartial),
            Final = RanksOf(run._final),
            Alert = RanksOf(run._alert),
            CorePercentPerCall = 100 * used.TotalSeconds / (calls * sample.Duration),
            StartMiB = startMiB,
            PeakMiB = appliance.Memory().Peak,
            Gaps = run._gaps,
            Ended = run._ended,
        };
    }

    private async Task<RecordingCallResult> PlaceAsync(SampleCall sample, IPEndPoint target, TimeSpan after, CancellationToken cancellationToken)
    {
        await Task.Delay(after, _time, cancellationToken);
        return await RecordingClients.Create(_time).PlaceAsync(
            new RecordingCallPlan { Target = target, Streams = PlannedCall.Streams(sample, G711Law.Mu) }, cancellationToken);
    }

    private async Task FollowCallsAsync(EdgeAssistClient client, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in client.WatchCallsAsync(cancellationToken: cancellationToken))
                if (item is WatchItem<CallDetail, CallEvent>.Event { Value: var happened }) OnCall(happened, _time.GetUtcNow());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private async Task FollowAlertsAsync(EdgeAssistClient client, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in client.WatchAlertsAsync(cancellationToken: cancellationToken))
                if (item is WatchItem<Alert, AlertEvent>.Event { Value: { Change: AlertChange.Opened } opened }) OnAlert(opened, _time.GetUtcNow());
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    private void OnCall(CallEvent happened, DateTimeOffset now)
    {
        switch (happened.KindCase)
        {
            case CallEvent.KindOneofCase.Started:
                _started[happened.CallId] = happened.Started.StartedAt.ToDateTimeOffset();
                break;
            case CallEvent.KindOneofCase.Transcript when _started.TryGetValue(happened.CallId, out var origin):
                OnWords(happened.CallId, happened.Transcript, now - origin);
                break;
            case CallEvent.KindOneofCase.Gap:
                _gaps++;
                break;
            case CallEvent.KindOneofCase.Ended:
                Interlocked.Increment(ref _ended);
                break;
        }
    }

    private void OnWords(string call, Transcript words, TimeSpan at)
    {
        if (words.Final) Record(_final, at - words.End.ToTimeSpan());
        else if (_partial.Add((call, words.Leg, words.Utterance))) Record(_firstPartial, at - words.Start.ToTimeSpan());
    }

    /// <summary>From the moment the last sample of the words came in, which only the gateway knows, to now by our clock.</summary>
    private void OnAlert(AlertEvent opened, DateTimeOffset now) => Record(_alert, now - opened.Latency.WordsEndedAt.ToDateTimeOffset());

    private async Task WaitForEndAsync(int calls, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), _time);
        var deadline = _time.GetUtcNow() + LastWords;
        while (Volatile.Read(ref _ended) < calls && _time.GetUtcNow() < deadline) await timer.WaitForNextTickAsync(cancellationToken);
    }

    private static LongHistogram Histogram() => new(lowestTrackableValue: 1, highestTrackableValue: 120_000, numberOfSignificantValueDigits: 3);

    private static void Record(LongHistogram histogram, TimeSpan value) =>
        histogram.RecordValue(Math.Clamp((long)Math.Round(value.TotalMilliseconds), 1, 119_999));

    private static Ranks RanksOf(LongHistogram histogram) => histogram.TotalCount == 0
        ? new Ranks(0, 0, 0, 0)
        : new Ranks(histogram.TotalCount, histogram.GetValueAtPercentile(50), histogram.GetValueAtPercentile(95), histogram.GetMaxValue());
}
