using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Tests.Whisper;

/// <summary>
/// Whisper's log-mel (Radford et al. 2022, §2.2; openai/whisper, audio.py) written down plainly, to compare whisper.cpp with:
/// Hann window of 400, a step of 160, power, mel bands, log10, floored 8 below its maximum, then (x + 4) / 4.
/// </summary>
internal static class ReferenceLogMel
{
    private const int Window = 400;
    private const int Step = 160;

    /// <returns>[bands, frames] row-major: the samples with 200 mirrored in front and 30 s of silence behind.</returns>
    public static float[] Compute(ReadOnlySpan<float> samples, GgmlFile model)
    {
        var frames = (samples.Length + (30 * 16_000)) / Step;
        var heard = Math.Min(frames, ((samples.Length + (Window / 2)) / Step) + 1);   // behind them all is silence
        var padded = new float[(Window / 2) + (frames * Step) + Window];
        for (var i = 0; i < Window / 2; i++) padded[i] = samples[(Window / 2) - i];
        samples.CopyTo(padded.AsSpan(Window / 2));

        var mel = new double[model.MelBands * frames];
        Array.Fill(mel, -10);
        for (var frame = 0; frame < heard; frame++)
        {
            var power = Power(padded.AsSpan(frame * Step, Window));
            for (var band = 0; band < model.MelBands; band++)
            {
                var sum = 0.0;
                for (var k = 0; k < power.Length; k++) sum += power[k] * model.MelFilters[(band * power.Length) + k];
                mel[(band * frames) + frame] = Math.Log10(Math.Max(sum, 1e-10));
            }
        }

        var floor = mel.Max() - 8;
        return [.. mel.Select(value => (float)((Math.Max(value, floor) + 4) / 4))];
    }

    private static double[] Power(ReadOnlySpan<float> window)
    {
        var power = new double[(Window / 2) + 1];
        for (var k = 0; k < power.Length; k++)
        {
            var (real, imaginary) = (0.0, 0.0);
            for (var n = 0; n < Window; n++)
            {
                var value = window[n] * 0.5 * (1 - Math.Cos(2 * Math.PI * n / Window));
                real += value * Math.Cos(2 * Math.PI * k * n / Window);
                imaginary -= value * Math.Sin(2 * Math.PI * k * n / Window);
            }

            power[k] = (real * real) + (imaginary * imaginary);
        }

        return power;
    }
}
