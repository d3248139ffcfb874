using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Training.Authored;
using EdgeAssist.Training.Data;
using EdgeAssist.Training.Voice;

namespace EdgeAssist.Training.Text;

/// <summary>
/// What the product's recogniser makes of telephone speech: our own sentences, spoken by a synthesiser, and read sentences of
/// many speakers (speechocean762, free for commercial use), all through G.711. One line each: part, source, row, labels, said, heard,
/// parted by tabs; the neural recipe learns from them what is misheard as what.
/// </summary>
internal sealed class HeardUtterances(ISpeechRecognizer recognizer, TextWriter output)
{
    private const double CalmPace = 150, PaceSpread = 25, LoudestDb = 6;
    private const int Quiet = 16_000 / 5;

    /// <param name="data">Folder of the shared sets.</param>
    /// <param name="seed">Of sentences and voices.</param>
    /// <param name="perFamily">Sentences of a template.</param>
    /// <exception cref="InvalidOperationException">flite or sox is missing or refuses; the message says which.</exception>
    public void Write(string data, ulong seed, int perFamily)
    {
        var random = new Seeded(seed);
        foreach (var example in AuthoredUtterances.Generate(perFamily, seed))
        {
            var voice = SyntheticVoice.Draw(SpeechEngine.Flite, random, random.Chance(0.5) ? PartyRole.Customer : PartyRole.Agent);
            var spoken = voice.Say(example.Text, CalmPace + PaceSpread * random.NextNormal(), LoudestDb * random.NextDouble());
            Line(example, Hear(Speech.OverTelephone(spoken)));
        }

        var folder = Path.Combine(data, "speechocean762");
        foreach (var row in Csv.Read(Path.Combine(folder, "transcripts.csv")))
            Line(new Example("speechocean762", row["speaker"], row["text"], Example.Of()), Hear(Speech.Read(Path.Combine(folder, "audio16k", Path.GetFileName(row["file"])))));
    }

    /// <summary>The committed lines of our own sentences that are kept from training: as they were said, and as they were heard.</summary>
    public static List<(Example Said, Example Heard)> HeldOut() =>
    [
        .. Grammar.Resource("heard.tsv").Select(line => line.Split('\t')).Where(fields => fields[0] == "held" && fields[1] == "authored").Select(fields =>
        {
            float[] labels = [.. fields[3].Split(' ').Take(Example.LabelCount).Select(l => l == "?" ? float.NaN : float.Parse(l, CultureInfo.InvariantCulture))];
            var said = new Example("authored", fields[2], fields[4], labels);
            return (said, said with { Text = fields[5] });
        }),
    ];

    private string Hear(float[] samples) => recognizer.Recognize((float[])[.. new float[Quiet], .. samples, .. new float[Quiet]], SpeechContext.None, CancellationToken.None).Text;

    private void Line(Example example, string heard) =>
        output.Write($"{TextExport.Part(example)}\t{example.Source}\t{example.Id}\t{TextExport.Labels(example)}\t{example.Text}\t{heard.ReplaceLineEndings(" ").Replace('\t', ' ')}\n");
}
