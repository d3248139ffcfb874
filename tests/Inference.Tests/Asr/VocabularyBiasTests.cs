using EdgeAssist.Inference.Asr;
using Xunit;

namespace EdgeAssist.Inference.Tests.Asr;

public sealed class VocabularyBiasTests
{
    // Pairs are joined by the number of their joint token: «ab» before « a» before «bc».
    private static readonly TokenText Text = TokenText.Parse("<unk>\n<s>\n</s>\n<0xC3>\n<0xBC>\n▁\na\nb\nc\nab\n▁a\nbc\n▁ab\n▁B"u8);

    [Theory]
    [InlineData(" abc", "12 8")]       // « » «a» «b» «c» → «ab» → « ab»
    [InlineData(" bc", "5 11")]
    [InlineData("cab", "8 9")]
    [InlineData(" ü", "5 3 4")]        // no token of its own: its two octets
    [InlineData("", "")]
    [InlineData("x", "")]              // neither a token nor octets
    public void Pairs_are_joined_in_the_order_of_their_rank(string text, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', new BytePairs(Text).Encode(text)));

    [Fact]
    public async Task Words_in_the_real_vocabulary_are_read_back()
    {
        var store = await TestModels.StoreAsync();
        var text = MoonshineRecognizer.Vocabulary(store, store.Manifest.Find("moonshine-tiny-en"));
        var pairs = new BytePairs(text);

        foreach (var word in new[] { "refund", "Zyxel", "O'Brien", "Café", "5G router", "Łódź", "東京" })
            Assert.Equal(word, text.Decode(pairs.Encode(" " + word)));
        Assert.Single(pairs.Encode(" manager"));
    }

    [Fact]
    public void A_word_is_likelier_where_it_may_begin_and_more_so_once_it_has()
    {
        var bias = VocabularyBias.Of(["abc"], Text);

        Assert.Equal([(12, VocabularyBias.AtBegin)], Raised(bias, 1, 6));
        Assert.Equal([(8, VocabularyBias.Within), (12, VocabularyBias.AtBegin)], Raised(bias, 1, 6, 12));
        Assert.Equal([(12, VocabularyBias.AtBegin)], Raised(bias, 1, 12, 8));   // it is over
        Assert.Equal([(12, VocabularyBias.AtBegin)], Raised(bias, 1, 12, 6));   // it was another word
    }

    [Fact]
    public void Words_are_known_small_and_with_a_capital()
    {
        var bias = VocabularyBias.Of(["b"], Text);

        Assert.Equal([5, 13], Raised(bias, 1).Select(raised => raised.Token));   // « » «b», and « B»
    }

    [Fact]
    public void Nothing_comes_of_words_without_letters_the_model_knows() => Assert.Empty(Raised(VocabularyBias.Of(["", "  ", "x"], Text), 1, 6));

    private static List<(int Token, float By)> Raised(VocabularyBias bias, params int[] fed)
    {
        var logits = new float[Text.Count];
        bias.Apply(fed, logits);
        return [.. logits.Select((by, token) => (token, by)).Where(raised => raised.by != 0)];
    }
}
