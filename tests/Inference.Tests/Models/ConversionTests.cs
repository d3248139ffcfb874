using CsCheck;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Models.Conversion;
using EdgeAssist.Inference.Onnx;
using EdgeAssist.Inference.Vad;
using Xunit;

namespace EdgeAssist.Inference.Tests.Models;

public sealed class ConversionTests
{
    [Fact]
    public async Task The_converted_decoder_says_the_same_as_the_packaged_one()
    {
        var store = await TestModels.StoreAsync();
        using var packaged = MoonshineRecognizer.Load(store, "moonshine-tiny-en-packaged");
        using var converted = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        var speech = TestModels.SampleSpeech();

        var errors = new WordErrors();
        foreach (var (from, seconds) in new[] { (0.9, 2.8), (13.7, 2.3), (23.5, 2.0), (45.8, 5.8), (84.3, 3.1) })
        {
            var utterance = speech.AsMemory((int)(from * 16_000), (int)(seconds * 16_000));
            var expected = packaged.Recognize(utterance, SpeechContext.None, TestContext.Current.CancellationToken);
            var actual = converted.Recognize(utterance, SpeechContext.None, TestContext.Current.CancellationToken);

            errors += WordErrorRate.Compare(expected.Text, actual.Text);
            Assert.Equal(expected.Confidence, actual.Confidence, 0.05f);
        }

        // Sums of floats are rounded in another order, and differently on another processor: a near tie may fall the other way.
        Assert.InRange(errors.Words, 30, 60);
        Assert.InRange(errors.Errors, 0, 1);
    }

    [Fact]
    public async Task The_spoken_tokens_are_the_vocabulary_without_other_scripts_and_program_text()
    {
        var store = await TestModels.StoreAsync();
        var whole = store.Read(store.Manifest.Find("moonshine-tiny-en-packaged"), "vocabulary.txt");
        var spoken = MoonshineRecognizer.Vocabulary(store, store.Manifest.Find("moonshine-tiny-en"));

        var pairs = new BytePairs(spoken);

        Assert.Equal(SpokenTokens.Of(whole).Length, spoken.Count);
        Assert.InRange(spoken.Count, 20_000, 26_000);
        foreach (var said in new[] { " refund", " Riverside", " café", "I'm", "7", "$", "%", "...", " YouTube" })
            Assert.Equal(said.Trim(), spoken.Decode(pairs.Encode(said)));
        foreach (var unsaid in new[] { "ция", "{}", "</", "    " }) Assert.Null(spoken.Find(unsaid));
    }

    [Fact]
    public async Task The_straight_voice_activity_graph_hears_what_the_packaged_one_hears()
    {
        var store = await TestModels.StoreAsync();
        using var packaged = SileroVad.Load(store, "silero-vad-v6-packaged");
        using var converted = SileroVad.Load(store, "silero-vad-v6");
        using var expected = packaged.Begin();
        using var actual = converted.Begin();
        var spread = 0f;

        foreach (var frame in TestModels.SampleSpeech().Chunk(VadFrame.Samples).Where(frame => frame.Length == VadFrame.Samples).Take(1000))
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

        Assert.Contains("else_branch", Assert.Throws<ModelException>(() => MoonshineDecoder.FirstStep(other, [0])).Message, StringComparison.Ordinal);
    }
}
