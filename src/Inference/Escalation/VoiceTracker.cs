using EdgeAssist.Inference.Features;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// How heated a speaker's voice is against the same speaker's calm speech earlier in the call: level, pitch and tilt as
/// differences from the medians of that calm speech, judged by the arousal model. Absolute values say nothing behind a
/// telephone and of a stranger. Heated speech does not move the baseline. Needs no words.
/// </summary>
internal sealed class VoiceTracker(VoiceOptions options, IArousalModel model)
{
    private const double FrameSeconds = 0.032;
    private const int BaselineEvery = 16;
    private const int JudgedEvery = 2;
    private const double LowestDb = -80;

    private readonly VoiceFrames _frames = new();
    private readonly RunningMedian _levels = new(LowestDb, 0, 0.5);
    private readonly RunningMedian _pitches = new(0, 36, 0.25);
    private readonly RunningMedian _tilts = new(-30, 10, 0.25);
    private readonly float[] _changes = new float[IArousalModel.Features];
    private readonly double _kept = Math.Exp(-FrameSeconds / options.Smoothing.TotalSeconds);
    private VoiceFrame _baseline = new(double.NaN, double.NaN, double.NaN);
    private double _level = double.NaN;
    private double _pitch = double.NaN;
    private double _tilt = double.NaN;
    private int _sinceBaseline;
    private int _sinceJudged;
    private double _sustained;

    /// <summary>The speaker's median level in calm speech; NaN until enough was heard.</summary>
    public double BaselineDb => _baseline.LevelDb;

    /// <summary>The model's word on the newest speech, 0 to 1; 0 until there is a baseline.</summary>
    public double Arousal { get; private set; }

    /// <summary>Takes a frame; returns how raised the voice is, 0 to 1, or 0 when this frame is not speech.</summary>
    public double OnFrame(ReadOnlySpan<float> frame, float speechProbability)
    {
        if (frame.Length != VoiceFrames.FrameSamples) return 0;

        if (!(speechProbability >= options.SpeechProbability))
        {
            _frames.Pass(frame);
            return 0;
        }

        var heard = _frames.Next(frame);
        if (heard.LevelDb < LowestDb) return 0;

        _level = Smooth(_level, heard.LevelDb);
        if (!double.IsNaN(heard.PitchSemitones)) (_pitch, _tilt) = (Smooth(_pitch, heard.PitchSemitones), Smooth(_tilt, heard.TiltDb));
        if (++_sinceJudged % JudgedEvery == 0) Arousal = Judge();
        if (Learns && Arousal < options.Raised) Learn(heard);
        if (Arousal < options.Raised)
        {
            _sustained = 0;
            return 0;
        }

        _sustained += FrameSeconds;
        return _sustained < options.Sustained.TotalSeconds ? 0 : Math.Clamp(0.3 + 0.7 * (Arousal - options.Raised) / (1 - options.Raised), 0, 1);
    }

    /// <summary>False keeps the baseline as it is.</summary>
    internal bool Learns { get; set; } = true;

    /// <summary>The present voice is another clip's: what was smoothed is forgotten, the baseline stays.</summary>
    internal void ForgetPresent() => (_level, _pitch, _tilt, _sustained) = (double.NaN, double.NaN, double.NaN, 0);

    /// <summary>The changes the model judged last.</summary>
    internal ReadOnlySpan<float> Changes => _changes;

    private double Judge()
    {
        if (double.IsNaN(_baseline.LevelDb)) return 0;

        _changes[0] = Change(_level - _baseline.LevelDb, 24);
        _changes[1] = Change(_pitch - _baseline.PitchSemitones, 18);
        _changes[2] = Change(_tilt - _baseline.TiltDb, 18);
        return model.Run(_changes);
    }

    // What is not known changes nothing: a voice without a pitch, a baseline without one.
    private static float Change(double change, double most) => double.IsNaN(change) ? 0 : (float)Math.Clamp(change, -most, most);

    private void Learn(in VoiceFrame heard)
    {
        _levels.Add(heard.LevelDb);
        _pitches.Add(heard.PitchSemitones);
        _tilts.Add(heard.TiltDb);
        if (_levels.Count * FrameSeconds < options.Baseline.TotalSeconds || ++_sinceBaseline < BaselineEvery) return;

        _sinceBaseline = 0;
        _baseline = new VoiceFrame(_levels.Quantile(0.5), _pitches.Quantile(0.5), _tilts.Quantile(0.5));
    }

    private double Smooth(double before, double now) => double.IsNaN(before) ? now : now + (before - now) * _kept;
}
