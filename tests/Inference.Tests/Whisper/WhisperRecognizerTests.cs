using EdgeAssist.Inference.Asr;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Whisper;

public sealed class WhisperRecognizerTests
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "Vectors", "micro-whisper");

    [Fact]
    public async Task Sentences_that_were_never_trained_on_come_out_word_for_word()
    {
        using var recognizer = await MicroWhisper.RecognizerAsync();

        foreach (var (samples, text) in Sentences())
        {
            var heard = recognizer.Recognize(samples, SpeechContext.None, TestContext.Current.CancellationToken);

            Assert.Equal(text, heard.Text);
            Assert.False(heard.Truncated);
            Assert.InRange(heard.Confidence, 0.5f, 1f);
            Assert.Equal(text.Split(' '), heard.Words.Select(word => word.Text));
        }
    }

    [Fact]
    public async Task Several_workers_share_the_model_and_hear_the_same()
    {
        using var recognizer = await MicroWhisper.RecognizerAsync();
        var sentences = Sentences();

        var heard = await Task.WhenAll(Enumerable.Range(0, 3).SelectMany(_ => sentences).Select(sentence =>
            Task.Run(() => recognizer.Recognize(sentence.Samples, SpeechContext.None, TestContext.Current.CancellationToken).Text)));

        Assert.Equal(Enumerable.Range(0, 3).SelectMany(_ => sentences).Select(sentence => sentence.Text), heard);
    }

    [Fact]
    public async Task Noise_and_silence_hold_no_words()
    {
        using var recognizer = await MicroWhisper.RecognizerAsync();
        var dice = new Random(1);

        Assert.Equal("", recognizer.Recognize(new float[32_000], SpeechContext.None, TestContext.Current.CancellationToken).Text);
        for (var i = 0; i < 3; i++)
        {
            float[] noise = [.. Enumerable.Range(0, 32_000).Select(_ => (float)(dice.NextDouble() - 0.5) * 0.05f)];
            Assert.Equal("", recognizer.Recognize(noise, SpeechContext.None, TestContext.Current.CancellationToken).Text);
        }
    }

    [Fact]
    public async Task Words_given_beforehand_reach_the_decoder_as_a_prompt()
    {
        using var recognizer = await MicroWhisper.RecognizerAsync();
        var samples = Sentences()[0].Samples;
        var vocabulary = new SpeechContext("en", ["refund", "manager", "order"]);

        var plain = recognizer.Recognize(samples, SpeechContext.None, TestContext.Current.CancellationToken);
        var prompted = recognizer.Recognize(samples, vocabulary, TestContext.Current.CancellationToken);

        // Whether they help is a question to real weights: this model is too small to be asked.
        Assert.NotEqual((plain.Text, plain.Confidence), (prompted.Text, prompted.Confidence));
    }

    [Fact]
    public async Task A_cancelled_recognition_stops()
    {
        using var recognizer = await MicroWhisper.RecognizerAsync();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        Assert.Throws<OperationCanceledException>(() => recognizer.Recognize(Sentences()[0].Samples, SpeechContext.None, cancel.Token));
        Assert.Equal(Sentences()[0].Text, recognizer.Recognize(Sentences()[0].Samples, SpeechContext.None, TestContext.Current.CancellationToken).Text);
    }

    private static List<(float[] Samples, string Text)> Sentences() =>
    [
        .. File.ReadLines(Path.Combine(Vectors, "said.tsv")).Select(line => line.Split('\t'))
            .Select(row => (Clip.ReadWav(Path.Combine(Vectors, row[0])).OverTelephone().ToFloat(), row[1])),
    ];
}
