using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Streaming;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

public sealed class OutgoingTextTests
{
    private const string Said = "my card is four one one one one one one one one one one one one one one one thanks";

    [Fact]
    public async Task No_transcript_and_no_scorer_sees_a_card_number()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer { Say = _ => Heard(Said) });
        var (call, legs) = harness.Open();

        legs[0].Loud(2500);
        await harness.Sink.WaitForAsync(e => e is TranscriptUpdated { Segment.IsFinal: false });
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.NotEmpty(harness.Sink.Partials);
        Assert.All(harness.Sink.Partials.Concat(harness.Sink.Finals), segment => Assert.Equal("my card is [card] thanks", segment.Text));
        Assert.All(harness.Sink.Partials.Concat(harness.Sink.Finals), segment => Assert.Equal(["my", "card", "is", "[card]", "thanks"], segment.Words.Select(word => word.Text)));
        Assert.Equal(["my card is [card] thanks"], harness.Scorer.Seen);
    }

    [Fact]
    public void A_word_that_stands_for_several_lasts_as_long_as_they_did()
    {
        var told = OutgoingText.Of(Heard("call five five five one two three four five six seven now"), growing: false, new AnalysisSettings());

        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(11)), (told.Words[1].Start, told.Words[1].End));
    }

    [Fact]
    public void Redaction_can_be_switched_off_and_numbers_be_written() =>
        Assert.Equal("my card is 4111111111111111 thanks", OutgoingText.Of(Heard(Said), growing: false, new AnalysisSettings { Redact = false, WriteNumbers = true }).Text);

    [Fact]
    public async Task A_call_is_recognised_in_the_language_and_with_the_words_of_its_trunk()
    {
        var contexts = ImmutableDictionary<string, SpeechContext>.Empty
            .Add("", new SpeechContext("en", []))
            .Add("berlin", new SpeechContext("de", ["Kundennummer"]));
        var recognizer = new MeasuringRecognizer { Say = context => Heard($"{context.Language}:{string.Join('+', context.Vocabulary)}") };
        await using var harness = new AnalysisHarness(recognizer, settings: new AnalysisSettings { Contexts = contexts });
        foreach (var trunk in new[] { "berlin", "elsewhere" })
        {
            var (call, legs) = AnalysisHarness.Open(harness.Service, AnalysisHarness.Call(trunk) with { Trunk = trunk });
            legs[0].Loud(800);
            await AnalysisHarness.CloseAsync(call, legs);
        }

        Assert.Equal(["de:Kundennummer", "en:"], harness.Sink.Finals.Select(final => final.Text));
    }

    private static Recognition Heard(string text)
    {
        var words = text.Split(' ').Select((word, i) => new RecognizedWord(word, TimeSpan.FromSeconds(i), TimeSpan.FromSeconds(i + 1), 0.9f));
        return new Recognition(text, 0.9f, 3, Truncated: false, [.. words]);
    }
}
