using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using Xunit;

namespace EdgeAssist.Inference.Tests.Features;

public sealed class VoiceFramesTests
{
    [Theory]
    [InlineData(90)]
    [InlineData(140)]
    [InlineData(220)]
    [InlineData(350)]
    public void Pitch_is_that_of_the_voice_within_half_a_semitone(double hertz)
    {
        var frames = new VoiceFrames();
        var heard = default(VoiceFrame);
        foreach (var frame in Buzz(hertz, 0.1, 10)) heard = frames.Next(frame);

        Assert.Equal(12 * Math.Log2(hertz / 55), heard.PitchSemitones, 0.5);
    }

    [Fact]
    public void Silence_has_no_pitch_and_broken_samples_do_no_harm()
    {
        var frames = new VoiceFrames();

        Assert.True(double.IsNaN(frames.Next(new float[VoiceFrames.FrameSamples]).PitchSemitones));
        Assert.Equal(-120, frames.Next([.. Enumerable.Repeat(float.NaN, VoiceFrames.FrameSamples)]).LevelDb);
    }

    [Fact]
    public void A_voice_that_rises_in_pitch_and_level_is_raised_within_700_ms_and_a_calm_one_never()
    {
        using var model = OnnxArousalModel.Load(new ModelStore());
        var tracker = new VoiceTracker(new VoiceOptions(), model);
        foreach (var frame in Buzz(120, 0.05, 300)) Assert.Equal(0, tracker.OnFrame(frame, 0.95f));

        var at = Buzz(170, 0.15, 22).ToList().FindIndex(frame => tracker.OnFrame(frame, 0.95f) > 0);

        Assert.InRange(at, 0, 21); // 22 frames of 32 ms
    }

    [Fact]
    public void Speech_and_baseline_cost_no_memory_once_heard()
    {
        var tracker = new VoiceTracker(new VoiceOptions(), new LevelArousal());
        var frame = Buzz(120, 0.05, 1).Single();
        for (var i = 0; i < 200; i++) tracker.OnFrame(frame, 0.95f);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++) tracker.OnFrame(frame, 0.95f);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Ten harmonics, falling.</summary>
    private static IEnumerable<float[]> Buzz(double hertz, double amplitude, int frames)
    {
        for (var f = 0; f < frames; f++)
        {
            var frame = new float[VoiceFrames.FrameSamples];
            for (var i = 0; i < frame.Length; i++)
            {
                var t = (f * frame.Length + i) / 16_000.0;
                for (var k = 1; k <= 10; k++) frame[i] += (float)(amplitude / k * Math.Sin(2 * Math.PI * k * hertz * t));
            }

            yield return frame;
        }
    }
}
