using System.Diagnostics.CodeAnalysis;
using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// What is recognised next, what gives way, and at which rung: queue, load and ladder together, without threads. What the rung
/// does not allow is not kept waiting: it comes out as shed. A core; its owner locks.
/// </summary>
/// <param name="workers">Utterances recognised at once.</param>
/// <param name="limit">Finals that may wait.</param>
/// <param name="ladder">When analysis gives way.</param>
internal sealed class RecognitionDesk(int workers, int limit, LadderSettings ladder)
{
    private readonly RecognitionQueue _queue = new(limit);
    private readonly SpeechLoad _load = new(workers);
    private readonly OverloadLadder _ladder = new(ladder);
    private readonly List<RecognitionJob> _running = [];

    public AnalysisRung Rung => _ladder.Rung;

    /// <summary>How long the oldest final has waited; zero when none waits.</summary>
    public TimeSpan Age(Instant now) => _queue.Age(now);

    /// <summary>Share of the workers' time that the rung needs.</summary>
    public double Load(AnalysisRung rung, Instant now) => _load.Of(rung, now);

    /// <inheritdoc cref="SpeechLoad.Pace"/>
    public double Pace(Instant now) => _load.Pace(now);

    /// <inheritdoc cref="SpeechLoad.AgentPace"/>
    public double AgentPace(Instant now) => _load.AgentPace(now);

    /// <summary>Puts a job in. A final waits for no partial: when every worker is busy, a partial that runs is cancelled.</summary>
    public void Submit(RecognitionJob job, Instant now, List<RecognitionJob> shed)
    {
        Want(job.Work, job.Audio * job.Pace, now);
        if (_queue.Add(job) is { } oldest) shed.Add(oldest);
        if (job.Final && _running.Count == workers) _running.Find(running => !running.Final)?.Cancel();
    }

    /// <summary>Audio that a call would have recognised if the rung allowed it.</summary>
    public void Want(SpeechWork work, TimeSpan audio, Instant now) => _load.Want(work, audio, now);

    public bool TryTake(Instant now, [NotNullWhen(true)] out RecognitionJob? job)
    {
        if (!_queue.TryTake(out job)) return false;
        job.StartedAt = now;
        _running.Add(job);
        return true;
    }

    /// <summary>A worker is through with a job.</summary>
    /// <param name="job">Which one.</param>
    /// <param name="whole">True when it was recognised to its end, so that its time says something about the speed.</param>
    /// <param name="now">Now.</param>
    public void Finished(RecognitionJob job, bool whole, Instant now)
    {
        _running.Remove(job);
        if (whole) _load.Measure(job.Work, job.Audio, now - job.StartedAt);
    }

    public bool Withdraw(RecognitionJob job) => _queue.Remove(job);

    /// <summary>Follows the queue and the load, and sheds finals that would come too late.</summary>
    /// <returns>True when the rung changed.</returns>
    public bool Observe(Instant now, List<RecognitionJob> shed)
    {
        while (_queue.Age(now) > ladder.Stale && _load.TimeFor(_queue.Audio) > ladder.Backlog) shed.Add(_queue.TakeOldest());

        var before = Rung;
        if (!_ladder.Observe(_queue.Age(now), rung => _load.Of(rung, now), now)) return false;
        if (Rung > before && Rung >= AnalysisRung.CustomerFinalsOnly) _queue.TakeFinals(job => job.Agent || Rung == AnalysisRung.VoiceOnly, shed.Add);
        return true;
    }

    public void CancelRunning()
    {
        foreach (var job in _running) job.Cancel();
    }

    public void Clear(Action<RecognitionJob> removed) => _queue.Clear(removed);
}
