using EdgeAssist.Testing.Audio;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>Where a recording is loud enough to be a voice, by its energy alone: a second opinion that knows no model.</summary>
internal sealed class VoicedTime
{
    private const double FrameSeconds = 0.02;
    private readonly bool[] _loud;

    /// <param name="clip">The recording.</param>
    /// <param name="floorDb">Level from which a 20 ms frame counts, in dB of full scale (RMS).</param>
    public VoicedTime(Clip clip, double floorDb)
    {
        var frame = (int)(clip.SampleRate * FrameSeconds);
        _loud = [.. Enumerable.Range(0, clip.Samples.Length / frame).Select(i => Level(clip.Samples.AsSpan(i * frame, frame)) >= floorDb)];
    }

    /// <summary>Share of the spans' time that lies within <paramref name="slack"/> seconds of a loud frame.</summary>
    public double ShareOfSpansNearVoice(IReadOnlyList<(double Start, double End)> spans, double slack)
    {
        var frames = spans.SelectMany(span => Frames(span.Start, span.End)).ToList();
        return Share(frames, frame => IsLoudNear(frame, slack));
    }

    /// <summary>Share of the loud time that lies within <paramref name="slack"/> seconds of a span.</summary>
    public double ShareOfVoiceNearSpans(IReadOnlyList<(double Start, double End)> spans, double slack)
    {
        var loud = Enumerable.Range(0, _loud.Length).Where(i => _loud[i]).ToList();
        return Share(loud, frame => spans.Any(span => frame * FrameSeconds >= span.Start - slack && frame * FrameSeconds <= span.End + slack));
    }

    private bool IsLoudNear(int frame, double slack)
    {
        var reach = (int)Math.Round(slack / FrameSeconds);
        return Enumerable.Range(frame - reach, 2 * reach + 1).Any(i => i >= 0 && i < _loud.Length && _loud[i]);
    }

    private static IEnumerable<int> Frames(double start, double end) =>
        Enumerable.Range((int)(start / FrameSeconds), Math.Max(0, (int)((end - start) / FrameSeconds)));

    private static double Share(List<int> frames, Func<int, bool> isSo) => frames.Count == 0 ? 0 : (double)frames.Count(isSo) / frames.Count;

    private static double Level(ReadOnlySpan<short> samples)
    {
        var power = 0.0;
        foreach (var sample in samples) power += (double)sample * sample;
        return 10 * Math.Log10(power / samples.Length / (32768.0 * 32768.0) + 1e-12);
    }
}
