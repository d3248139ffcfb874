using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History.Pull;

/// <summary>
/// Whether a system that fails is asked: after some failures in a row it is left alone for a while, then one request tries it,
/// and each further failure doubles the while, up to 16 times. Its owner locks.
/// </summary>
/// <param name="failuresToRest">Failures in a row until it is left alone.</param>
/// <param name="rest">How long, the first time.</param>
internal sealed class PullCircuit(int failuresToRest, TimeSpan rest)
{
    private const int MostDoublings = 4;

    private int _failures;
    private Instant _restsUntil = new(long.MinValue / 2);
    private bool _trying;

    public bool IsResting => _failures >= failuresToRest;

    /// <summary>Whether a request may be made now; one that is made has to be told the end of.</summary>
    public bool MayAsk(Instant now)
    {
        if (!IsResting) return true;
        if (_trying || now < _restsUntil) return false;
        _trying = true;
        return true;
    }

    public void OnAnswer() => (_failures, _trying) = (0, false);

    public void OnFailure(Instant now)
    {
        _failures++;
        _trying = false;
        if (IsResting) _restsUntil = now + rest * (1 << Math.Min(MostDoublings, _failures - failuresToRest));
    }
}
