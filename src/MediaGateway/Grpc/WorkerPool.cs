using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>
/// The inference workers a gateway knows. A call goes to the one with the fewest calls of this gateway and stays there; one
/// whose link broke is passed over for a while as long as another is to be had.
/// </summary>
/// <param name="workers">At least one.</param>
/// <param name="time">For the while.</param>
internal sealed class WorkerPool(IReadOnlyList<CallAudio.CallAudioClient> workers, TimeProvider time)
{
    private static readonly TimeSpan s_avoidFor = TimeSpan.FromSeconds(10);

    // Calls begin, break and end on their own loops; they meet here for a look at a short list.
    private readonly Lock _gate = new();
    private readonly int[] _calls = new int[workers.Count];
    private readonly Instant[] _avoidUntil = [.. workers.Select(_ => Instant.Never)];

    /// <summary>Takes a place for one session; disposing it gives the place back.</summary>
    public WorkerPlace Take()
    {
        lock (_gate)
        {
            var now = Instant.Now(time);
            var best = 0;
            for (var i = 1; i < _calls.Length; i++)
                if (Order(i, now).CompareTo(Order(best, now)) < 0) best = i;
            _calls[best]++;
            return new WorkerPlace(workers[best], () => Leave(best), () => Avoid(best));
        }
    }

    private (bool Avoided, int Calls) Order(int worker, Instant now) => (!_avoidUntil[worker].IsNever && now < _avoidUntil[worker], _calls[worker]);

    private void Leave(int worker)
    {
        lock (_gate) _calls[worker]--;
    }

    private void Avoid(int worker)
    {
        lock (_gate) _avoidUntil[worker] = Instant.Now(time) + s_avoidFor;
    }
}

/// <summary>One session's place at a worker.</summary>
internal sealed class WorkerPlace(CallAudio.CallAudioClient client, Action leave, Action avoid) : IDisposable
{
    public CallAudio.CallAudioClient Client => client;

    /// <summary>The link broke: others first, for a while.</summary>
    public void Broke() => avoid();

    public void Dispose() => leave();
}
