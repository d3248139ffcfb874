using System.Globalization;
using EdgeAssist.AlertRelay.Assist.Effect;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>What was chosen, and why.</summary>
internal sealed record Selection(V1.PromptPart Phrase, V1.PromptPart? Option, string Locale, string LocaleWanted, string History, string Why);

/// <summary>
/// Chooses what to put in front of the agent: by what the customer does, by what is known of them, by what this call has had
/// already, and by what was measured. The same call, history and figures give the same choice.
/// </summary>
internal sealed class PromptSelector(AssistDesk desk, EffectLedger effects, DateTimeOffset now)
{
    /// <summary>Null when the library has nothing left that fits.</summary>
    public Selection? Select(CallRecord call, CallAssist assist, V1.Score score)
    {
        var cues = Cues(score);
        var history = desk.Histories?.Of(new CallId(call.Info.CallId));
        var wanted = Wanted(call.Info, history);
        var (entries, locale) = desk.Playbook.In(wanted, desk.Policy.FallbackLocale);
        var facts = new HistoryFacts(history, locale, desk.Policy.Zone, now);
        var tried = assist.Tried.ToHashSet(StringComparer.Ordinal);

        var phrases = Ranked(entries, V1.EntryKind.Phrase, cues, tried, call.Info, facts).ToList();
        if (phrases.Count == 0) return null;
        var options = Ranked(entries, V1.EntryKind.Option, cues, tried, call.Info, facts).ToList();
        var (phrase, option) = (phrases[0], options.Count > 0 ? options[0] : null);
        return new Selection(
            Part(phrase), option is null ? null : Part(option), locale, locale.Equals(wanted, StringComparison.OrdinalIgnoreCase) ? "" : wanted, facts.Status,
            Why(score, cues, phrase, phrases.Count, option, facts.Status, tried.Count));
    }

    /// <summary>The cues that speak for escalation, the strongest first.</summary>
    public static IReadOnlyList<string> Cues(V1.Score score) =>
        [.. score.Reasons.Where(reason => reason.Weight > 0).OrderByDescending(reason => reason.Weight).Select(reason => reason.Cue).Distinct(StringComparer.Ordinal)];

    /// <summary>The leading cue; <see cref="Situations.Any"/> when the score names none.</summary>
    public static string Situation(V1.Score score) => Cues(score).FirstOrDefault(Situations.Any);

    private static string Wanted(V1.Call call, CallHistory? history) =>
        call.CorrelationIds.TryGetValue("language", out var language) && language.Length > 0 ? language
        : history?.Customer?.Locale is { Length: > 0 } known ? known
        : "en";

    private IEnumerable<Candidate> Ranked(
        IReadOnlyList<PlaybookEntry> entries, V1.EntryKind kind, IReadOnlyList<string> cues, HashSet<string> tried, V1.Call call, HistoryFacts facts)
    {
        var fitting = new List<Candidate>();
        foreach (var entry in entries)
        {
            if (entry.Kind != kind || tried.Contains(entry.Id) || !effects.IsSelectable(entry.Key)) continue;
            var rank = entry.RankIn(cues);
            if (rank < 0 || facts.Fill(entry, call) is not { } filled) continue;
            fitting.Add(new Candidate(entry, rank, effects.Of(entry.Key), filled.Text, filled.Citations));
        }

        // Among equals the call decides, not the alphabet: each entry gets its share of calls, and the measurement its data.
        return fitting
            .OrderBy(candidate => kind == V1.EntryKind.Phrase ? candidate.Rank : -candidate.Entry.Priority)
            .ThenBy(candidate => candidate.Effect.ShowsBenefit ? candidate.Effect.Mean : 0)
            .ThenBy(candidate => kind == V1.EntryKind.Phrase ? 0 : candidate.Rank)
            .ThenBy(candidate => Share(call.CallId, candidate.Entry.Key))
            .ThenBy(candidate => candidate.Entry.Id, StringComparer.Ordinal);
    }

    private static V1.PromptPart Part(Candidate candidate)
    {
        var entry = candidate.Entry;
        var part = new V1.PromptPart
        {
            EntryId = entry.Id,
            EntryVersion = entry.Version,
            Kind = entry.Kind,
            Title = entry.Title,
            Text = candidate.Text,
            Owner = entry.Owner,
        };
        part.Sources.AddRange(entry.Sources);
        part.Citations.AddRange(candidate.Citations);
        return part;
    }

    private static string Why(V1.Score score, IReadOnlyList<string> cues, Candidate phrase, int phrases, Candidate? option, string history, int tried)
    {
        var cue = phrase.Rank < cues.Count ? score.Reasons.First(reason => reason.Cue == cues[phrase.Rank]) : null;
        var because = cue is null
            ? "nothing in the library is for the cues of this moment, so something for any"
            : string.Create(CultureInfo.InvariantCulture, $"{cue.Cue} ({cue.Weight:+0.0;-0.0} at {cue.At?.ToTimeSpan() ?? TimeSpan.Zero:mm\\:ss})");
        var others = string.Create(CultureInfo.InvariantCulture, $"one of {phrases} that fit{(tried > 0 ? $", {tried} tried before" : "")}");
        var rests = option is null ? $"no option: {NoOption(history)}" : $"option because of {string.Join("; ", option.Citations.Select(citation => citation.Line))}";
        return $"{because}; {others}; {Figures(phrase.Effect)}; {rests}{(option is not null && history == "stale" ? " (the history is out of date)" : "")}.";
    }

    private static string Figures(EntryEffect effect) => effect.Mean is { } mean
        ? string.Create(CultureInfo.InvariantCulture, $"risk {mean:+0.000;-0.000} a minute against moments without (95 % {effect.Low:+0.000;-0.000} to {effect.High:+0.000;-0.000}, n {effect.Shown})")
        : "not enough data on its effect yet";

    private static string NoOption(string history) => history switch
    {
        "not_ready" => "the history was not there in time",
        "none" => "the customer was not recognised",
        "empty" => "nothing is kept of this customer",
        _ => "nothing in the history calls for one that was not tried",
    };

    /// <summary>FNV-1a (draft-eastlake-fnv) of both, the same on every machine.</summary>
    private static uint Share(string callId, string key)
    {
        var hash = 2166136261;
        foreach (var letter in callId + "\n" + key) hash = (hash ^ letter) * 16777619;
        return hash;
    }

    private sealed record Candidate(PlaybookEntry Entry, int Rank, EntryEffect Effect, string Text, IReadOnlyList<V1.Citation> Citations);
}
