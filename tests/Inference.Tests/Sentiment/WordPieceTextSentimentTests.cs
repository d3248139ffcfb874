using System.Security.Cryptography;
using System.Text;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Onnx;
using Xunit;

namespace EdgeAssist.Inference.Tests.Sentiment;

/// <summary>An operator's own classifier, brought by a manifest file alone: a BERT-shaped graph made here.</summary>
public sealed class WordPieceTextSentimentTests : IDisposable
{
    private const int Hidden = 4;
    private static readonly string[] Pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "am", "ang", "##ry", "fine", "your", "manager", "want", "to", "speak"];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-bert").FullName;

    [Fact]
    public void A_model_listed_in_an_operators_manifest_scores_utterances()
    {
        using var model = Load("softmax", """["calm", "anger"]""");

        Assert.True(model.Score("I am angry", []).Anger > 0.9f);
        Assert.True(model.Score("I am fine", []).Anger < 0.1f);
        Assert.Equal(0, model.Score("I am angry", []).Complaint); // the model has no such label
        Assert.Equal(default, model.Score("  ", []));
    }

    [Fact]
    public void The_role_of_the_output_says_how_it_is_read()
    {
        using var independent = Load("sigmoid", """["negative", "anger"]""");

        var scores = independent.Score("angry", []);

        Assert.True(scores.Anger > 0.9f);
        Assert.True(scores.Negative < 0.1f);
    }

    [Fact]
    public void Word_pieces_are_those_of_the_vocabulary()
    {
        using var model = Load("softmax", """["calm", "anger"]""");

        Assert.Equal([2, 5, 6, 7, 8, 3], model.Tokens("I am angry"));
        Assert.Equal(WordPieceTextSentiment.MostTokens, model.Tokens(string.Join(' ', Enumerable.Repeat("angry", 200))).Length);
        Assert.Equal(3, model.Tokens(string.Join(' ', Enumerable.Repeat("angry", 200)))[^1]);
    }

    [Fact]
    public void A_model_without_a_label_we_know_is_refused()
    {
        var refusal = Assert.Throws<ModelException>(() => Load("softmax", """["spam", "ham"]"""));

        Assert.Contains("wanted is at least one of negative", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_without_the_tensor_the_manifest_names_is_refused()
    {
        var refusal = Assert.Throws<ModelException>(() => Load("softmax", """["calm", "anger"]""", tensor: "no_such_output"));

        Assert.Contains("has no output \"no_such_output\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused()
    {
        File.WriteAllText(Path.Combine(_folder, "taken.json"), Manifest("silero-vad-v6", "softmax", """["anger"]""", [1], [2], "logits"));

        var refusal = Assert.Throws<ModelException>(() => ModelManifest.BuiltIn.And(Path.Combine(_folder, "taken.json")));

        Assert.Contains("\"silero-vad-v6\" twice", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private WordPieceTextSentiment Load(string role, string labels, string tensor = "logits")
    {
        var (graph, vocabulary) = (Graph(), Encoding.UTF8.GetBytes(string.Join('\n', Pieces) + "\n"));
        Directory.CreateDirectory(Path.Combine(_folder, "own"));
        File.WriteAllBytes(Path.Combine(_folder, "own", "model.onnx"), graph);
        File.WriteAllBytes(Path.Combine(_folder, "own", "vocab.txt"), vocabulary);
        var manifest = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(manifest, Manifest("own", role, labels, graph, vocabulary, tensor));
        return Assert.IsType<WordPieceTextSentiment>(TextSentiments.Load(new ModelStore(_folder, ModelManifest.BuiltIn.And(manifest)), "own"));
    }

    private static string Manifest(string name, string role, string labels, byte[] graph, byte[] vocabulary, string tensor) => $$"""
        { "version": 1, "models": [ {
            "name": "{{name}}", "kind": "text", "version": "1", "licence": "MIT", "about": "A classifier of one's own.",
            "inputs": { "ids": "input_ids", "mask": "attention_mask", "types": "token_type_ids" },
            "outputs": { "{{role}}": "{{tensor}}" }, "labels": {{labels}},
            "files": [
              { "name": "model.onnx", "size": {{graph.Length}}, "sha256": "{{Hash(graph)}}", "imported": true },
              { "name": "vocab.txt", "size": {{vocabulary.Length}}, "sha256": "{{Hash(vocabulary)}}", "imported": true } ] } ] }
        """;

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Inputs and outputs of BERT in small: embeddings of words and segments, a mask, the mean of what it lets through, a dense head.</summary>
    private static byte[] Graph()
    {
        var words = new float[Pieces.Length * Hidden];
        words[7 * Hidden] = words[8 * Hidden] = 40;    // «ang», «##ry»: the second output
        words[9 * Hidden + 1] = 40;                    // «fine»: the first
        var onnx = new OnnxWriter("tiny-bert");
        onnx.IdsInput("input_ids");
        onnx.IdsInput("attention_mask");
        onnx.IdsInput("token_type_ids");
        onnx.FloatOutput("logits", 2);
        onnx.Floats("words", words, Pieces.Length, Hidden);
        onnx.Floats("segments", new float[2 * Hidden], 2, Hidden);
        onnx.Floats("head", [-1, 1, 1, -1, 0, 0, 0, 0], Hidden, 2);
        onnx.Floats("bias", [0.5f, -0.5f], 2);
        onnx.Longs("last", 2);
        onnx.Longs("over_tokens", 1);
        onnx.Node("Gather", ["words", "input_ids"], "word_rows", ("axis", 0));
        onnx.Node("Gather", ["segments", "token_type_ids"], "segment_rows", ("axis", 0));
        onnx.Node("Add", ["word_rows", "segment_rows"], "embedded");
        onnx.Node("Cast", ["attention_mask"], "mask_floats", ("to", 1));
        onnx.Node("Unsqueeze", ["mask_floats", "last"], "mask_columns");
        onnx.Node("Mul", ["embedded", "mask_columns"], "masked");
        onnx.Node("ReduceSum", ["masked", "over_tokens"], "summed", ("keepdims", 0));
        onnx.Node("ReduceSum", ["mask_columns", "over_tokens"], "counted", ("keepdims", 0));
        onnx.Node("Div", ["summed", "counted"], "mean");
        onnx.Node("MatMul", ["mean", "head"], "headed");
        onnx.Node("Add", ["headed", "bias"], "logits");
        return onnx.ToBytes("test", "A classifier of one test.", 17);
    }
}
