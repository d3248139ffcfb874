using System.Collections.Immutable;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>Something called for a prompt, and waits for the agent to pause or for the gap to pass.</summary>
/// <param name="Since">When it began.</param>
/// <param name="Cause">What keeps it.</param>
internal sealed record WaitingPrompt(DateTimeOffset Since, Withheld Cause);

/// <summary>A moment whose further course is looked at when its time has come.</summary>
/// <param name="At">When it was.</param>
/// <param name="PromptId">The prompt that was offered then; empty: none was.</param>
/// <param name="Situation">The leading cue.</param>
/// <param name="Level">The level.</param>
/// <param name="Risk">The risk.</param>
internal sealed record Moment(DateTimeOffset At, string PromptId, string Situation, V1.Level Level, double Risk);

/// <summary>
/// Prompts and messages of one call. Folded from what is journaled, so that a restart finds the budget, open prompts and snoozes
/// where they were, but for the part that only the relay knows that hears the call: who speaks, what waits, what is measured.
/// </summary>
internal sealed record CallAssist
{
    public static CallAssist None { get; } = new();

    /// <summary>Oldest first.</summary>
    public ImmutableList<V1.Prompt> Prompts { get; init; } = [];

    /// <summary>Oldest first.</summary>
    public ImmutableList<V1.AgentMessage> Messages { get; init; } = [];

    /// <summary>How often a prompt was kept back, by cause.</summary>
    public ImmutableSortedDictionary<string, int> Withheld { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>What was kept back last: cause and situation.</summary>
    public string LastWithheld { get; init; } = "";

    public DateTimeOffset LastWithheldAt { get; init; }

    /// <summary>How often a prompt was put in front of the agent, or would have been.</summary>
    public int Offers { get; init; }

    public DateTimeOffset? LastOfferAt { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Legs on which somebody speaks who is not known to be the customer. Known to the relay that hears the call.</summary>
    public ImmutableHashSet<int> Speaking { get; init; } = [];

    /// <summary>Analysis tells who speaks; where it does not, growing words of the agent stand for it.</summary>
    public bool SpeechIsTold { get; init; }

    /// <summary>This relay hears the call and decides for it.</summary>
    public bool IsHeardHere { get; init; }

    public WaitingPrompt? Waiting { get; init; }

    public ImmutableList<Moment> Moments { get; init; } = [];

    /// <summary>The prompt in front of the agent, if any: there is never more than one.</summary>
    public V1.Prompt? Open => Prompts.FindLast(prompt => prompt.IsOpen());

    /// <summary>The prompt that counts as the last one for what comes next, whether it was shown or would have been.</summary>
    public V1.Prompt? Last => Prompts.Count == 0 ? null : Prompts[^1];

    /// <summary>Entries that were put in front of the agent in this call.</summary>
    public IEnumerable<string> Tried => Prompts.SelectMany(prompt => prompt.Parts()).Select(part => part.EntryId);

    public CallAssist With(V1.AssistEvent change) => change.KindCase switch
    {
        V1.AssistEvent.KindOneofCase.Prompt => With(change.Prompt) with { ChangedAt = change.EventTime.ToDateTimeOffset() },
        V1.AssistEvent.KindOneofCase.Message => With(change.Message) with { ChangedAt = change.EventTime.ToDateTimeOffset() },
        _ when change.Record?.Withheld is { } withheld => With(withheld, change.EventTime.ToDateTimeOffset()),
        _ => this,
    };

    private CallAssist With(V1.Prompt prompt)
    {
        var place = Prompts.FindLastIndex(known => known.PromptId == prompt.PromptId);
        var offered = prompt.Number > (place < 0 ? 0 : Prompts[place].Number);
        return this with
        {
            Prompts = place < 0 ? Prompts.Add(prompt) : Prompts.SetItem(place, prompt),
            Offers = Math.Max(Offers, prompt.Number),
            LastOfferAt = offered ? prompt.OfferedAt.ToDateTimeOffset() : LastOfferAt,
        };
    }

    private CallAssist With(V1.AgentMessage message)
    {
        var place = Messages.FindLastIndex(known => known.MessageId == message.MessageId);
        return this with { Messages = place < 0 ? Messages.Add(message) : Messages.SetItem(place, message) };
    }

    /// <summary>A prompt was kept back.</summary>
    public CallAssist With(V1.WithheldPrompt withheld, DateTimeOffset at) => this with
    {
        Withheld = Withheld.SetItem(withheld.Cause, Withheld.GetValueOrDefault(withheld.Cause) + 1),
        LastWithheld = WithheldKey(withheld.Cause, withheld.Situation),
        LastWithheldAt = at,
        ChangedAt = at,
    };

    public static string WithheldKey(string cause, string situation) => cause + " " + situation;
}

/// <summary>What a prompt is and may become.</summary>
internal static class PromptLife
{
    /// <summary>It stands in front of the agent.</summary>
    public static bool IsOpen(this V1.Prompt prompt) => prompt.State is V1.PromptState.Offered or V1.PromptState.Shown;

    /// <summary>Something may still come of it.</summary>
    public static bool IsAlive(this V1.Prompt prompt) => prompt.IsOpen() || prompt.State == V1.PromptState.Snoozed;

    public static IEnumerable<V1.PromptPart> Parts(this V1.Prompt prompt)
    {
        if (prompt.Phrase is { } phrase) yield return phrase;
        if (prompt.Option is { } option) yield return option;
    }

    public static string Key(this V1.PromptPart part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{part.EntryId}@{part.EntryVersion}");
}
