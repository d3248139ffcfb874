using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What must hold of a customer's history for an option to be offered. The items that make it hold are what the option cites.</summary>
internal sealed record HistoryCondition
{
    public required InteractionKind Kind { get; init; }

    /// <summary>Null: in any state. A promise is <see cref="InteractionState.Broken"/> also when its time has passed.</summary>
    public InteractionState? State { get; init; }

    /// <summary>At least so many of them.</summary>
    public int AtLeast { get; init; } = 1;

    /// <summary>At most so many; null: however many.</summary>
    public int? AtMost { get; init; }

    /// <summary>There must be none: then nothing is cited.</summary>
    public bool None { get; init; }

    /// <summary>Not older than this many days; null: as old as the record goes.</summary>
    public int? WithinDays { get; init; }

    /// <summary>At least this many days old.</summary>
    public int? OlderThanDays { get; init; }

    /// <summary>All about one matter, which also an item chosen for another condition is about.</summary>
    public bool SameMatter { get; init; }

    /// <summary>A promise that is due within so many days from now.</summary>
    public int? DueWithinDays { get; init; }

    /// <summary>A satisfaction of at most this, 0 to 1.</summary>
    public double? RatingAtMost { get; init; }

    /// <summary>What meets the condition, newest first.</summary>
    public ImmutableArray<CustomerInteraction> Of(IEnumerable<CustomerInteraction> interactions, DateTimeOffset now) =>
        [.. interactions.Where(each => Fits(each, now)).OrderByDescending(each => each.At).ThenBy(each => each.SourceId, StringComparer.Ordinal)];

    /// <summary>For people.</summary>
    public string Describe()
    {
        var what = Kind.ToString().ToLowerInvariant();
        var text = None ? $"no {what}" : AtLeast == 1 ? $"a {what}" : string.Create(CultureInfo.InvariantCulture, $"{AtLeast} or more: {what}");
        if (AtMost is { } most) text += string.Create(CultureInfo.InvariantCulture, $", {most} at most");
        if (State is { } state && state != InteractionState.None) text += $", {state.ToString().ToLowerInvariant()}";
        if (SameMatter) text += ", about the same matter";
        if (WithinDays is { } within) text += string.Create(CultureInfo.InvariantCulture, $", of the last {within} days");
        if (OlderThanDays is { } older) text += string.Create(CultureInfo.InvariantCulture, $", {older} days old or more");
        if (DueWithinDays is { } due) text += string.Create(CultureInfo.InvariantCulture, $", due within {due} days");
        if (RatingAtMost is { } rating) text += string.Create(CultureInfo.InvariantCulture, $", rated {rating:0.##} or lower");
        return text;
    }

    private bool Fits(CustomerInteraction item, DateTimeOffset now) =>
        item.Kind == Kind
        && (State is not { } state || IsIn(item, state, now))
        && (WithinDays is not { } within || (item.At <= now && now - item.At <= TimeSpan.FromDays(within)))
        && (OlderThanDays is not { } older || now - item.At >= TimeSpan.FromDays(older))
        && (DueWithinDays is not { } due || (item.DueAt is { } dueAt && dueAt >= now && dueAt - now <= TimeSpan.FromDays(due)))
        && (RatingAtMost is not { } worst || item.Rating <= worst);

    private static bool IsIn(CustomerInteraction item, InteractionState state, DateTimeOffset now) => state switch
    {
        InteractionState.Broken => item.IsBrokenAt(now),

        // A promise whose time has passed is not open any more, whatever its source still says.
        InteractionState.Open => item.State == InteractionState.Open && !item.IsBrokenAt(now),
        _ => item.State == state,
    };
}

/// <summary>What of a history an option rests on.</summary>
internal static class HistoryMatch
{
    /// <summary>Items one condition cites at most.</summary>
    public const int MostCited = 3;

    /// <summary>
    /// The items that make every condition hold, by condition; null when one does not hold. Conditions about the same matter are
    /// tried matter by matter, newest first.
    /// </summary>
    public static IReadOnlyList<ImmutableArray<CustomerInteraction>>? Find(
        ImmutableArray<HistoryCondition> needs, IReadOnlyCollection<CustomerInteraction> interactions, DateTimeOffset now)
    {
        var bound = needs.Where(need => need.SameMatter && !need.None).ToList();
        if (bound.Count == 0) return Held(needs, interactions, now);

        var matters = interactions.Where(each => each.Matter.Length > 0).OrderByDescending(each => each.At).Select(each => each.Matter).Distinct(StringComparer.Ordinal);
        foreach (var matter in matters)
        {
            if (Held(needs, interactions, now, matter) is { } held) return held;
        }

        return null;
    }

    private static List<ImmutableArray<CustomerInteraction>>? Held(
        ImmutableArray<HistoryCondition> needs, IReadOnlyCollection<CustomerInteraction> interactions, DateTimeOffset now, string? matter = null)
    {
        var held = new List<ImmutableArray<CustomerInteraction>>(needs.Length);
        foreach (var need in needs)
        {
            var found = need.Of(need.SameMatter ? interactions.Where(each => each.Matter == matter) : interactions, now);
            if (need.None ? found.Length > 0 : found.Length < need.AtLeast || found.Length > need.AtMost) return null;
            held.Add(found);
        }

        return held;
    }
}
