using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class DecodingTests
{
    private static readonly TokenText Text = TokenText.Parse("<unk>\n<s>\n</s>\n<0xE2>\n<0x82>\n<0xAC>\n▁hello\n▁world\n!\n,\n."u8);

    [Fact]
    public void Tokens_become_words_and_octets_become_characters() =>
        Assert.Equal("hello world!€", Text.Decode([1, 6, 7, 8, 0, 3, 4, 5, 2]));

    [Fact]
    public void Tokens_behind_the_vocabulary_say_nothing() => Assert.Equal("hello", Text.Decode([6, 32_100, -1]));

    [Fact]
    public void Octets_that_are_no_text_do_not_stop_the_decoding() => Assert.Equal("�", Text.Decode([3]));

    [Theory]
    [InlineData(new[] { 6, 9, 9 }, "hello,")]
    [InlineData(new[] { 6, 9, 9, 9, 7, 8, 8 }, "hello, world!")]
    [InlineData(new[] { 6, 10, 10 }, "hello.")]
    [InlineData(new[] { 6, 10, 10, 10 }, "hello...")]
    public void A_mark_that_comes_twice_is_written_once(int[] tokens, string text) => Assert.Equal(text, Text.Decode(tokens));

    [Theory]
    [InlineData(new[] { 5, 5, 5, 5, 5 }, 0)]
    [InlineData(new[] { 5, 5, 5, 5, 5, 5 }, 5)]
    [InlineData(new[] { 9, 1, 2, 1, 2, 1, 2, 1, 2 }, 0)]
    [InlineData(new[] { 9, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2 }, 8)]
    [InlineData(new[] { 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3 }, 9)]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, 0)]
    public void A_loop_is_noticed_when_a_run_repeats_too_often(int[] tokens, int excess) =>
        Assert.Equal(excess, RepetitionGuard.Excess([.. tokens]));

    [Fact]
    public void A_decoder_that_loops_is_ended_with_one_run_of_the_loop_left()
    {
        using var recognizer = new MoonshineRecognizer("scripted", new ScriptedModel(Enumerable.Repeat(6, 500)), Text);

        var heard = recognizer.Recognize(new float[16_000 * 20], SpeechContext.None, TestContext.Current.CancellationToken);

        Assert.Equal("hello", heard.Text);
        Assert.True(heard.Truncated);
    }

    [Fact]
    public void The_number_of_tokens_is_bounded_by_the_length_of_the_audio()
    {
        using var recognizer = new MoonshineRecognizer("scripted", new ScriptedModel(Enumerable.Range(100, 500)), Text);

        var heard = recognizer.Recognize(new float[16_000], SpeechContext.None, TestContext.Current.CancellationToken);

        Assert.Equal(14, heard.Tokens);
        Assert.True(heard.Truncated);
    }

    [Fact]
    public void The_confidence_is_the_mean_of_the_tokens()
    {
        using var recognizer = new MoonshineRecognizer("scripted", new ScriptedModel([6, 7, 2]), Text);

        var heard = recognizer.Recognize(new float[16_000], SpeechContext.None, TestContext.Current.CancellationToken);

        Assert.Equal(("hello world", 0.5f, false), (heard.Text, heard.Confidence, heard.Truncated));
    }

    [Fact]
    public void A_cancelled_recognition_stops_at_its_next_step()
    {
        using var cancel = new CancellationTokenSource();
        var model = new ScriptedModel(Enumerable.Range(100, 500), step => { if (step == 3) cancel.Cancel(); });
        using var recognizer = new MoonshineRecognizer("scripted", model, Text);

        Assert.Throws<OperationCanceledException>(() => recognizer.Recognize(new float[16_000 * 10], SpeechContext.None, cancel.Token));

        Assert.Equal(3, model.Steps);
    }

    [Fact]
    public void Audio_shorter_than_a_tenth_of_a_second_says_nothing()
    {
        using var recognizer = new MoonshineRecognizer("scripted", new ScriptedModel([6, 2]), Text);

        Assert.Equal("", recognizer.Recognize(new float[1599], SpeechContext.None, TestContext.Current.CancellationToken).Text);
    }

    [Fact]
    public void A_short_utterance_is_heard_behind_a_lead_in_whose_words_are_fed_and_not_told()
    {
        var text = TokenText.Parse("<unk>\n<s>\n</s>\n▁The\n▁answer\n▁is\n▁yes\n."u8);
        var model = new ScriptedModel([5, 5, 5, 6, 7, 2]);
        using var recognizer = new MoonshineRecognizer("scripted", model, text);

        var heard = recognizer.Recognize(new float[8000], SpeechContext.None, TestContext.Current.CancellationToken);

        Assert.Equal("Yes.", heard.Text);
        Assert.Equal([1, 3, 4, 5, 6, 7], model.Fed);
        Assert.True(model.Samples > 8000 + 16_000, $"{model.Samples} samples were encoded.");
    }

    [Fact]
    public void Behind_a_lead_in_a_word_follows_and_no_mark_and_no_end()
    {
        var text = TokenText.Parse("<unk>\n<s>\n</s>\n▁The\n▁answer\n▁is\n▁yes\n."u8);
        var leadIn = LeadIn.Load(text, begin: 1)!;
        float[] first = [9, 9, 9, 1, 1, 1, 1, 9], later = [.. first];

        leadIn.Apply([1, 3, 4, 5], first);
        leadIn.Apply([1, 3, 4, 5, 5], later);

        Assert.Equal([3, 4, 5, 6], Enumerable.Range(0, 8).Where(token => float.IsFinite(first[token])));
        Assert.All(later, logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void A_word_behind_a_lead_in_that_the_model_does_not_believe_was_not_said()
    {
        var text = TokenText.Parse("<unk>\n<s>\n</s>\n▁The\n▁answer\n▁is\n▁yes\n."u8);
        using var recognizer = new MoonshineRecognizer("scripted", new ScriptedModel([5, 5, 5, 6, 7, 2], probability: 0.02f), text);

        Assert.Equal("", recognizer.Recognize(new float[8000], SpeechContext.None, TestContext.Current.CancellationToken).Text);
    }

    [Fact]
    public void A_longer_utterance_is_heard_alone()
    {
        var model = new ScriptedModel([6, 2]);
        using var recognizer = new MoonshineRecognizer("scripted", model, Text);

        recognizer.Recognize(new float[LeadIn.Below], SpeechContext.None, TestContext.Current.CancellationToken);

        Assert.Equal((LeadIn.Below, 1), (model.Samples, model.Fed[0]));
    }

    [Theory]
    [InlineData(new[] { 6, 7, 8 }, 1, "1 6 7 8", "")]                 // right to its end: the step that checks it gives what follows
    [InlineData(new[] { 6, 9, 10 }, 3, "1 6 9 10", "7 8")]           // wrong from its second token on
    [InlineData(new[] { 10 }, 4, "1 10", "6 7 8")]                   // wrong at once
    [InlineData(new int[0], 4, "", "1 6 7 8")]
    public void A_draft_changes_the_steps_and_not_the_words(int[] draft, int steps, string atOnce, string oneByOne)
    {
        using var decoder = new KnowingDecoder([6, 7, 8, 2]);

        var decoded = GreedyDecoding.Run(decoder, [1], draft, end: 2, limit: 20, TestContext.Current.CancellationToken);

        Assert.Equal([6, 7, 8], decoded.Tokens);
        Assert.True(decoded.Ended);
        Assert.Equal((steps, atOnce, oneByOne), (decoder.Steps, string.Join(' ', decoder.AtOnce), string.Join(' ', decoder.OneByOne)));
    }

    [Fact]
    public void A_draft_longer_than_what_is_said_ends_where_the_model_ends()
    {
        using var decoder = new KnowingDecoder([6, 2]);

        var decoded = GreedyDecoding.Run(decoder, [1], [6, 7, 8], end: 2, limit: 20, TestContext.Current.CancellationToken);

        Assert.Equal([6], decoded.Tokens);
        Assert.Equal((true, 1), (decoded.Ended, decoder.Steps));
    }

    [Fact]
    public void A_draft_does_not_go_round_the_guards()
    {
        using var loop = new KnowingDecoder([.. Enumerable.Repeat(6, 40), 2]);
        using var talk = new KnowingDecoder([.. Enumerable.Range(10, 40), 2]);

        var looped = GreedyDecoding.Run(loop, [1], [.. Enumerable.Repeat(6, 30)], end: 2, limit: 40, TestContext.Current.CancellationToken);
        var limited = GreedyDecoding.Run(talk, [1], [.. Enumerable.Range(10, 30)], end: 2, limit: 12, TestContext.Current.CancellationToken);

        Assert.Equal([6], looped.Tokens);
        Assert.False(looped.Ended);
        Assert.Equal((12, false), (limited.Tokens.Count, limited.Ended));
    }

    [Fact]
    public void A_decoder_that_takes_one_token_at_a_time_is_asked_for_no_draft()
    {
        var model = new ScriptedModel([6, 7, 2]);
        using var decoder = model.Encode(new float[1]);

        Assert.Equal([6, 7], GreedyDecoding.Run(decoder, [1], [9, 9], end: 2, limit: 20, TestContext.Current.CancellationToken).Tokens);
        Assert.Equal([1, 6, 7], model.Fed);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    [InlineData(6, 6)]
    [InlineData(99, 99)]
    [InlineData(-1, -1)]
    public void A_word_that_begins_a_sentence_is_the_token_with_a_capital(int token, int capitalised) =>
        Assert.Equal(capitalised, TokenText.Parse("<unk>\n<s>\n</s>\n▁yes\n▁Yes\n▁no\n!"u8).Capitalised(token));

    /// <summary>Knows what is said; says it wherever it is asked to go on from what really was said.</summary>
    private sealed class KnowingDecoder(int[] said) : IParallelDecoder
    {
        private readonly List<int> _fed = [];

        public int Steps { get; private set; }

        public List<int> AtOnce { get; } = [];

        public List<int> OneByOne { get; } = [];

        public ScoredToken Next(int token)
        {
            OneByOne.Add(token);
            return Feed(token);
        }

        public void Begin(ReadOnlySpan<int> tokens, Span<ScoredToken> after)
        {
            Assert.Empty(_fed);
            for (var i = 0; i < tokens.Length; i++)
            {
                AtOnce.Add(tokens[i]);
                after[i] = Feed(tokens[i]);
            }

            Steps -= tokens.Length - 1;
        }

        public void Keep(int tokens) => _fed.RemoveRange(tokens, _fed.Count - tokens);

        public void Dispose()
        {
        }

        private ScoredToken Feed(int token)
        {
            Steps++;
            _fed.Add(token);
            var right = _fed.Skip(1).SequenceEqual(said.Take(_fed.Count - 1));
            return new ScoredToken(right ? said[_fed.Count - 1] : 99, 0.5f);
        }
    }

    private sealed class ScriptedModel(IEnumerable<int> tokens, Action<int>? onStep = null, float probability = 0.5f) : ISpeechModel
    {
        public int Steps => Fed.Count;

        public List<int> Fed { get; } = [];

        public int Samples { get; private set; }

        public ITokenDecoder Encode(ReadOnlyMemory<float> samples, params ImmutableArray<ITokenBias> biases)
        {
            Samples = samples.Length;
            return new Decoder(this, tokens.GetEnumerator(), onStep, probability);
        }

        public void Dispose()
        {
        }

        private sealed class Decoder(ScriptedModel model, IEnumerator<int> tokens, Action<int>? onStep, float probability) : ITokenDecoder
        {
            public ScoredToken Next(int token)
            {
                model.Fed.Add(token);
                onStep?.Invoke(model.Steps);
                return tokens.MoveNext() ? new ScoredToken(tokens.Current, probability) : throw new InvalidOperationException("The script is over.");
            }

            public void Dispose() => tokens.Dispose();
        }
    }
}
