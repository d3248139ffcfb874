using System.Collections.Immutable;
using System.Globalization;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>One reviewed entry of the library: a sentence to say, or something to offer.</summary>
internal sealed record PlaybookEntry
{
    public required string Id { get; init; }

    /// <summary>From 1. Another text is another version: what was measured of the old one does not count for it.</summary>
    public required int Version { get; init; }

    public required V1.EntryKind Kind { get; init; }

    /// <summary>Who answers for it.</summary>
    public required string Owner { get; init; }

    public required DateOnly Reviewed { get; init; }

    /// <summary>BCP 47, for example <c>en</c> or <c>de-AT</c>.</summary>
    public required string Locale { get; init; }

    /// <summary>Cues, rules of the operator's, or <see cref="Situations.Any"/>.</summary>
    public required ImmutableArray<string> Situations { get; init; }

    public required string WhenToUse { get; init; }

    public required string WhenNot { get; init; }

    public required string Title { get; init; }

    public required SlotText Text { get; init; }

    /// <summary>The practice it comes from, one line each.</summary>
    public required ImmutableArray<string> Sources { get; init; }

    /// <summary>What must hold of the customer's history. Empty for a phrase, never for an option.</summary>
    public ImmutableArray<HistoryCondition> Needs { get; init; } = [];

    /// <summary>Of two options that fit, the higher one is offered. 0 to 100.</summary>
    public int Priority { get; init; } = 50;

    /// <summary>The file it comes from.</summary>
    public required string Origin { get; init; }

    /// <summary>Where it begins there.</summary>
    public long Line { get; init; }

    public long Column { get; init; }

    /// <summary>Names this text: what was measured belongs to it.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Id}@{Version}");

    /// <summary>Where the situations meet those of a call: place in <paramref name="cues"/>, the strongest first; −1 when they do not.</summary>
    public int RankIn(IReadOnlyList<string> cues)
    {
        for (var i = 0; i < cues.Count; i++)
        {
            if (Situations.Contains(cues[i])) return i;
        }

        return Situations.Contains(Playbooks.Situations.Any) ? cues.Count : -1;
    }
}
