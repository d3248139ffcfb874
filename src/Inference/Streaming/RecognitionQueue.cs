using System.Diagnostics.CodeAnalysis;
using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// The jobs of all calls that wait for a worker: finals before partials, the earliest deadline first. A core; its owner locks.
/// </summary>
/// <param name="limit">Finals that may wait; beyond it the oldest is shed.</param>
internal sealed class RecognitionQueue(int limit)
{
    private readonly List<RecognitionJob> _finals = [];
    private readonly List<RecognitionJob> _partials = [];

    public int Finals => _finals.Count;

    public int Partials => _partials.Count;

    /// <returns>The final that had to give way, or null.</returns>
    public RecognitionJob? Add(RecognitionJob job)
    {
        InsertByDeadline(job.Final ? _finals : _partials, job);
        if (_finals.Count <= limit) return null;

        return TakeOldest();
    }

    /// <summary>Length of the audio in the finals that wait.</summary>
    public TimeSpan Audio => _finals.Aggregate(TimeSpan.Zero, (sum, final) => sum + final.Audio);

    /// <summary>Takes out the final that has waited longest; there is one.</summary>
    public RecognitionJob TakeOldest()
    {
        var oldest = _finals.MinBy(final => final.SubmittedAt)!;
        _finals.Remove(oldest);
        return oldest;
    }

    public bool TryTake([NotNullWhen(true)] out RecognitionJob? job)
    {
        var from = _finals.Count > 0 ? _finals : _partials;
        job = from.Count > 0 ? from[0] : null;
        if (job is not null) from.RemoveAt(0);
        return job is not null;
    }

    /// <summary>Takes a job out that is no longer wanted. False when it does not wait (any more).</summary>
    public bool Remove(RecognitionJob job) => (job.Final ? _finals : _partials).Remove(job);

    /// <summary>How long the oldest final has waited; zero when none waits.</summary>
    public TimeSpan Age(Instant now) => _finals.Count == 0 ? TimeSpan.Zero : now - _finals.Min(job => job.SubmittedAt);

    /// <summary>Takes out the finals that match, in their order.</summary>
    public void TakeFinals(Predicate<RecognitionJob> match, Action<RecognitionJob> taken)
    {
        foreach (var job in _finals.FindAll(match)) taken(job);
        _finals.RemoveAll(match);
    }

    public void Clear(Action<RecognitionJob> removed)
    {
        foreach (var job in _finals.Concat(_partials)) removed(job);
        _finals.Clear();
        _partials.Clear();
    }

    // Mostly at the end: deadlines grow with time.
    private static void InsertByDeadline(List<RecognitionJob> jobs, RecognitionJob job)
    {
        var at = jobs.Count;
        while (at > 0 && jobs[at - 1].Deadline > job.Deadline) at--;
        jobs.Insert(at, job);
    }
}
