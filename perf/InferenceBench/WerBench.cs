using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// How many words are wrong on whole sets, and how many of those that matter? As files, through G.711, and (<c>--network</c>)
/// through the receiver, concealment and voice activity with loss and jitter. The seed of a clip's network is its number.
/// </summary>
internal static class WerBench
{
    // What rules and scores look at: figures, months and days, and words of complaints and answers.
    private static readonly ImmutableHashSet<string> KeyWords = ImmutableHashSet.Create(StringComparer.Ordinal,
    [
        .. "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million".Split(' '),
        .. "january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday".Split(' '),
        .. "yes no not never cancel cancelled canceled refund manager supervisor complaint agent account password wrong invalid error urgent sorry busy unavailable failed dollars percent deleted problem".Split(' '),
    ]);

    private static readonly (string Name, NetworkProfile Profile)[] Networks =
    [
        ("no impairment", new NetworkProfile()),
        .. new[] { 1, 5, 10 }.Select(share => ($"loss {share} %", new NetworkProfile { Loss = share / 100.0 })),
        .. new[] { 1, 5, 10 }.Select(share => ($"loss {share} % in bursts of 3", new NetworkProfile { Loss = share / 100.0, LossBurst = 3 })),
        .. new[] { 20, 50 }.Select(ms => ($"jitter {ms} ms", new NetworkProfile { Jitter = TimeSpan.FromMilliseconds(ms) })),
        ("loss 5 % in bursts of 3, jitter 50 ms", new NetworkProfile { Loss = 0.05, LossBurst = 3, Jitter = TimeSpan.FromMilliseconds(50) }),
    ];

    public static int Run(string[] arguments)
    {
        var store = new ModelStore();
        var model = arguments.Contains("--packaged") ? "moonshine-tiny-en-packaged" : "moonshine-tiny-en";
        using var recognizer = MoonshineRecognizer.Load(store, model, arguments.Contains("--no-lead-in") ? 0 : LeadIn.Below);
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        var (shortest, every) = (Arguments.Number(arguments, "--min", 0), Arguments.Whole(arguments, "--every", 1));
        Console.WriteLine($"{model}, one clip in {every} of at least {shortest} s");
        foreach (var set in arguments.Where(SpeechSets.Names.Contains).DefaultIfEmpty("asterisk-prompts"))
        {
            var clips = SpeechSets.Load(set).Where(clip => clip.Seconds >= shortest).Where((_, i) => i % every == 0).Select(clip => (clip.Text, Audio: clip.Load())).ToList();
            var bench = new Bench(set, clips, recognizer, arguments.Contains("--show"));
            bench.Measure("as it is, 16 kHz", (clip, _) => [clip.Wide().ToFloat()]);
            bench.Measure("through G.711", (clip, _) => [clip.OverTelephone().ToFloat()]);
            if (!arguments.Contains("--network")) continue;
            foreach (var (name, profile) in Networks) bench.Measure($"call, {name}", (clip, seed) => TelephonePath.Utterances(clip, profile, seed, voice));
        }

        return 0;
    }

    private sealed record Bench(string Set, List<(string Text, Clip Audio)> Clips, MoonshineRecognizer Recognizer, bool Show)
    {
        public void Measure(string what, Func<Clip, int, IReadOnlyList<float[]>> way)
        {
            var (errors, missed, keys) = (new WordErrors(), 0, 0);
            for (var i = 0; i < Clips.Count; i++)
            {
                var (text, audio) = Clips[i];
                var heard = string.Join(' ', way(audio, i + 1).Select(samples => Recognizer.Recognize(samples, SpeechContext.None, CancellationToken.None).Text));
                var these = WordErrorRate.Compare(text, heard);
                errors += these;
                keys += WordErrorRate.Words(text).Count(KeyWords.Contains);
                missed += WordErrorRate.Missed(text, heard).Count(KeyWords.Contains);
                if (Show && these.Errors > 0) Console.WriteLine($"  {these.Errors}/{these.Words} [{text}] [{heard}]");
            }

            Console.WriteLine($"| {Set} | {what} | {errors.Words} | {errors.Rate:P1} | {missed} of {keys}, {(double)missed / Math.Max(1, keys):P1} |");
        }
    }
}
