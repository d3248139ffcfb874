using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What a stretch of audio is recognised for.</summary>
internal enum SpeechWork
{
    CustomerFinal,
    AgentFinal,
    Partial,
}

/// <summary>
/// The arriving work against the measured speed: seconds of audio a second that calls want recognised, times the seconds a
/// worker takes for one of them. What a rung turns away is counted as wanted, so that the load of the better rung is known
/// before it is given back. A core; its owner locks.
/// </summary>
/// <param name="workers">Utterances recognised at once.</param>
internal sealed class SpeechLoad(int workers)
{
    // Demand is averaged over some utterances of every call, speed over the last dozens of recognitions.
    private const double AveragedOverSeconds = 10;
    private const double Kept = 0.97;

    private readonly double[] _demand = new double[3];
    private readonly double[] _audio = new double[2];
    private readonly double[] _spent = new double[2];
    private Instant _at = Instant.Never;

    /// <summary>A call wants so much audio recognised, whether it is let in or not.</summary>
    public void Want(SpeechWork work, TimeSpan audio, Instant now)
    {
        Decay(now);
        _demand[(int)work] += audio.TotalSeconds / AveragedOverSeconds;
    }

    /// <summary>A worker took so long for so much audio.</summary>
    public void Measure(SpeechWork work, TimeSpan audio, TimeSpan spent)
    {
        var kind = Kind(work);
        _audio[kind] = (_audio[kind] * Kept) + audio.TotalSeconds;
        _spent[kind] = (_spent[kind] * Kept) + spent.TotalSeconds;
    }

    /// <summary>Share of the workers' time that a rung would need; 1 is all of it, more cannot be done.</summary>
    public double Of(AnalysisRung rung, Instant now)
    {
        Decay(now);
        var load = 0.0;
        if (rung <= AnalysisRung.CustomerFinalsOnly) load += Share(SpeechWork.CustomerFinal);
        if (rung <= AnalysisRung.NoPartials) load += Share(SpeechWork.AgentFinal);
        if (rung == AnalysisRung.Full) load += Share(SpeechWork.Partial);
        return load;
    }

    private double Share(SpeechWork work)
    {
        var kind = Kind(work);
        if (_audio[kind] <= 0) kind = 1 - kind;   // of this kind nothing was measured yet
        return _audio[kind] <= 0 ? 0 : _demand[(int)work] * _spent[kind] / _audio[kind] / workers;
    }

    private void Decay(Instant now)
    {
        if (!_at.IsNever && now > _at)
        {
            var left = Math.Exp(-(now - _at).TotalSeconds / AveragedOverSeconds);
            for (var i = 0; i < _demand.Length; i++) _demand[i] *= left;
        }

        if (_at.IsNever || now > _at) _at = now;
    }

    private static int Kind(SpeechWork work) => work == SpeechWork.Partial ? 1 : 0;
}
