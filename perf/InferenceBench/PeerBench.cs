using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// The same clips, over the same telephone line, for this recogniser and for Debian's pocketsphinx: word errors, and processor
/// time for a second of speech. Loading is in neither.
/// </summary>
internal static partial class PeerBench
{
    private const string Peer = "pocketsphinx_batch";
    private const string PeerModel = "/usr/share/pocketsphinx/model/en-us";

    public static int Run(string[] arguments)
    {
        var every = Arguments.Whole(arguments, "--every", 1);
        using var recognizer = MoonshineRecognizer.Load(new ModelStore(), "moonshine-tiny-en");
        recognizer.Recognize(new float[16_000], SpeechContext.None, CancellationToken.None);
        foreach (var set in arguments.Where(SpeechSets.Names.Contains).DefaultIfEmpty("asterisk-prompts"))
        {
            var clips = SpeechSets.Load(set).Where((_, i) => i % every == 0).Select(clip => (clip.Text, Audio: clip.Load().OverTelephone())).ToList();
            var seconds = clips.Sum(clip => clip.Audio.Seconds);
            Console.WriteLine($"{set}: {clips.Count} clips, {seconds / 60:0.0} min, {clips.Sum(clip => WordErrorRate.Words(clip.Text).Count)} words, over G.711");
            Print("moonshine-tiny-en", clips, Ours(recognizer, clips), seconds);
            Print("pocketsphinx", clips, Theirs(clips), seconds);
        }

        return 0;
    }

    private static void Print(string who, List<(string Text, Clip Audio)> clips, (List<string> Heard, TimeSpan Cpu) result, double seconds)
    {
        var errors = clips.Zip(result.Heard, (clip, heard) => WordErrorRate.Compare(clip.Text, heard)).Aggregate(new WordErrors(), (a, b) => a + b);
        Console.WriteLine($"  {who}: WER {errors.Rate:P1}, {result.Cpu.TotalSeconds / seconds:0.000} s of CPU a second");
    }

    private static (List<string>, TimeSpan) Ours(MoonshineRecognizer recognizer, List<(string Text, Clip Audio)> clips)
    {
        var before = Environment.CpuUsage.TotalTime;
        var heard = clips.Select(clip => recognizer.Recognize(clip.Audio.ToFloat(), SpeechContext.None, CancellationToken.None).Text).ToList();
        return (heard, Environment.CpuUsage.TotalTime - before);
    }

    private static (List<string>, TimeSpan) Theirs(List<(string Text, Clip Audio)> clips)
    {
        var folder = Directory.CreateTempSubdirectory("peer");
        try
        {
            for (var i = 0; i < clips.Count; i++) File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.raw"), MemoryMarshal.AsBytes(clips[i].Audio.Samples.AsSpan()).ToArray());
            var list = Path.Combine(folder.FullName, "clips");
            var words = Path.Combine(folder.FullName, "words");
            File.WriteAllLines(list, Enumerable.Range(0, clips.Count).Select(i => $"{i}"));
            string[] options = ["-adcin", "yes", "-cepdir", folder.FullName, "-cepext", ".raw", "-ctl", list, "-hyp", words, "-hmm", $"{PeerModel}/en-us", "-lm", $"{PeerModel}/en-us.lm.bin", "-dict", $"{PeerModel}/cmudict-en-us.dict"];
            var log = Run(Peer, options);
            var heard = File.ReadLines(words).Select(line => line[..line.LastIndexOf('(')].Trim()).ToList();
            var cpu = TotalCpu().Match(log) is { Success: true } total ? double.Parse(total.Groups["cpu"].Value, System.Globalization.CultureInfo.InvariantCulture) : throw new InvalidOperationException($"{Peer} told no time.");
            return (heard, TimeSpan.FromSeconds(cpu));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Run(string program, string[] options)
    {
        using var process = Process.Start(new ProcessStartInfo(program, options) { RedirectStandardError = true, UseShellExecute = false }) ?? throw new InvalidOperationException($"{program} did not start.");
        var log = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? log : throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {log[^Math.Min(log.Length, 400)..]}");
    }

    [GeneratedRegex(@"TOTAL [\d.]+ seconds speech, (?<cpu>[\d.]+) seconds CPU", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TotalCpu();
}
