using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;

namespace EdgeAssist.Training.Voice;

/// <summary>One speaker's clips through the tracker that runs on calls: calm ones first, then one at a time against them.</summary>
internal sealed class VoiceListener(IArousalModel model)
{
    private const double SpeechBelowPeakDb = 25;

    private readonly VoiceTracker _tracker = new(new VoiceOptions { Baseline = TimeSpan.FromSeconds(3), Raised = 2 }, model);

    /// <summary>Calm speech, learnt.</summary>
    public void Learn(float[] samples)
    {
        _tracker.Learns = true;
        Hear(samples, _ => { });
    }

    /// <summary>The changes at every frame of speech of a clip from half a second on.</summary>
    public List<float[]> Changes(float[] samples)
    {
        var changes = new List<float[]>();
        _tracker.ForgetPresent();
        _tracker.Learns = false;
        var heard = 0;
        Hear(samples, tracker =>
        {
            if (++heard > 15) changes.Add(tracker.Changes.ToArray());
        });
        return changes;
    }

    /// <summary>Mean log-odds of arousal over a clip's speech; NaN when it has none.</summary>
    public double Score(float[] samples)
    {
        var changes = Changes(samples);
        return changes.Count == 0 ? double.NaN : changes.Average(c =>
        {
            var p = Math.Clamp(model.Run(c), 1e-6f, 1 - 1e-6f);
            return Math.Log(p / (1 - p));
        });
    }

    private void Hear(float[] samples, Action<VoiceTracker> heard)
    {
        var frames = samples.Chunk(VoiceFrames.FrameSamples).Where(frame => frame.Length == VoiceFrames.FrameSamples).ToList();
        var levels = frames.ConvertAll(frame => 10 * Math.Log10(frame.Sum(x => (double)x * x) / frame.Length + 1e-12));
        var floor = levels.Count == 0 ? 0 : levels.Max() - SpeechBelowPeakDb;
        for (var i = 0; i < frames.Count; i++)
        {
            _tracker.OnFrame(frames[i], levels[i] >= floor ? 0.95f : 0.02f);
            if (levels[i] >= floor) heard(_tracker);
        }
    }
}
