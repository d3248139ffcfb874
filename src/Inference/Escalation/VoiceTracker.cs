using System.Numerics.Tensors;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// How loud a speaker is against the same speaker's calm speech earlier in the call. Level only, in decibels relative to full
/// scale, over frames of speech; absolute level says nothing behind a telephone. Raised speech does not move the baseline.
/// Allocates nothing after construction.
/// </summary>
internal sealed class VoiceTracker(VoiceOptions options)
{
    private const int LowestDb = -80;
    private const double FrameSeconds = 0.032;
    private const int MedianEvery = 16;

    private readonly int[] _levels = new int[-LowestDb + 1]; // calm frames by whole decibels
    private int _calmFrames;
    private int _sinceMedian;
    private double _present = double.NaN;
    private double _sustained;

    /// <summary>The speaker's median level in calm speech; NaN until enough was heard.</summary>
    public double BaselineDb { get; private set; } = double.NaN;

    /// <summary>Takes a frame; returns how raised the voice is, 0 to 1, or 0 when this frame is not speech.</summary>
    public double OnFrame(ReadOnlySpan<float> frame, float speechProbability)
    {
        if (frame.IsEmpty || !(speechProbability >= options.SpeechProbability)) return 0;

        var power = TensorPrimitives.SumOfSquares(frame) / frame.Length;
        if (!float.IsFinite(power)) return 0;

        var level = Math.Clamp(10 * Math.Log10(power + 1e-12), LowestDb, 0);
        _present = double.IsNaN(_present) ? level : _present + (level - _present) * (1 - Math.Exp(-FrameSeconds / options.Smoothing.TotalSeconds));
        var above = _present - BaselineDb;
        if (!(above >= options.RaisedDb)) Learn(level);
        if (double.IsNaN(BaselineDb) || above < options.RaisedDb)
        {
            _sustained = 0;
            return 0;
        }

        _sustained += FrameSeconds;
        return _sustained < options.Sustained.TotalSeconds
            ? 0
            : Math.Clamp(0.3 + 0.7 * (above - options.RaisedDb) / (options.ShoutDb - options.RaisedDb), 0, 1);
    }

    private void Learn(double level)
    {
        _levels[(int)Math.Round(level) - LowestDb]++;
        _calmFrames++;
        if (_calmFrames * FrameSeconds < options.Baseline.TotalSeconds || ++_sinceMedian < MedianEvery) return;

        _sinceMedian = 0;
        var below = 0;
        for (var bin = 0; bin < _levels.Length; bin++)
        {
            below += _levels[bin];
            if (2 * below < _calmFrames) continue;
            BaselineDb = bin + LowestDb;
            return;
        }
    }
}
