using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// The workers of the process, shared by all calls. Each is a thread of its own, because recognition computes for tens to
/// hundreds of milliseconds and would starve the pool that reads the calls' audio.
/// </summary>
internal sealed class RecognitionScheduler : IDisposable
{
    // The calls' loops submit and withdraw, the workers take and finish: they meet here, for the time of a list operation.
    private readonly Lock _gate = new();
    private readonly RecognitionQueue _queue;
    private readonly OverloadLadder _ladder;
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly List<RecognitionJob> _running = [];
    private readonly Thread[] _workers;
    private readonly ISpeechRecognizer _recognizer;
    private readonly TimeProvider _time;
    private readonly InferenceMetrics _metrics;
    private readonly ILogger _log;
    private volatile bool _stopping;

    public RecognitionScheduler(ISpeechRecognizer recognizer, int workers, int limit, LadderSettings ladder, TimeProvider time, InferenceMetrics metrics, ILogger log)
    {
        _queue = new RecognitionQueue(limit);
        _ladder = new OverloadLadder(ladder);
        _recognizer = recognizer;
        _time = time;
        _metrics = metrics;
        _log = log;
        metrics.QueueAge = () => Age;
        _workers = [.. Enumerable.Range(0, workers).Select(i => new Thread(Work) { IsBackground = true, Name = $"recognition {i}" })];
        foreach (var worker in _workers) worker.Start();
    }

    /// <summary>How much analysis there is time for. Asking moves it: with nothing in the queue it recovers.</summary>
    public AnalysisRung Rung
    {
        get
        {
            lock (_gate)
            {
                Observe();
                return _ladder.Rung;
            }
        }
    }

    public TimeSpan Age
    {
        get
        {
            lock (_gate) return _queue.Age(Instant.Now(_time));
        }
    }

    /// <summary>Puts a job in; a full queue sheds its oldest final.</summary>
    public void Submit(RecognitionJob job)
    {
        RecognitionJob? shed;
        lock (_gate)
        {
            if (_stopping)
            {
                job.Finish(JobOutcome.Cancelled, null, null, Instant.Now(_time));
                return;
            }

            shed = _queue.Add(job);
            Observe();

            // A final waits for no partial: one that runs gives its worker up at its next step.
            if (job.Final && _running.Count == _workers.Length) _running.Find(running => !running.Final)?.Cancel();
            _waiting.Release();
        }

        shed?.Finish(JobOutcome.Shed, null, null, Instant.Now(_time));
    }

    /// <summary>Takes back a job that still waits. False when a worker has it.</summary>
    public bool TryWithdraw(RecognitionJob job)
    {
        lock (_gate) return _queue.Remove(job);
    }

    /// <summary>Stops the workers; what waits is handed back as cancelled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (var job in _running) job.Cancel();
            _waiting.Release(_workers.Length);
        }

        foreach (var worker in _workers) worker.Join();
        Drain();
        _waiting.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _waiting.Wait();
            if (_stopping) return;
            if (Take() is { } job) Run(job);
        }
    }

    private RecognitionJob? Take()
    {
        lock (_gate)
        {
            if (!_queue.TryTake(out var job)) return null;   // withdrawn or shed since the signal
            job.StartedAt = Instant.Now(_time);
            _running.Add(job);
            return job;
        }
    }

    private void Run(RecognitionJob job)
    {
        var (outcome, result, failure) = Recognize(job);
        var now = Instant.Now(_time);
        lock (_gate)
        {
            _running.Remove(job);
            Observe();
        }

        _metrics.Ran(job, outcome, now);
        job.Finish(outcome, result, failure, now);
    }

    private (JobOutcome, Recognition?, Exception?) Recognize(RecognitionJob job)
    {
        try
        {
            return (JobOutcome.Recognised, _recognizer.Recognize(job.Samples, job.Context, job.Cancelled), null);
        }
        catch (OperationCanceledException) when (job.Cancelled.IsCancellationRequested)
        {
            return (JobOutcome.Cancelled, null, null);
        }
        catch (Exception e)   // the worker's outermost loop: one utterance is lost, the worker goes on
        {
            StreamingLog.RecognitionFailed(_log, e, job.Audio);
            return (JobOutcome.Failed, null, e);
        }
    }

    private void Drain()
    {
        var left = new List<RecognitionJob>();
        lock (_gate) _queue.Clear(left.Add);
        foreach (var job in left) job.Finish(JobOutcome.Cancelled, null, null, Instant.Now(_time));
    }

    private void Observe()
    {
        var now = Instant.Now(_time);
        if (_ladder.Observe(_queue.Age(now), now)) StreamingLog.RungChanged(_log, _ladder.Rung, _queue.Age(now));
    }
}
