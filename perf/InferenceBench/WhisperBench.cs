using System.Diagnostics;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Whisper;

namespace EdgeAssist.InferenceBench;

/// <summary>What does a Whisper model cost in whisper.cpp, by the length of the utterance?</summary>
internal static class WhisperBench
{
    private const int Runs = 5;

    public static int Run(string file, string[] arguments)
    {
        var library = WhisperLocator.Open(new ModelStore(), arguments.Length > 0 ? arguments[0] : "");
        Console.WriteLine($"{library.Path}, {library.Version}, {library.SystemInfo}");
        using var model = new WhisperModel(library, File.ReadAllBytes(file), Path.GetFileName(file));
        Console.WriteLine($"{model.File.AudioLayers} and {model.File.TextLayers} layers, {model.File.State} wide");
        foreach (var seconds in new[] { 1, 5, 10, 28 })
        {
            var samples = new float[seconds * 16_000];
            var dice = new Random(1);
            for (var i = 0; i < samples.Length; i++) samples[i] = (float)(dice.NextDouble() - 0.5) * 0.2f;
            var (encoded, token) = (new List<double>(), new List<double>());
            for (var i = 0; i < Runs; i++)
            {
                var begun = Stopwatch.GetTimestamp();
                using var decoding = model.Encode(samples, SpeechContext.None, CancellationToken.None);
                encoded.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
                var next = decoding.Next(model.BeginToken);
                begun = Stopwatch.GetTimestamp();
                for (var n = 0; n < 10; n++) next = decoding.Next(next.Id == model.EndToken ? 1 : next.Id);
                token.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds / 10);
            }

            Console.WriteLine($"{seconds,2} s: {model.FittedContext(samples.Length)} positions, spectrum and encoder {encoded.Order().ElementAt(Runs / 2):0} ms, {token.Order().ElementAt(Runs / 2):0.0} ms a token");
        }

        return 0;
    }
}
