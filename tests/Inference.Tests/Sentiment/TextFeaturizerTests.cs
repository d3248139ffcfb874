using CsCheck;
using EdgeAssist.Inference.Sentiment;
using Xunit;

namespace EdgeAssist.Inference.Tests.Sentiment;

public sealed class TextFeaturizerTests
{
    [Theory]
    [InlineData("I DON'T want #refunds, @you!! http://x.y/z", "i dont want refunds")]
    [InlineData("It cost $1,200.50 on 3rd May", "it cost 0 0 0 on 0 rd may")]
    [InlineData("soooooo baaaad 😡", "soo baad")]
    [InlineData("<UNIN/> Well… okay", "well okay")]
    [InlineData("", "")]
    public void Words_are_what_speech_and_writing_have_in_common(string text, string words) =>
        Assert.Equal(words, string.Join(' ', UtteranceWords.Split(text)));

    [Fact]
    public void The_features_of_a_sentence_are_fixed()
    {
        // The committed model was trained with these hashes: a change here needs a new model.
        var features = new HashSet<uint>();

        TextFeaturizer.Add(UtteranceWords.Split("not good"), features);

        Assert.Equal(GoldenHashes.NotGood, features.Order());
    }

    [Fact]
    public void Any_text_gives_rising_rows_that_begin_with_0()
    {
        var vocabulary = new FeatureVocabulary([.. Enumerable.Range(1, 5000).Select(i => (uint)i * 800_000u)]);

        Gen.String.Sample(text =>
        {
            var rows = vocabulary.Rows(UtteranceWords.Split(text));
            return rows[0] == 0 && rows.SequenceEqual(rows.Distinct().Order()) && rows[^1] <= vocabulary.Count;
        });
    }

    [Fact]
    public void Vocabularies_are_read_as_they_were_written_and_damaged_ones_refused_with_a_reason()
    {
        var bytes = new FeatureVocabulary([3, 7, 4_000_000_000]).ToBytes();

        Assert.True(FeatureVocabulary.TryParse(bytes, out var read, out _));
        Assert.Equal(bytes, read.ToBytes());
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(FeatureVocabulary.TryParse(bytes.AsSpan(0, length), out _, out var wrong));
            Assert.NotEqual("", wrong);
        }

        Gen.Byte.Array.Sample(any => FeatureVocabulary.TryParse(any, out _, out var wrong) || wrong.Length > 0);
    }
}
