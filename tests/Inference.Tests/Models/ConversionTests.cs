using CsCheck;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Models.Conversion;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Vad;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Models;

public sealed class ConversionTests
{
    [Fact]
    public async Task The_converted_decoder_says_the_same_as_the_packaged_one()
    {
        var store = await TestModels.StoreAsync();
        var path = SharedFolder.InTree("samples/escalation/agent.wav");
        if (path is null) Assert.Skip("samples/escalation is not here.");
        using var packaged = MoonshineRecognizer.Load(store, "moonshine-tiny-en-packaged");
        using var converted = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        var speech = Clip.ReadWav(path).Wide().ToFloat();

        foreach (var (from, seconds) in new[] { (0.9, 2.8), (13.7, 2.3), (23.5, 2.0), (45.8, 5.8), (84.3, 3.1) })
        {
            var utterance = speech.AsMemory((int)(from * 16_000), (int)(seconds * 16_000));
            var expected = packaged.Recognize(utterance, SpeechContext.None, TestContext.Current.CancellationToken);
            var actual = converted.Recognize(utterance, SpeechContext.None, TestContext.Current.CancellationToken);

            Assert.Equal((expected.Text, expected.Tokens), (actual.Text, actual.Tokens));
            Assert.Equal(expected.Confidence, actual.Confidence, 0.05f);
        }
    }

    [Fact]
    public async Task The_straight_voice_activity_graph_hears_what_the_packaged_one_hears()
    {
        var store = await TestModels.StoreAsync();
        var path = SharedFolder.InTree("samples/escalation/agent.wav");
        if (path is null) Assert.Skip("samples/escalation is not here.");
        using var packaged = SileroVad.Load(store, "silero-vad-v6-packaged");
        using var converted = SileroVad.Load(store, "silero-vad-v6");
        using var expected = packaged.Begin();
        using var actual = converted.Begin();
        var spread = 0f;

        foreach (var frame in Clip.ReadWav(path).Wide().ToFloat().Chunk(VadFrame.Samples).Where(frame => frame.Length == VadFrame.Samples).Take(1000))
        {
            var probability = expected.Next(frame);
            spread = Math.Max(spread, Math.Abs(probability - 0.5f));
            Assert.Equal(probability, actual.Next(frame), 0.001f);
        }

        Assert.True(spread > 0.4f, "Nothing was said.");
    }

    [Fact]
    public async Task What_is_read_is_written_back_octet_for_octet()
    {
        var store = await TestModels.StoreAsync();
        var model = store.Read(store.Manifest.Find("silero-vad-v6-packaged"), "silero_vad.onnx");

        Assert.True(model.AsSpan().SequenceEqual(ProtoMessage.Parse(model).ToBytes()));
    }

    [Fact]
    public void Any_octets_are_a_message_or_refused() => Gen.Byte.Array[0, 64].Sample(octets =>
    {
        try
        {
            var message = ProtoMessage.Parse(octets);
            return ProtoMessage.Parse(message.ToBytes()).Fields.Count == message.Fields.Count;
        }
        catch (ModelException)
        {
            return true;
        }
    });

    [Fact]
    public void Another_model_than_the_one_foreseen_is_refused()
    {
        var other = new ProtoMessage([ProtoField.Of(7, new ProtoMessage([ProtoField.Of(2, "graph")]))]).ToBytes();

        Assert.Contains("else_branch", Assert.Throws<ModelException>(() => MoonshineDecoder.FirstStep(other)).Message, StringComparison.Ordinal);
    }
}
