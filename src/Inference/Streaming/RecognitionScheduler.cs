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
    private readonly RecognitionDesk _desk;
    private readonly SemaphoreSlim _waiting = new(0);
    private readonly Thread[] _workers;
    private readonly ISpeechRecognizer _recognizer;
    private readonly TimeProvider _time;
    private readonly InferenceMetrics _metrics;
    private readonly ILogger _log;
    private volatile bool _stopping;

    public RecognitionScheduler(ISpeechRecognizer recognizer, int workers, int limit, LadderSettings ladder, TimeProvider time, InferenceMetrics metrics, ILogger log)
    {
        _desk = new RecognitionDesk(workers, limit, ladder);
        _recognizer = recognizer;
        _time = time;
        _metrics = metrics;
        _log = log;
        (metrics.QueueAge, metrics.Pace) = (() => Age, () => Pace.Customer);
        _workers = [.. Enumerable.Range(0, workers).Select(i => new Thread(Work) { IsBackground = true, Name = $"recognition {i}" })];
        foreach (var worker in _workers) worker.Start();
    }

    /// <summary>How much analysis there is time for. Asking moves it: with nothing in the queue it recovers.</summary>
    public AnalysisRung Rung
    {
        get
        {
            var shed = new List<RecognitionJob>();
            AnalysisRung rung;
            lock (_gate)
            {
                Observe(shed);
                rung = _desk.Rung;
            }

            Shed(shed);
            return rung;
        }
    }

    public TimeSpan Age
    {
        get
        {
            lock (_gate) return _desk.Age(Instant.Now(_time));
        }
    }

    /// <summary>Share of the workers' time that a rung would need; 1 is all of it.</summary>
    public double Load(AnalysisRung rung)
    {
        lock (_gate) return _desk.Load(rung, Instant.Now(_time));
    }

    /// <summary>How many times further apart than set partials are to come: the customer's, and the agent's.</summary>
    public (double Customer, double Agent) Pace
    {
        get
        {
            lock (_gate)
            {
                var now = Instant.Now(_time);
                return (_desk.Pace(now), _desk.AgentPace(now));
            }
        }
    }

    /// <summary>Puts a job in; a full queue sheds its oldest final.</summary>
    public void Submit(RecognitionJob job)
    {
        var shed = new List<RecognitionJob>();
        lock (_gate)
        {
            if (_stopping)
            {
                job.Finish(JobOutcome.Cancelled, null, null, Instant.Now(_time));
                return;
            }

            _desk.Submit(job, Instant.Now(_time), shed);
            Observe(shed);
            _waiting.Release();
        }

        Shed(shed);
    }

    /// <summary>Counts work that the rung turned away: it decides whether the rung can be left.</summary>
    public void TurnedAway(SpeechWork work, TimeSpan audio)
    {
        lock (_gate) _desk.Want(work, audio, Instant.Now(_time));
    }

    /// <summary>Takes back a job that still waits. False when a worker has it.</summary>
    public bool TryWithdraw(RecognitionJob job)
    {
        lock (_gate) return _desk.Withdraw(job);
    }

    /// <summary>Stops the workers; what waits is handed back as cancelled.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            _desk.CancelRunning();
            _waiting.Release(_workers.Length);
        }

        foreach (var worker in _workers) worker.Join();
        Drain();
        _waiting.Dispose();
    }

    private void Work()
    {
        if (ThreadPriorities.Lower() is var error and not 0) StreamingLog.PriorityKept(_log, error);
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
            return _desk.TryTake(Instant.Now(_time), out var job) ? job : null;   // null: withdrawn or shed since the signal
        }
    }

    private void Run(RecognitionJob job)
    {
        var (outcome, result, failure) = Recognize(job);
        var now = Instant.Now(_time);
        var shed = new List<RecognitionJob>();
        lock (_gate)
        {
            _desk.Finished(job, outcome == JobOutcome.Recognised, now);
            Observe(shed);
        }

        Shed(shed);
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
        lock (_gate) _desk.Clear(left.Add);
        foreach (var job in left) job.Finish(JobOutcome.Cancelled, null, null, Instant.Now(_time));
    }

    private void Observe(List<RecognitionJob> shed)
    {
        var now = Instant.Now(_time);
        var age = _desk.Age(now);
        if (_desk.Observe(now, shed)) StreamingLog.RungChanged(_log, _desk.Rung, age);
    }

    // Outside the lock: what is called back may ask for more.
    private void Shed(List<RecognitionJob> jobs)
    {
        foreach (var job in jobs) job.Finish(JobOutcome.Shed, null, null, Instant.Now(_time));
    }
}
