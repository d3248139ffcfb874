using EdgeAssist.Inference.Sentiment;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Tokenizers;

namespace EdgeAssist.Training.Text;

/// <summary>
/// Runs the lower layers of the neural recipe's encoder over the chosen rows: for each row the number of tokens (uint16), then
/// a state of 384 half-precision floats a token.
/// </summary>
internal static class TextStates
{
    private const long Separator = 102;

    public static void Write(string graph, string vocabulary, string rows, string target)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        using var session = new InferenceSession(graph, options);
        using var run = new RunOptions();
        using var file = new BinaryWriter(new BufferedStream(File.Create(target), 1 << 20));
        var tokenizer = BertTokenizer.Create(vocabulary);
        foreach (var line in File.ReadLines(rows))
        {
            long[] ids = [.. tokenizer.EncodeToIds(line[(line.LastIndexOf('\t') + 1)..])];
            if (ids.Length > WordPieceTextSentiment.MostTokens) ids = [.. ids[..(WordPieceTextSentiment.MostTokens - 1)], Separator];
            using var input = OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length]);
            using var results = session.Run(run, ["input_ids"], [input], session.OutputNames);
            file.Write((ushort)ids.Length);
            foreach (var value in results[0].GetTensorDataAsSpan<float>()) file.Write((Half)value);
        }
    }
}
