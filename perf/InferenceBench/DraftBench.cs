using System.Diagnostics;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// What does a draft save, and does it change words? Each clip grows as an utterance does, with a partial after each 500 ms and a
/// final, once recognised from nothing each time and once with what the partial before decoded as draft.
/// </summary>
internal static class DraftBench
{
    public static int Run(string[] arguments)
    {
        var every = Arguments.Whole(arguments, "--every", 1);
        var least = Arguments.Number(arguments, "--min", 1);
        using var recognizer = MoonshineRecognizer.Load(new ModelStore(), "moonshine-tiny-en");
        recognizer.Recognize(new float[16_000], SpeechContext.None, CancellationToken.None);
        foreach (var set in arguments.Where(SpeechSets.Names.Contains).DefaultIfEmpty("asterisk-prompts"))
        {
            var clips = SpeechSets.Load(set).Where(clip => clip.Seconds >= least && clip.Seconds <= 12).Where((_, i) => i % every == 0).ToList();
            var (free, drafted) = (new Tally(), new Tally());
            var (partials, samePartials, sameFinals) = (0, 0, 0);
            foreach (var clip in clips)
            {
                var audio = clip.Load().OverTelephone().ToFloat();
                var without = Grow(recognizer, clip, audio, free, draft: false);
                var with = Grow(recognizer, clip, audio, drafted, draft: true);
                partials += with.Count - 1;
                samePartials += with.Zip(without).SkipLast(1).Count(pair => pair.First == pair.Second);
                if (with[^1] == without[^1]) sameFinals++;
            }

            Console.WriteLine($"{set}: {clips.Count} clips of {least} to 12 s; the same words in {samePartials} of {partials} partials, {sameFinals} of {clips.Count} finals");
            free.Print("from nothing");
            drafted.Print("with drafts ");
        }

        return 0;
    }

    private static List<string> Grow(MoonshineRecognizer recognizer, SpokenClip clip, float[] audio, Tally tally, bool draft)
    {
        var settings = new AnalysisSettings();
        var heard = new List<string>();
        var context = SpeechContext.None;
        for (var at = (int)settings.FirstPartialSamples; at < audio.Length; at += (int)settings.PartialSamples)
        {
            var partial = tally.Partial(() => recognizer.Recognize(audio.AsMemory(0, at), context, CancellationToken.None));
            heard.Add(partial.Text);
            if (draft) context = context with { Draft = partial.Decoded };
        }

        var final = tally.Final(() => recognizer.Recognize(audio, context, CancellationToken.None));
        tally.Errors += WordErrorRate.Compare(clip.Text, final.Text);
        return [.. heard, final.Text];
    }

    private sealed class Tally
    {
        private TimeSpan _partials;
        private TimeSpan _finals;
        private int _partialCount;
        private int _finalCount;

        public WordErrors Errors { get; set; }

        public Recognition Partial(Func<Recognition> recognize)
        {
            _partialCount++;
            return Timed(recognize, ref _partials);
        }

        public Recognition Final(Func<Recognition> recognize)
        {
            _finalCount++;
            return Timed(recognize, ref _finals);
        }

        public void Print(string what) =>
            Console.WriteLine($"  {what}: {_partials.TotalMilliseconds / Math.Max(1, _partialCount):0.0} ms a partial, {_finals.TotalMilliseconds / _finalCount:0.0} ms a final, WER of the finals {Errors.Rate:P1} of {Errors.Words} words");

        private static Recognition Timed(Func<Recognition> recognize, ref TimeSpan spent)
        {
            var begun = Stopwatch.GetTimestamp();
            var heard = recognize();
            spent += Stopwatch.GetElapsedTime(begun);
            return heard;
        }
    }
}
