using System.Globalization;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>Writes the examples as the neural recipe reads them: one a line, parted by tabs.</summary>
internal static class TextExport
{
    public static void Write(string data, ulong seed, int perFamily, string path)
    {
        using var file = new StreamWriter(path);
        file.NewLine = "\n";
        foreach (var example in Corpora.Trainable(data).Concat(AuthoredUtterances.Generate(perFamily, seed)))
            Line(file, example, Part(example));
        foreach (var set in new[] { Corpora.Airline(data), Corpora.Complaints(data, brands: false), Corpora.Meld(data), Corpora.Satisfaction(data) })
        {
            foreach (var example in set) Line(file, example, "dev");
        }
    }

    private static void Line(StreamWriter file, Example example, string part)
    {
        var text = example.Text.ReplaceLineEndings(" ").Replace('\t', ' ');
        file.WriteLine($"{part}\t{example.Source}\t{example.Id}\t{Labels(example)}\t{text}");
    }

    internal static string Part(Example example) => Corpora.IsHeldOut(example) ? "held" : "train";

    /// <summary>The six labels, a problem told of, pleased: ? where the set does not say.</summary>
    internal static string Labels(Example example) =>
        string.Join(' ', example.Labels.Append(example.Problem).Append(example.Pleased).Select(l => float.IsNaN(l) ? "?" : l.ToString(CultureInfo.InvariantCulture)));
}
