using System.Text.Json;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>The sample call of the tree through the real models, faster than real time.</summary>
public sealed class RealCallTests
{
    private const double Seconds = 59;

    [Fact]
    public async Task The_words_of_both_parties_come_out_in_their_place()
    {
        var store = await TestModels.StoreAsync();
        var folder = SharedFolder.InTree("samples/escalation");
        if (folder is null) Assert.Skip("samples/escalation is not here.");
        using var recognizer = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        using var voice = SileroVad.Load(store, "silero-vad-v6");
        await using var harness = new AnalysisHarness(recognizer, voice, ladder: AnalysisHarness.Patient with { NoPartials = TimeSpan.Zero });
        var (call, legs) = harness.Open(legs: 2);

        legs[0].Play(Start(folder, "customer.wav"));
        legs[1].Play(Start(folder, "agent.wav"));
        await AnalysisHarness.CloseAsync(call, legs);

        foreach (var (role, index) in new[] { ("customer", PartyRole.Customer), ("agent", PartyRole.Agent) })
        {
            var said = Turns(folder, role);
            var heard = harness.Sink.Finals.Where(final => final.Role == index).ToList();
            var errors = WordErrorRate.Compare(string.Join(' ', said.Select(turn => turn.Text)), string.Join(' ', heard.Select(final => final.Text)));
            Assert.True(errors.Rate <= 0.2, $"{role}: {errors.Errors} of {errors.Words} words wrong: {string.Join(" | ", heard.Select(final => final.Text))}");
            Assert.InRange(heard[0].Start.TotalSeconds, said[0].Start - 0.15, said[0].Start + 0.35);
        }
    }

    private static short[] Start(string folder, string file)
    {
        var clip = Clip.ReadWav(Path.Combine(folder, file));
        return (clip with { Samples = clip.Samples[..(int)(Seconds * clip.SampleRate)] }).Wide().Samples;
    }

    private static List<(double Start, string Text)> Turns(string folder, string role)
    {
        using var call = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "call.json")));
        return
        [
            .. call.RootElement.GetProperty("turns").EnumerateArray()
                .Where(turn => turn.GetProperty("role").GetString() == role && turn.GetProperty("end").GetDouble() < Seconds)
                .Select(turn => (turn.GetProperty("start").GetDouble(), turn.GetProperty("text").GetString()!)),
        ];
    }
}
