using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Whisper;
using Xunit;

namespace EdgeAssist.Inference.Tests.Whisper;

public sealed class WhisperModelTests
{
    [Fact]
    public async Task A_stub_without_weights_loads_and_runs()
    {
        using var model = new WhisperModel(await MicroWhisper.LibraryAsync(), GgmlStub.Make(), "stub");
        using var decoding = model.Encode(new float[16_000], SpeechContext.None, TestContext.Current.CancellationToken);

        var token = decoding.Next(model.BeginToken);

        Assert.InRange(token.Id, 0, model.EndToken);
    }

    [Fact]
    public async Task The_librarys_log_mel_is_the_one_of_the_paper()
    {
        using var model = new WhisperModel(await MicroWhisper.LibraryAsync(), MicroWhisper.File, "micro");
        var samples = Chirp(seconds: 1.5);

        var own = Said(model, samples, mel: null);
        var reference = Said(model, samples, ReferenceLogMel.Compute(samples, model.File));

        Assert.Equal(own.Select(token => token.Id), reference.Select(token => token.Id));
        Assert.All(own.Zip(reference), pair => Assert.Equal(pair.First.Probability, pair.Second.Probability, 1e-3f));
    }

    [Theory]
    [InlineData(0.3, 256)]
    [InlineData(3.0, 256)]
    [InlineData(5.0, 320)]
    [InlineData(12.0, 704)]
    [InlineData(29.9, 1500)]
    public async Task The_encoder_looks_at_the_utterance_and_a_second_more(double seconds, int positions)
    {
        using var model = new WhisperModel(await MicroWhisper.LibraryAsync(), GgmlStub.Make(), "stub");

        Assert.Equal(positions, model.FittedContext((int)(seconds * 16_000)));
    }

    [Fact]
    public async Task An_English_model_says_that_it_knows_no_other_language()
    {
        using var model = new WhisperModel(await MicroWhisper.LibraryAsync(), GgmlStub.Make(), "stub");

        Assert.True(model.Speaks("en"));
        Assert.False(model.Speaks("de"));
        Assert.False(model.Speaks("auto"));
    }

    [Fact]
    public async Task A_multilingual_model_knows_the_languages_of_the_library()
    {
        using var model = new WhisperModel(await MicroWhisper.LibraryAsync(), GgmlStub.Make(vocabulary: 51_865), "stub");

        Assert.True(model.Speaks("de"));
        Assert.True(model.Speaks("auto"));
        Assert.False(model.Speaks("xx"));
    }

    private static List<ScoredToken> Said(WhisperModel model, float[] samples, float[]? mel)
    {
        using var decoding = model.Encode(samples, SpeechContext.None, TestContext.Current.CancellationToken);
        if (mel is not null)
        {
            decoding.SetMel(mel);
            decoding.Encode();
        }

        var said = new List<ScoredToken> { decoding.Next(model.BeginToken) };
        while (said.Count < 6 && said[^1].Id != model.EndToken) said.Add(decoding.Next(said[^1].Id));
        return said;
    }

    // Something with energy in every band; no speech is needed to compare numbers.
    private static float[] Chirp(double seconds)
    {
        var samples = new float[(int)(16_000 * seconds)];
        for (var i = 0; i < samples.Length; i++)
        {
            var t = i / 16_000.0;
            samples[i] = (float)(0.2 * Math.Sin(2 * Math.PI * ((200 * t) + (1200 * t * t))) + (0.02 * Math.Sin(i * 1.7)));
        }

        return samples;
    }
}
