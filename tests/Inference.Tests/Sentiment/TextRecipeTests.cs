using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Text;
using EdgeAssist.Training.Voice;
using Xunit;

namespace EdgeAssist.Inference.Tests.Sentiment;

/// <summary>The training recipe in small: authored sentences only, one pass.</summary>
public sealed class TextRecipeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-text").FullName;

    [Fact]
    public void The_same_seed_gives_the_same_model_and_another_seed_another()
    {
        var (one, same, other) = (Train(1), Train(1), Train(2));

        Assert.Equal(one.Sha256, same.Sha256);
        Assert.Equal(one.Vocabulary.ToBytes(), same.Vocabulary.ToBytes());
        Assert.NotEqual(one.Sha256, other.Sha256);
    }

    [Fact]
    public void ONNX_Runtime_gives_what_the_trainer_measured()
    {
        var model = Train(1);
        using var onnx = OnnxTextModel.Load(Store(model.Graph), "mini");

        foreach (var text in new[] { "", "i want your manager", "thank you", string.Join(' ', Enumerable.Repeat("nobody helps me at all", 40)) })
        {
            var rows = model.Vocabulary.Rows(UtteranceWords.Split(text));
            var (expected, actual) = (new float[Example.LabelCount], new float[Example.LabelCount]);
            model.Network.Run(rows, expected);
            onnx.Run(rows, actual);
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-4f);
        }
    }

    [Fact]
    public void The_committed_model_is_below_a_mebibyte_and_the_manifest_pins_it()
    {
        var status = new ModelStore().Verify(NgramTextSentiment.DefaultModel);

        Assert.Equal(ModelState.Present, status.State);
        Assert.True(status.Model.File("model.onnx").Size < 1 << 20);
    }

    [Fact]
    public void Families_are_on_one_side_of_the_split()
    {
        var sides = AuthoredUtterances.Generate(10, 1).GroupBy(e => e.Id).Select(family => family.Select(Corpora.IsHeldOut).Distinct().Count());

        Assert.All(sides, count => Assert.Equal(1, count));
    }

    [Fact]
    public void A_complaint_tells_of_a_problem_and_feeling_alone_leaves_it_open()
    {
        var examples = AuthoredUtterances.Generate(10, 1);

        Assert.All(examples.Where(e => e[Label.Complaint] == 1), e => Assert.Equal(1, e.Problem));
        Assert.All(examples.Where(e => e[Label.Anger] == 1 && float.IsNaN(e[Label.Complaint])), e => Assert.Equal(float.NaN, e.Problem));
        Assert.All(examples.Where(e => e.Pleased == 1), e => Assert.Equal((0f, 0f), (e[Label.Negative], e.Problem)));
        Assert.Contains(examples, e => e.Problem == 1 && e[Label.Complaint] == 0);
        Assert.Contains(examples, e => e.Problem == 0 && e.Pleased == 0);
    }

    [Fact]
    public void Heard_lines_that_are_measured_on_are_of_families_that_are_there_and_kept_from_training()
    {
        var families = AuthoredUtterances.Generate(1, 1).Where(Corpora.IsHeldOut).ToDictionary(e => e.Id, StringComparer.Ordinal);
        var lines = HeardUtterances.HeldOut();

        Assert.True(lines.Count > 50);
        Assert.All(lines, line => Assert.Equal(families[line.Said.Id].Labels, line.Heard.Labels));
        Assert.Contains(lines, line => !string.Equals(line.Said.Text, line.Heard.Text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_program_that_is_missing_is_named() =>
        Assert.Contains("edgeassist-no-such-voice", Assert.Throws<InvalidOperationException>(() => ExternalProgram.Run("edgeassist-no-such-voice", [], [])).Message, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static TextModel Train(ulong seed) =>
        TextRecipe.Run(AuthoredUtterances.Generate(3, 1), new TextTrainerOptions { Epochs = 1 }, features: 3000, seed, _ => { });

    private ModelStore Store(byte[] graph) => TestModels.Mini(_folder, graph, "text", "ids", "scores", NgramTextSentiment.Labels);
}
