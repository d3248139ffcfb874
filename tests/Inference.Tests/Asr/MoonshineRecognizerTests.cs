using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class MoonshineRecognizerTests
{
    [Fact]
    public async Task Telephone_prompts_are_understood_with_at_most_eight_words_wrong_in_a_hundred()
    {
        using var recognizer = MoonshineRecognizer.Load(await TestModels.StoreAsync(), "moonshine-tiny-en");
        var prompts = Prompts(longerThanSeconds: 3).Where((_, i) => i % 4 == 0).Take(24).ToList();

        var errors = new WordErrors();
        foreach (var prompt in prompts)
        {
            var heard = recognizer.Recognize(prompt.Load().OverTelephone().ToFloat(), SpeechContext.None, TestContext.Current.CancellationToken);
            errors += WordErrorRate.Compare(prompt.Text, heard.Text);
        }

        Assert.True(errors.Words > 150, $"{errors.Words} words are too few to say anything.");
        Assert.True(errors.Rate <= 0.08, $"{errors.Errors} of {errors.Words} words wrong.");
    }

    [Fact]
    public async Task Two_lone_digits_in_three_are_understood_and_fewer_than_half_without_a_lead_in()
    {
        var store = await TestModels.StoreAsync();
        using var plain = MoonshineRecognizer.Load(store, "moonshine-tiny-en", leadInBelow: 0);
        using var led = MoonshineRecognizer.Load(store, "moonshine-tiny-en");
        var digits = Set("fsdd-digits").Where((_, i) => i % 17 == 0).ToList();

        var (without, with) = (Understood(plain, digits), Understood(led, digits));

        Assert.Equal(59, digits.Count);
        Assert.True(with >= 40, $"{with} of {digits.Count} understood with a lead-in.");
        Assert.True(without < 30, $"{without} of {digits.Count} understood without.");
    }

    [Fact]
    public async Task A_draft_of_the_beginning_or_of_something_else_changes_no_word()
    {
        using var recognizer = MoonshineRecognizer.Load(await TestModels.StoreAsync(), "moonshine-tiny-en");
        var speech = TestModels.SampleSpeech();
        var before = Recognition.Nothing;

        foreach (var (from, seconds) in new[] { (0.9, 2.8), (13.7, 2.3), (45.8, 5.8), (84.3, 3.1) })
        {
            var utterance = speech.AsMemory((int)(from * 16_000), (int)(seconds * 16_000));
            var alone = Hear(utterance, []);
            var beginning = Hear(utterance[..(utterance.Length * 2 / 3)], []).Decoded;

            Assert.InRange(beginning.Length, 4, alone.Decoded.Length);
            Assert.Equal(alone.Text, Hear(utterance, beginning).Text);
            Assert.Equal(alone.Text, Hear(utterance, before.Decoded).Text);
            Assert.Equal(alone.Text, Hear(utterance, alone.Decoded).Text);
            before = alone;
        }

        Recognition Hear(ReadOnlyMemory<float> samples, ImmutableArray<int> draft) =>
            recognizer.Recognize(samples, SpeechContext.None with { Draft = draft }, TestContext.Current.CancellationToken);
    }

    private static int Understood(MoonshineRecognizer recognizer, List<SpokenClip> clips) => clips.Count(clip =>
    {
        float[] heard = [.. new float[3584], .. clip.Load().OverTelephone().ToFloat(), .. new float[3072]];   // as an utterance is cut
        return WordErrorRate.Compare(clip.Text, recognizer.Recognize(heard, SpeechContext.None, TestContext.Current.CancellationToken).Text).Errors == 0;
    });

    private static IEnumerable<SpokenClip> Prompts(double longerThanSeconds) => Set("asterisk-prompts").Where(clip => clip.Seconds > longerThanSeconds);

    private static IReadOnlyList<SpokenClip> Set(string name)
    {
        if (Clip.FlacTool is null) Assert.Skip("Neither flac nor sox is installed, so the recordings cannot be read.");
        var set = SpeechSet.Load(name);
        if (set is null) Assert.Skip($"../shared/data/{name} is not here.");
        return set;
    }
}
