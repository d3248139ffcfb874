using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Training.Text;

/// <summary>
/// Scores every text once: evaluation asks for the same ones again and again. Several threads may ask. What was scored is kept
/// in a file of the temporary folder that is named by the model's hash, so that the next command begins with it. Texts go through
/// the model one by one: its 8-bit activations are scaled by the batch, and a batch would not give the product's own values.
/// </summary>
internal sealed class RememberingSentiment : ITextSentiment, IDisposable
{
    /// <summary>Raised when the preparation of texts changes: scores of an earlier one are not read.</summary>
    private const int Preparation = 1;

    private readonly ITextSentiment _sentiment;
    private readonly string? _file;
    private readonly ConcurrentDictionary<(string Text, string Before), TextScores> _known = [];
    private readonly int _found;

    public RememberingSentiment(ITextSentiment sentiment, string? file = null)
    {
        (_sentiment, _file) = (sentiment, file);
        if (file is null || !File.Exists(file)) return;

        using var reader = new BinaryReader(File.OpenRead(file));
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var key = (reader.ReadString(), reader.ReadString());
            _known[key] = new TextScores(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
        }

        _found = _known.Count;
    }

    /// <summary>The manifest's model, with the scores that were kept of it.</summary>
    /// <exception cref="ModelException">The model is missing, altered, or of no kind known.</exception>
    public static RememberingSentiment Load(ModelStore store, string model)
    {
        var hashes = string.Concat(store.Manifest.Find(model).Files.Select(file => file.Sha256));
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{hashes} {Preparation}")))[..16];
        return new RememberingSentiment(TextSentiments.Load(store, model), Path.Combine(Path.GetTempPath(), $"edgeassist-text-scores-{key}.bin"));
    }

    /// <summary>The model itself, which remembers nothing.</summary>
    public ITextSentiment Inner => _sentiment;

    public TextScores Score(string text, IReadOnlyList<string> before)
    {
        // Longer utterances are read alone, whatever came before.
        var joins = UtteranceWords.Split(text).Count <= 2 * FragmentReading.FragmentWords;
        return _known.GetOrAdd((text, joins && before.Count > 0 ? before[^1] : ""), _ => _sentiment.Score(text, before));
    }

    /// <summary>Keeps the scores in the file; another process's are overwritten whole, never mixed.</summary>
    public void Dispose()
    {
        if (_file is not null && _known.Count > _found)
        {
            var part = $"{_file}.{Environment.ProcessId}";
            using (var writer = new BinaryWriter(File.Create(part)))
            {
                var known = _known.ToArray();
                writer.Write(known.Length);
                foreach (var ((text, before), s) in known)
                {
                    writer.Write(text);
                    writer.Write(before);
                    foreach (var p in (ReadOnlySpan<float>)[s.Negative, s.Anger, s.Complaint, s.AsksForManager, s.ThreatToLeave, s.Abuse]) writer.Write(p);
                }
            }

            File.Move(part, _file, overwrite: true);
        }

        (_sentiment as IDisposable)?.Dispose();
    }
}
