using System.Diagnostics;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>How long does an utterance take, by its length, and what does a loaded model weigh?</summary>
internal static class AsrBench
{
    private const int Runs = 15;

    public static int Run(string[] arguments)
    {
        var store = new ModelStore();
        foreach (var name in arguments.DefaultIfEmpty("moonshine-tiny-en")) Measure(store, name);
        return 0;
    }

    private static void Measure(ModelStore store, string name)
    {
        Console.WriteLine(name);
        var before = Resident();
        using var recognizer = MoonshineRecognizer.Load(store, name);
        var speech = Speech();
        recognizer.Recognize(speech.AsMemory(0, 16_000), SpeechContext.None, CancellationToken.None);
        Console.WriteLine($"memory: {Resident() - before:0} MiB more after loading and one second recognised");

        foreach (var seconds in new[] { 1, 5, 20 })
        {
            var audio = speech.AsMemory(0, seconds * 16_000);
            var tokens = recognizer.Recognize(audio, SpeechContext.None, CancellationToken.None).Tokens;
            var first = Median(() => recognizer.FirstToken(audio));
            var whole = Median(() => recognizer.Recognize(audio, SpeechContext.None, CancellationToken.None));
            Console.WriteLine($"{seconds,2} s: {tokens} tokens; first token {first.Wall:0} ms ({first.Cpu:0} ms of CPU), all {whole.Wall:0} ms ({whole.Cpu:0} ms of CPU), real-time factor {whole.Wall / 1000 / seconds:0.000} ({whole.Cpu / 1000 / seconds:0.000} of CPU)");
        }

        Console.WriteLine($"memory: {Resident() - before:0} MiB more at the end");
    }

    // The agent's words of the two-party call, pauses cut to what is loud enough, so that every second holds speech.
    private static float[] Speech()
    {
        var path = SharedFolder.Find("data/two-party-calls/auto_repairs_40_agent.wav") ?? throw new InvalidOperationException("../shared/data/two-party-calls is not here.");
        var samples = Clip.ReadWav(path).OverTelephone().ToFloat();
        return [.. samples.Chunk(1600).Where(part => part.Average(sample => sample * sample) > 1e-5).SelectMany(part => part)];
    }

    // The time on the wall depends on what else the machine does; the time of the CPU hardly.
    private static (double Wall, double Cpu) Median(Action run)
    {
        var (wall, cpu) = (new List<double>(), new List<double>());
        for (var i = 0; i < Runs; i++)
        {
            var (begun, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            run();
            wall.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            cpu.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }

        wall.Sort();
        cpu.Sort();
        return (wall[Runs / 2], cpu[Runs / 2]);
    }

    private static double Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1048576.0;
    }
}
