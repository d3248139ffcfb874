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
            Line(file, example, Corpora.IsHeldOut(example) ? "held" : "train");
        foreach (var set in new[] { Corpora.Airline(data), Corpora.Complaints(data, brands: false), Corpora.Meld(data), Corpora.Satisfaction(data) })
        {
            foreach (var example in set) Line(file, example, "dev");
        }
    }

    private static void Line(StreamWriter file, Example example, string part)
    {
        var labels = string.Join(' ', example.Labels.Select(l => float.IsNaN(l) ? "?" : l.ToString(CultureInfo.InvariantCulture)));
        var text = example.Text.ReplaceLineEndings(" ").Replace('\t', ' ');
        file.WriteLine($"{part}\t{example.Source}\t{example.Id}\t{labels}\t{text}");
    }
}
