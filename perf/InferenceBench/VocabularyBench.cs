using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// Does a vocabulary help, and what does it do where its words are not said? The list is made from the set's own texts, as an
/// operator knows the names that are said in his calls: the words of six letters and more that come at least twice. Beside it, a
/// list of as many words that the set does not hold.
/// </summary>
internal static class VocabularyBench
{
    private static readonly ImmutableArray<string> Foreign =
    [
        "Zyxel", "Fritzbox", "Thunderbolt", "Metformin", "Schwarzkopf", "Nespresso", "Huawei", "Lisinopril", "Peloton", "Gigabyte",
        "Amoxicillin", "Volkswagen", "Chevrolet", "Xfinity", "Broadcom", "Omeprazole", "Samsonite", "Electrolux", "Kubernetes", "Velux",
    ];

    public static int Run(string[] arguments)
    {
        var every = Arguments.Whole(arguments, "--every", 1);
        using var recognizer = MoonshineRecognizer.Load(new ModelStore(), "moonshine-tiny-en");
        foreach (var set in arguments.Where(SpeechSets.Names.Contains).DefaultIfEmpty("asterisk-prompts"))
        {
            var clips = SpeechSets.Load(set).ToList();
            var own = Words(clips).GroupBy(word => word, StringComparer.Ordinal).Where(group => group.Key.Length >= 6 && group.Count() >= 2).Select(group => group.Key).Order(StringComparer.Ordinal).ToImmutableArray();
            clips = [.. clips.Where((_, i) => i % every == 0)];
            Console.WriteLine($"{set}: {clips.Count} clips, {own.Length} words in the list");
            Score("no vocabulary", recognizer, clips, own, []);
            Score("its own words", recognizer, clips, own, own);
            Score("foreign words", recognizer, clips, own, Foreign);
        }

        return 0;
    }

    private static IEnumerable<string> Words(IEnumerable<SpokenClip> clips) => clips.SelectMany(clip => WordErrorRate.Words(clip.Text));

    private static void Score(string what, MoonshineRecognizer recognizer, IReadOnlyList<SpokenClip> clips, ImmutableArray<string> listed, ImmutableArray<string> vocabulary)
    {
        var (errors, said, found, invented, foreign) = (new WordErrors(), 0, 0, 0, 0);
        foreach (var clip in clips)
        {
            var heard = recognizer.Recognize(clip.Load().OverTelephone().ToFloat(), SpeechContext.None with { Vocabulary = vocabulary }, CancellationToken.None).Text;
            errors += WordErrorRate.Compare(clip.Text, heard);
            var (reference, words) = (Count(WordErrorRate.Words(clip.Text)), Count(WordErrorRate.Words(heard)));
            foreach (var word in listed)
            {
                var (wanted, given) = (reference.GetValueOrDefault(word), words.GetValueOrDefault(word));
                (said, found, invented) = (said + wanted, found + Math.Min(wanted, given), invented + Math.Max(0, given - wanted));
            }

            foreign += Foreign.Count(word => words.ContainsKey(word.ToLowerInvariant()));
        }

        Console.WriteLine($"  {what}: {found} of {said} listed words found, {invented} where they were not said, {foreign} foreign ones; WER {errors.Rate:P1} of {errors.Words}");
    }

    private static Dictionary<string, int> Count(IEnumerable<string> words) => words.GroupBy(word => word, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
}
