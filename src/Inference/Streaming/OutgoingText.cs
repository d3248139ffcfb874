using System.Collections.Immutable;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Text;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What leaves of a recognition: personal numbers and addresses taken out, numbers written where that is asked for.</summary>
/// <param name="Text">The words.</param>
/// <param name="Words">With times; what was taken out is one word.</param>
internal sealed record OutgoingText(string Text, ImmutableArray<RecognizedWord> Words)
{
    /// <param name="heard">As recognised.</param>
    /// <param name="growing">True for a partial.</param>
    /// <param name="settings">Say what is wanted.</param>
    public static OutgoingText Of(Recognition heard, bool growing, AnalysisSettings settings)
    {
        if (!settings.Redact) return new OutgoingText(settings.WriteNumbers ? WrittenText.Of(heard.Text) : heard.Text, heard.Words);

        var redacted = Redaction.Apply(heard.Text, growing);
        return new OutgoingText(settings.WriteNumbers ? WrittenText.Of(redacted.Text) : redacted.Text, Redacted(heard.Words, redacted.Spans));
    }

    /// <summary>The text of a partial with its committed words as they were told; words with times only where they are the same words.</summary>
    public OutgoingText Committed(StablePrefix stable)
    {
        var text = stable.Next(Text);
        if (text == Text) return this;

        var said = text.Split(' ');
        return new OutgoingText(text, said.Length == Words.Length ? [.. Words.Select((word, i) => word with { Text = said[i] })] : []);
    }

    // The words are those of the text, one for one.
    private static ImmutableArray<RecognizedWord> Redacted(ImmutableArray<RecognizedWord> words, ImmutableArray<RedactedSpan> spans)
    {
        if (spans.IsEmpty || words.IsEmpty) return words;

        var left = ImmutableArray.CreateBuilder<RecognizedWord>();
        for (var (i, next) = (0, 0); i < words.Length;)
        {
            if (next == spans.Length || spans[next].From != i)
            {
                left.Add(words[i++]);
                continue;
            }

            var (span, last) = (spans[next], Math.Min(i + spans[next].Count, words.Length) - 1);
            left.Add(new RecognizedWord(span.Label, words[i].Start, words[last].End, words[i].Confidence));
            (i, next) = (last + 1, next + 1);
        }

        return left.ToImmutable();
    }
}
