using System.Diagnostics;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>
/// Does a long call grow? Hours of real speech on one leg through voice activity and recognition, then a hold of music, as
/// fast as it goes; resident and managed memory after each ten minutes of the call.
/// </summary>
internal static class MemoryBench
{
    private const int Step = 10;   // minutes

    public static int Run(string[] arguments)
    {
        var (hours, hold) = (Arguments.Number(arguments, "--hours", 8), Arguments.Number(arguments, "--hold", 3));
        var store = new ModelStore();
        using var recognizer = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        var path = SharedFolder.Find("data/two-party-calls/auto_repairs_40_agent.wav") ?? throw new InvalidOperationException("../shared/data/two-party-calls is not here.");
        var begun = Stopwatch.GetTimestamp();
        Play("talk", Clip.ReadWav(path).OverTelephone(), hours, recognizer, voice);
        Play("hold", LineSounds.All.First(sound => sound.Name == "hold music, strings").Make(300, 1).OverTelephone(), hold, recognizer, voice);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(begun).TotalMinutes:0.0} min in all");
        return 0;
    }

    private static void Play(string what, Clip clip, double hours, MoonshineRecognizer recognizer, SileroVad voice)
    {
        var (played, told, utterances) = (0.0, 0, 0);
        while (played < hours * 3600)
        {
            utterances += CallBench.Utterances(clip, what, recognizer, voice).Count();
            played += clip.Seconds;
            if ((int)(played / 60 / Step) <= told) continue;

            told = (int)(played / 60 / Step);
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            Console.WriteLine($"{what} {played / 60,4:0} min: {utterances} utterances, resident {process.WorkingSet64 / 1048576.0:0} MiB, managed {GC.GetTotalMemory(forceFullCollection: true) / 1048576.0:0.0} MiB");
        }
    }
}
