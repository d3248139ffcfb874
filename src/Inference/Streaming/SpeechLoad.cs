using EdgeAssist.Contracts;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What a stretch of audio is recognised for.</summary>
internal enum SpeechWork
{
    CustomerFinal,
    AgentFinal,
    CustomerPartial,
    AgentPartial,
}

/// <summary>
/// The arriving work against the measured speed: seconds of audio a second that calls want recognised, times the seconds a
/// worker takes for one of them. What a rung turns away is counted as wanted, so that the load of the better rung is known
/// before it is given back. Partials come further apart before they stop, the agent's first: the first rung's share is that of the
/// customer's at the slowest pace. A core; its owner locks.
/// </summary>
/// <param name="workers">Utterances recognised at once.</param>
internal sealed class SpeechLoad(int workers)
{
    // Demand is averaged over some utterances of every call, speed over the last dozens of recognitions.
    private const double AveragedOverSeconds = 10;
    private const double Kept = 0.97;

    // What a partial costs is forgotten while none are recognised, or a slow moment would keep them away for good; then it is
    // taken to cost what finals do.
    private const double PartialsForgottenInSeconds = 30;
    private const double PresumedSeconds = 5;

    /// <summary>Partials come at most so many times further apart than set.</summary>
    public const double SlowestPace = 4;

    // The rest is for the moments when many speak at once, and for what is not recognition.
    private const double PacedTo = 0.7;

    private readonly double[] _demand = new double[4];
    private readonly double[] _audio = new double[2];
    private readonly double[] _spent = new double[2];
    private Instant _at = Instant.Never;

    /// <summary>A call wants so much audio recognised, whether it is let in or not; of partials as much as at the set interval.</summary>
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

    /// <summary>How long the workers take for finals of so much audio, at the speed measured; zero before the first.</summary>
    public TimeSpan TimeFor(TimeSpan audio) => _audio[0] <= 0 ? TimeSpan.Zero : audio * (_spent[0] / _audio[0] / workers);

    /// <summary>Share of the workers' time that a rung would need at the least; 1 is all of it, more cannot be done.</summary>
    public double Of(AnalysisRung rung, Instant now)
    {
        Decay(now);
        var load = 0.0;
        if (rung <= AnalysisRung.CustomerFinalsOnly) load += Share(SpeechWork.CustomerFinal);
        if (rung <= AnalysisRung.NoPartials) load += Share(SpeechWork.AgentFinal);
        if (rung == AnalysisRung.Full) load += Share(SpeechWork.CustomerPartial) / SlowestPace;
        return load;
    }

    /// <summary>
    /// How many times further apart than set the customer's partials come, so that finals and they leave the workers some rest:
    /// 1 to <see cref="SlowestPace"/>.
    /// </summary>
    public double Pace(Instant now)
    {
        var room = PacedTo - Of(AnalysisRung.NoPartials, now);
        return room <= 0 ? SlowestPace : Math.Clamp(Share(SpeechWork.CustomerPartial) / room, 1, SlowestPace);
    }

    /// <summary>The same for the agent's, which get what the customer's leave; infinite when that is too little for the slowest pace.</summary>
    public double AgentPace(Instant now)
    {
        var wanted = Share(SpeechWork.AgentPartial);
        var room = PacedTo - Of(AnalysisRung.NoPartials, now) - (Share(SpeechWork.CustomerPartial) / Pace(now));
        return wanted <= room ? 1 : wanted <= room * SlowestPace ? wanted / room : double.PositiveInfinity;
    }

    private double Share(SpeechWork work)
    {
        var (audio, spent) = (_audio[Kind(work)], _spent[Kind(work)]);
        if (Kind(work) == 1 && _audio[0] > 0) (audio, spent) = (audio + PresumedSeconds, spent + (PresumedSeconds * _spent[0] / _audio[0]));
        if (audio <= 0) (audio, spent) = (_audio[1], _spent[1]);   // of finals nothing was measured yet
        return audio <= 0 ? 0 : _demand[(int)work] * spent / audio / workers;
    }

    private void Decay(Instant now)
    {
        if (!_at.IsNever && now > _at)
        {
            var passed = (now - _at).TotalSeconds;
            var left = Math.Exp(-passed / AveragedOverSeconds);
            for (var i = 0; i < _demand.Length; i++) _demand[i] *= left;
            var remembered = Math.Exp(-passed / PartialsForgottenInSeconds);
            (_audio[1], _spent[1]) = (_audio[1] * remembered, _spent[1] * remembered);
        }

        if (_at.IsNever || now > _at) _at = now;
    }

    private static int Kind(SpeechWork work) => work >= SpeechWork.CustomerPartial ? 1 : 0;
}
