using EdgeAssist.Contracts;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Rules;

/// <summary>One rule's hit.</summary>
/// <param name="Rule">Which.</param>
/// <param name="At">When, on the call's timeline.</param>
/// <param name="Role">Whose words; unknown for silence.</param>
/// <param name="Text">The utterance as recognised; empty for silence.</param>
internal readonly record struct RuleHit(CheckedRule Rule, TimeSpan At, PartyRole Role, string Text);

/// <summary>
/// The rules beside the model on one call: hits as they happen, and what is left of them as fading log-odds. Owned by the
/// call's score.
/// </summary>
internal sealed class CallRules(RuleBook book)
{
    private readonly State[] _states = [.. book.Rules.Select(rule => new State(rule))];
    private readonly bool _silences = book.Rules.Any(rule => rule.Rule.Kind == RuleKind.Silence);

    /// <summary>Hits so far, in order.</summary>
    public List<RuleHit> Hits { get; } = [];

    public void OnFinal(TranscriptSegment segment, PartyRole role)
    {
        if (_states.Length == 0) return;

        var words = UtteranceWords.Split(segment.Text);
        var text = string.Join(' ', words);
        foreach (var state in _states)
        {
            if (Fits(state.Rule.Rule.Role, role) && Matches(state.Rule, text, words, segment.Text))
                Hit(state, new RuleHit(state.Rule, segment.Start, role, segment.Text));
        }
    }

    /// <summary>Nobody has spoken since <paramref name="quietSince"/>.</summary>
    public void OnQuiet(TimeSpan quietSince, TimeSpan at)
    {
        if (!_silences) return;
        foreach (var state in _states)
        {
            if (state.Rule.Rule.Kind != RuleKind.Silence || at - quietSince < state.Rule.Silence || state.QuietTold == quietSince) continue;
            state.QuietTold = quietSince;
            Hit(state, new RuleHit(state.Rule, at, PartyRole.Unknown, ""));
        }
    }

    public double LogOdds(TimeSpan at)
    {
        var sum = 0.0;
        foreach (var state in _states) sum += state.Left(at);
        return sum;
    }

    /// <summary>The rules that still count, each as a reason; quotes are masked by the caller.</summary>
    public IEnumerable<(double Weight, RuleHit Hit)> Counting(TimeSpan at) =>
        _states.Where(state => state.Newest is not null).Select(state => (state.Left(at), state.Newest!.Value));

    private void Hit(State state, RuleHit hit)
    {
        state.Newest = hit;
        Hits.Add(hit);
    }

    private static bool Fits(RuleRole wanted, PartyRole role) => wanted switch
    {
        RuleRole.Customer => role != PartyRole.Agent, // an unknown or mixed leg may carry the customer
        RuleRole.Agent => role == PartyRole.Agent,
        _ => true,
    };

    private static bool Matches(CheckedRule rule, string text, List<string> words, string raw) => rule.Rule.Kind switch
    {
        RuleKind.Exact => rule.Phrases.Any(phrase => HoldsPhrase(text, phrase)),
        RuleKind.Pattern => rule.Pattern!.IsMatch(text),
        RuleKind.Proximity => Near(words, rule.Words, rule.Rule.Within),
        RuleKind.Amount => MoneyAmounts.Largest(raw) >= rule.Rule.AtLeast,
        _ => false,
    };

    private static bool HoldsPhrase(string text, string phrase)
    {
        for (var at = text.IndexOf(phrase, StringComparison.Ordinal); at >= 0; at = text.IndexOf(phrase, at + 1, StringComparison.Ordinal))
        {
            var end = at + phrase.Length;
            if ((at == 0 || text[at - 1] == ' ') && (end == text.Length || text[end] == ' ')) return true;
        }

        return false;
    }

    /// <summary>Whether some stretch of <paramref name="within"/> words holds them all.</summary>
    private static bool Near(List<string> words, IReadOnlyCollection<string> wanted, int within)
    {
        for (var from = 0; from < words.Count; from++)
        {
            if (!wanted.Contains(words[from])) continue;
            var stretch = words.GetRange(from, Math.Min(within, words.Count - from));
            if (wanted.All(stretch.Contains)) return true;
        }

        return false;
    }

    private sealed class State(CheckedRule rule)
    {
        public CheckedRule Rule => rule;

        public RuleHit? Newest { get; set; }

        public TimeSpan? QuietTold { get; set; }

        public double Left(TimeSpan at) =>
            Newest is { } hit ? rule.Rule.Weight * double.Exp2(-Math.Max(0, (at - hit.At) / rule.HalfLife)) : 0;
    }
}
