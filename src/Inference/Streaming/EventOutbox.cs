using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// One call's events on their way to the sink, one after the other. The call's loop posts and never waits; a sink that
/// refuses is tried again with growing pauses, and what it never takes is counted and named in the log.
/// </summary>
/// <param name="sink">Where to.</param>
/// <param name="time">For the pauses.</param>
/// <param name="metrics">Counts what was refused and lost.</param>
/// <param name="log">Says what was lost.</param>
internal sealed class EventOutbox(ICallScoreSink sink, TimeProvider time, InferenceMetrics metrics, ILogger log)
{
    /// <summary>Events that may wait.</summary>
    public const int Capacity = 1024;

    private const int Attempts = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // When it is full the newest event is not taken: partials and scores are replaced by later ones anyway, the rest is counted.
    private readonly Channel<CallEvent> _events = Channel.CreateBounded<CallEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    /// <summary>Events not yet with the sink.</summary>
    public int Waiting => _events.Reader.Count;

    public void Post(CallEvent happened)
    {
        if (_events.Writer.TryWrite(happened)) return;
        metrics.EventLost();
        StreamingLog.EventLost(log, happened.Call, attempts: 0);
    }

    /// <summary>No event follows.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Hands events on until <see cref="Complete"/> and the last one is through.</summary>
    /// <param name="impatient">When cancelled, each event left is tried once only.</param>
    public async Task RunAsync(CancellationToken impatient)
    {
        await foreach (var happened in _events.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            await DeliverAsync(happened, impatient).ConfigureAwait(false);
    }

    private async Task DeliverAsync(CallEvent happened, CancellationToken impatient)
    {
        var attempts = happened is TranscriptUpdated { Segment.IsFinal: false } ? 1 : Attempts;
        var pause = FirstPause;
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            try
            {
                await sink.PublishAsync(happened, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (ScoreSinkException e)
            {
                metrics.EventRefused();
                StreamingLog.EventRefused(log, happened.Call, attempt, attempts, e.Message);
            }

            if (impatient.IsCancellationRequested || attempt == attempts) break;
            await Task.Delay(pause, time, impatient).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        metrics.EventLost();
        StreamingLog.EventLost(log, happened.Call, attempts);
    }
}
