using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>How often are words invented where nobody speaks?</summary>
internal static class GuardBench
{
    private const int Window = 5;

    public static int Run(string[] arguments)
    {
        var seconds = arguments.Length > 0 ? int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture) : 327;
        var seed = Arguments.Whole(arguments, "--seed", 1);
        var store = new ModelStore();
        using var recognizer = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        var (windows, invented) = (0, 0);
        foreach (var (name, make) in LineSounds.All)
        {
            var lines = CallBench.Utterances(make(seconds, seed).OverTelephone(), name, recognizer, voice).ToList();
            var words = lines.Where(line => line.Text.Length > 0).ToList();
            var bad = words.Select(line => (int)line.Start / Window).Distinct().Count();
            (windows, invented) = (windows + (seconds / Window), invented + bad);
            Console.WriteLine($"{name,-22} {seconds} s: {lines.Count} utterances, {words.Count} with words, {(double)bad / (seconds / Window):P2} of windows{(words.Count > 0 ? $": {string.Join(" | ", words.Take(4).Select(line => $"{line.Confidence:0.00} {line.Text}"))}" : "")}");
        }

        Console.WriteLine($"in all: {invented} of {windows} windows of {Window} s hold invented words, {(double)invented / windows:P2}");
        return 0;
    }
}
