using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.Inference.Tests.Streaming;

/// <summary>Who has the word, as the relay is told it so that nobody interrupts an agent who speaks.</summary>
public sealed class SpeechActivityTests
{
    [Fact]
    public async Task The_agents_speech_is_told_when_it_begins_and_ends()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open(2);

        legs[1].Quiet(500);
        legs[1].Loud(1600);
        legs[1].Quiet(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        var told = Told(harness);
        Assert.Equal([true, false], told.Select(speech => speech.IsSpeaking));
        Assert.All(told, speech => Assert.Equal((new LegId(1), PartyRole.Agent), (speech.Leg, speech.Role)));
        Assert.InRange(told[0].Position.TotalMilliseconds, 470, 530);
        Assert.InRange(told[1].Position.TotalMilliseconds, 2070, 2140);
    }

    [Fact]
    public async Task The_customers_speech_is_not()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open(2);

        legs[0].Loud(1600);
        legs[0].Quiet(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Empty(Told(harness));
    }

    [Fact]
    public async Task A_long_speech_that_is_cut_for_recognition_is_one()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open(2);

        legs[1].Loud(30_000);
        legs[1].Quiet(1000);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.True(harness.Sink.Finals.Count() >= 2);
        Assert.Equal([true, false], Told(harness).Select(speech => speech.IsSpeaking));
    }

    [Fact]
    public async Task Silence_behind_a_cut_is_a_pause_after_all()
    {
        await using var harness = new AnalysisHarness(new MeasuringRecognizer());
        var (call, legs) = harness.Open(2);

        // From 10 s on, two quiet frames end an utterance; then nobody goes on.
        legs[1].Loud(10_500);
        legs[1].Quiet(2000);
        await AnalysisHarness.CloseAsync(call, legs);

        var told = Told(harness);
        Assert.Equal([true, false], told.Select(speech => speech.IsSpeaking));
        Assert.InRange(told[1].Position.TotalMilliseconds, 10_400, 10_600);
    }

    [Fact]
    public async Task The_agent_is_heard_where_nothing_is_recognised_too()
    {
        await using var harness = new AnalysisHarness(recognizer: null);
        var (call, legs) = harness.Open(2);

        legs[1].Loud(800);
        legs[1].Quiet(800);
        await AnalysisHarness.CloseAsync(call, legs);

        Assert.Equal([true, false], Told(harness).Select(speech => speech.IsSpeaking));
    }

    private static SpeechChanged[] Told(AnalysisHarness harness) => [.. harness.Sink.Events.OfType<SpeechChanged>()];
}
