using EdgeAssist.Inference.Asr;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Word errors of the whole chain: G.711, RTP, jitter buffer, cutting into utterances, recognition, journal, stream.</summary>
[Collection(PlayedCallsDefinition.Name)]
public sealed class WordErrorTests(PlayedCalls calls)
{
    [Fact]
    public async Task At_most_a_tenth_of_the_prompts_words_is_wrong()
    {
        var call = await calls.PromptsAsync();

        var errors = WordErrorRate.Compare(calls.Prompts!.Value.Said, call.WordsOf(PartyRole.Customer));
        TestContext.Current.TestOutputHelper?.WriteLine($"{errors.Errors} errors in {errors.Words} words");
        TestContext.Current.TestOutputHelper?.WriteLine($"said:  {calls.Prompts!.Value.Said}{Environment.NewLine}heard: {call.WordsOf(PartyRole.Customer)}");
        Assert.InRange(errors.Words, 100, 400);
        Assert.InRange(errors.Rate, 0, 0.10);
    }
}
