using System.Diagnostics;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>Which frames are heard as speech, and at what cost?</summary>
internal static class VadBench
{
    public static int Run(string[] arguments)
    {
        string[] models = arguments.Length > 0 ? arguments : ["silero-vad-v5", "silero-vad-v6-packaged", "silero-vad-v6"];
        foreach (var name in models)
        {
            using var model = SileroVad.Load(new ModelStore(), name);
            foreach (var side in new[] { "agent", "caller" })
            {
                var path = SharedFolder.Find($"data/two-party-calls/auto_repairs_40_{side}.wav") ?? throw new InvalidOperationException("../shared/data/two-party-calls is not here.");
                Describe($"{name} {side}", model, Clip.ReadWav(path).OverTelephone().ToFloat());
            }

            Describe($"{name} prompts", model, Prompts());
        }

        return 0;
    }

    private static void Describe(string what, SileroVad model, float[] audio)
    {
        using var leg = model.Begin();
        var begun = Stopwatch.GetTimestamp();
        var frames = audio.Chunk(VadFrame.Samples).Where(frame => frame.Length == VadFrame.Samples)
            .Select(frame => (Probability: leg.Next(frame), Power: frame.Average(sample => sample * sample))).ToList();
        var spent = Stopwatch.GetElapsedTime(begun).TotalMicroseconds / frames.Count;
        var speech = frames.Count(frame => frame.Probability >= 0.5);
        var unsure = frames.Count(frame => frame.Probability is >= 0.2f and < 0.8f);
        var quietSpeech = frames.Count(frame => frame is { Probability: >= 0.5f, Power: < 1e-6f });
        var loudNothing = frames.Count(frame => frame is { Probability: < 0.35f, Power: > 3e-4f });
        Console.WriteLine($"{what}: {(double)speech / frames.Count:P1} speech, {(double)unsure / frames.Count:P1} between 0.2 and 0.8, {quietSpeech} of {frames.Count} frames speech below -60 dB, {(double)loudNothing / frames.Count:P1} louder than -35 dB and no speech, {spent:0} us a frame");
    }

    private static float[] Prompts()
    {
        var set = SpeechSet.Load("asterisk-prompts") ?? throw new InvalidOperationException("../shared/data/asterisk-prompts is not here.");
        return [.. set.Where(clip => clip.Seconds > 2).Take(60).SelectMany(clip => clip.Load().OverTelephone().ToFloat())];
    }
}
