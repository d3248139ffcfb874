using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Onnx;

public sealed class SileroVadTests
{
    [Theory]
    [InlineData("silero-vad-v5")]
    [InlineData("silero-vad-v6")]
    public async Task Speech_over_the_telephone_is_told_from_the_line_s_noise(string name)
    {
        using var model = SileroVad.Load(await TestModels.StoreAsync(), name);
        using var leg = model.Begin();
        var speech = Speech();

        var inSpeech = Probabilities(leg, speech).Zip(speech.Chunk(VadFrame.Samples))
            .Where(frame => frame.Second.Max() > 0.1f).Select(frame => frame.First).Average();
        leg.Reset();
        var random = new Random(7);
        var inNoise = Probabilities(leg, [.. Enumerable.Range(0, 32_000).Select(_ => (random.NextSingle() - 0.5f) * 0.004f)]).Average();

        Assert.True(inSpeech > 0.7, $"{inSpeech:0.00} in speech.");
        Assert.True(inNoise < 0.2, $"{inNoise:0.00} in noise.");
    }

    [Fact]
    public async Task Legs_do_not_hear_one_another()
    {
        using var model = SileroVad.Load(await TestModels.StoreAsync(), "silero-vad-v6");
        using var alone = model.Begin();
        using var beside = model.Begin();
        using var other = model.Begin();
        var speech = Speech();
        var quiet = new float[VadFrame.Samples];

        var expected = Probabilities(alone, speech);
        var actual = speech.Chunk(VadFrame.Samples).Where(frame => frame.Length == VadFrame.Samples)
            .Select(frame => { other.Next(quiet); return beside.Next(frame); }).ToList();

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task After_a_reset_a_leg_is_as_new()
    {
        using var model = SileroVad.Load(await TestModels.StoreAsync(), "silero-vad-v6");
        using var leg = model.Begin();
        var speech = Speech();
        var first = Probabilities(leg, speech);

        leg.Reset();

        Assert.Equal(first, Probabilities(leg, speech));
    }

    private static List<float> Probabilities(IVoiceActivity leg, float[] audio) =>
        [.. audio.Chunk(VadFrame.Samples).Where(frame => frame.Length == VadFrame.Samples).Select(frame => leg.Next(frame))];

    // The agent's first sentences of the calm sample call.
    private static float[] Speech()
    {
        var path = SharedFolder.InTree("samples/calm/agent.wav");
        if (path is null) Assert.Skip("samples/calm is not here.");
        var clip = Clip.ReadWav(path).Wide().ToFloat();
        var from = Array.FindIndex(clip, sample => Math.Abs(sample) > 0.05f);
        return clip[from..(from + 48_000)];
    }
}
