using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Voice;
using Xunit;

namespace EdgeAssist.Inference.Tests.Features;

public sealed class MixtureArousalTests : IDisposable
{
    private static readonly float[][] Voices =
        [[0, 0, 0], [6, 0, 0], [24, 0, 0], [0, 4, 4], [-3, 4, 4], [9, 5, 4], [-6, -2, -3], [24, 18, 18], [-24, -18, -18], [24, -18, 18], [-24, 18, -18]];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-voice").FullName;

    [Fact]
    public void ONNX_Runtime_gives_what_the_trainer_measured_out_to_the_ends_of_the_ranges()
    {
        var model = Small();
        using var onnx = OnnxArousalModel.Load(Store(model.ToOnnx()), "mini");

        foreach (var voice in Voices) Assert.Equal(model.Run(voice), onnx.Run(voice), 1e-4f);
    }

    [Fact]
    public void The_same_frames_give_the_same_octets() => Assert.Equal(Small().ToOnnx(), Small().ToOnnx());

    [Fact]
    public void A_share_of_the_calm_frames_is_at_the_threshold_and_the_order_of_voices_stays()
    {
        var (model, calm) = (Small(), Frames(1, [0, 0, 0]));

        var moved = model.At(0.6, 0.05, calm);

        Assert.Equal(0.05, calm.Average(c => moved.Run(c) >= 0.6f ? 1.0 : 0), 0.01);
        Assert.Equal(Voices.OrderBy(v => model.LogOdds(v)), Voices.OrderBy(v => moved.LogOdds(v)));
    }

    [Fact]
    public void The_built_in_model_hears_a_raised_voice_on_a_line_that_levels_and_on_one_that_does_not()
    {
        using var model = OnnxArousalModel.Load(new ModelStore());
        float Calm(float level) => model.Run([level, 0, 0]);

        Assert.InRange(Calm(0), 0, 0.4f);
        Assert.InRange(model.Run([-2, 4, 5]), 0.6f, 1);
        Assert.InRange(model.Run([9, 4, 5]), 0.6f, 1);
        Assert.True(Calm(3) < Calm(9) && Calm(9) < Calm(15));
        Assert.All(Voices, voice => Assert.InRange(model.Run(voice), 0, 1));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Two lines, heated or not.</summary>
    private static MixtureArousal Small() => MixtureArousal.Fit(
    [
        (false, Frames(1, [0, 0, 0])), (true, Frames(2, [9, 4, 5])),
        (false, Frames(3, [0, 0, 0])), (true, Frames(4, [-2, 4, 5])),
    ]);

    private static List<float[]> Frames(ulong seed, float[] mean)
    {
        var random = new Seeded(seed);
        return [.. Enumerable.Range(0, 500).Select(_ => mean.Select(m => m + 2 * (float)random.NextNormal()).ToArray())];
    }

    private ModelStore Store(byte[] graph) => TestModels.Mini(_folder, graph, "voice", "changes", "arousal");
}
