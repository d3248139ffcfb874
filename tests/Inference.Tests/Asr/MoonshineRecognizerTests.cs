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

    private static IEnumerable<SpokenClip> Prompts(double longerThanSeconds)
    {
        if (Clip.FlacTool is null) Assert.Skip("Neither flac nor sox is installed, so the recordings cannot be read.");
        var set = SpeechSet.Load("asterisk-prompts");
        if (set is null) Assert.Skip("../shared/data/asterisk-prompts is not here.");
        return set.Where(clip => clip.Seconds > longerThanSeconds);
    }
}
