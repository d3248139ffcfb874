using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>Lines on which nobody speaks, through the real models. An hour of them: <c>InferenceBench guards</c>.</summary>
public sealed class InventedWordsTests
{
    private const int Seconds = 30;

    [Fact]
    public async Task Nothing_is_heard_in_silence_noise_tones_and_music()
    {
        var store = await TestModels.StoreAsync();
        using var recognizer = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        foreach (var (name, make) in LineSounds.All)
        {
            await using var harness = new AnalysisHarness(recognizer, voice);
            var (call, legs) = harness.Open();

            legs[0].Play(make(Seconds, 4).OverTelephone().Samples);
            await AnalysisHarness.CloseAsync(call, legs);

            Assert.True(!harness.Sink.Finals.Any(), $"{name}: {string.Join(" | ", harness.Sink.Finals.Select(final => final.Text))}");
        }
    }
}
