using System.Collections.Immutable;
using System.Diagnostics;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Hosting;

/// <summary>What was measured on this machine.</summary>
/// <param name="Model">The recogniser.</param>
/// <param name="Costs">Median processor time by length of the utterance.</param>
/// <param name="PartialCosts">The same of one whose beginning, half a second shorter, was recognised before.</param>
/// <param name="VoiceFrame">Processor time of a leg's frame of 32 ms through voice activity.</param>
/// <param name="Together">Processor time of an utterance when every core recognises one, over that of one alone.</param>
/// <param name="Busy">Time that passed over processor time used, one at a time: well above 1 on a machine that does other things.</param>
public sealed record MeasuredSpeed(string Model, ImmutableArray<UtteranceCost> Costs, ImmutableArray<UtteranceCost> PartialCosts, TimeSpan VoiceFrame, double Together, double Busy);

/// <summary>How fast is recognition here? Some seconds of computing on recorded speech.</summary>
public static class SpeedTest
{
    private const int Runs = 5;
    private const int WarmUps = 40;   // a method is compiled again after 30 calls
    private const int VoiceFrames = 400;
    private static readonly int[] Lengths = [1, 2, 4, 10];

    /// <param name="store">Where the models are.</param>
    /// <param name="options">Which ones are used.</param>
    /// <param name="speech">Recorded speech, mono at 16 kHz; what is quiet in it is left out.</param>
    /// <exception cref="ModelException">A model is missing or cannot be used; the message says how to mend it.</exception>
    public static MeasuredSpeed Run(ModelStore store, InferenceOptions options, ReadOnlySpan<short> speech)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);

        using var models = LoadedModels.Load(store, options);
        var recognizer = models.Speech ?? throw new ModelException(models.Problem);
        return Measure(recognizer, models.Voice, Dense(speech), new SpeechContext(options.Language, [.. options.Vocabulary]));
    }

    internal static MeasuredSpeed Measure(ISpeechRecognizer recognizer, IVoiceActivityModel voice, float[] speech, SpeechContext context)
    {
        var (costs, partialCosts) = (ImmutableArray.CreateBuilder<UtteranceCost>(), ImmutableArray.CreateBuilder<UtteranceCost>());
        var (passed, used) = (TimeSpan.Zero, TimeSpan.Zero);
        for (var i = 0; i < WarmUps; i++) recognizer.Recognize(speech.AsMemory(0, PcmFormat.SampleRate), context, CancellationToken.None);
        foreach (var seconds in Lengths)
        {
            var audio = speech.AsMemory(0, Math.Min(speech.Length, seconds * PcmFormat.SampleRate));
            costs.Add(new UtteranceCost(TimeSpan.FromSeconds(seconds), Median(audio, context)));
            var before = recognizer.Recognize(audio[..^(PcmFormat.SampleRate / 2)], context, CancellationToken.None).Decoded;
            partialCosts.Add(new UtteranceCost(TimeSpan.FromSeconds(seconds), Median(audio, context with { Draft = before })));
        }

        var together = Together(recognizer, speech.AsMemory(0, Math.Min(speech.Length, 4 * PcmFormat.SampleRate)), context) / costs[2].Spent;
        return new MeasuredSpeed(recognizer.Name, costs.DrainToImmutable(), partialCosts.DrainToImmutable(), Voice(voice, speech), Math.Max(1, together), used > TimeSpan.Zero ? passed / used : 1);

        TimeSpan Median(ReadOnlyMemory<float> audio, SpeechContext of)
        {
            var spent = new List<TimeSpan>();
            for (var i = 0; i < Runs; i++)
            {
                var (begun, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                recognizer.Recognize(audio, of, CancellationToken.None);
                spent.Add(Environment.CpuUsage.TotalTime - before);
                passed += Stopwatch.GetElapsedTime(begun);
                used += spent[^1];
            }

            return spent.Order().ElementAt(Runs / 2);
        }
    }

    // Cores share caches and memory: what one takes alone is less than what each takes when all are at work.
    private static TimeSpan Together(ISpeechRecognizer recognizer, ReadOnlyMemory<float> audio, SpeechContext context)
    {
        var before = Environment.CpuUsage.TotalTime;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(RunAll) { IsBackground = true, Name = "speed test" })];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return (Environment.CpuUsage.TotalTime - before) / (threads.Length * Runs);

        void RunAll()
        {
            for (var i = 0; i < Runs; i++) recognizer.Recognize(audio, context, CancellationToken.None);
        }
    }

    private static TimeSpan Voice(IVoiceActivityModel voice, float[] speech)
    {
        using var leg = voice.Begin();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < VoiceFrames; i++) leg.Next(speech.AsSpan(i * VadFrame.Samples % (speech.Length - VadFrame.Samples), VadFrame.Samples));
        return (Environment.CpuUsage.TotalTime - before) / VoiceFrames;
    }

    // Tenths of a second that are loud enough to be speech, so that every second holds as many words as people say.
    private static float[] Dense(ReadOnlySpan<short> speech)
    {
        const int Part = PcmFormat.SampleRate / 10;
        const double Quiet = 1e-5;
        var dense = new List<float>();
        for (var at = 0; at + Part <= speech.Length; at += Part)
        {
            var part = new float[Part];
            for (var i = 0; i < Part; i++) part[i] = speech[at + i] / 32768f;
            if (part.Average(sample => (double)sample * sample) > Quiet) dense.AddRange(part);
        }

        return dense.Count >= 10 * PcmFormat.SampleRate ? [.. dense] : throw new ArgumentException("Ten seconds of speech are needed.", nameof(speech));
    }
}
