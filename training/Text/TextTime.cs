using System.Diagnostics;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Training.Text;

/// <summary>Milliseconds an utterance, preparation and model, one after the other on one thread.</summary>
internal static class TextTime
{
    private const int WarmUp = 30, Runs = 300;

    private const string Sentence = "i called you last week about the refund for my order and nobody has called me back since then";

    private static readonly (string Name, string Text, string[] Before)[] Utterances =
    [
        ("3 words", "no thank you", []),
        ("3 words behind a turn of 19", "no thank you", [Sentence]),
        ("19 words", Sentence, []),
        ("57 words", string.Join(' ', Enumerable.Repeat(Sentence, 3)), []),
        ("190 words", string.Join(' ', Enumerable.Repeat(Sentence, 10)), []),
    ];

    public static void Run(ITextSentiment sentiment, TextWriter output)
    {
        output.WriteLine("| utterance | median | p95 | most | processor time, mean |");
        output.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, text, before) in Utterances)
        {
            for (var i = 0; i < WarmUp; i++) sentiment.Score(text, before);
            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            var times = new double[Runs];
            for (var i = 0; i < Runs; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                sentiment.Score(text, before);
                times[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }

            using var now = Process.GetCurrentProcess();
            Array.Sort(times);
            output.WriteLine($"| {name} | {times[Runs / 2]:0.0} ms | {times[Runs * 95 / 100]:0.0} ms | {times[^1]:0.0} ms | {(now.TotalProcessorTime - processor).TotalMilliseconds / Runs:0.0} ms |");
        }
    }
}
