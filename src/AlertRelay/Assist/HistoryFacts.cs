using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.AlertRelay.Assist.Playbooks;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>The history of one call's customer as prompts may use it: fields of records, nothing made up, free text left alone.</summary>
/// <param name="history">What was looked up; null: no answer yet.</param>
/// <param name="locale">The language of the texts.</param>
/// <param name="zone">Whose calendar days are told in.</param>
/// <param name="now">Now.</param>
internal sealed class HistoryFacts(CallHistory? history, string locale, TimeZoneInfo zone, DateTimeOffset now)
{
    private const int LongestValue = 40;

    /// <summary>As a prompt tells it: <c>not_ready</c>, <c>none</c>, <c>empty</c>, <c>stale</c> or <c>found</c>.</summary>
    public string Status => history switch
    {
        null => "not_ready",
        { Customer: null } => "none",
        { Customer.Interactions.IsDefaultOrEmpty: true } => "empty",
        { Customer.IsStale: true } => "stale",
        _ => "found",
    };

    private ImmutableArray<CustomerInteraction> Interactions =>
        history?.Customer is { Interactions: { IsDefault: false } known } ? known : [];

    /// <summary>The entry's text and what it cites; null when a condition does not hold or a slot cannot be filled.</summary>
    public (string Text, IReadOnlyList<V1.Citation> Citations)? Fill(PlaybookEntry entry, V1.Call call)
    {
        if (HistoryMatch.Find(entry.Needs, Interactions, now) is not { } found) return null;
        if (entry.Text.Fill(slot => slot.Of == Slot.Call ? CallValue(slot, call) : Value(slot, entry, found)) is not { } text) return null;

        var cited = found
            .Where((_, i) => !entry.Needs[i].None)
            .SelectMany(items => items.Take(HistoryMatch.MostCited))
            .DistinctBy(item => (item.Source, item.SourceId))
            .Select(Cite);
        return (text, [.. cited]);
    }

    private V1.Citation Cite(CustomerInteraction item)
    {
        var kind = item.Kind.ToString().ToLowerInvariant();
        var state = item.Kind == InteractionKind.Promise && item.IsBrokenAt(now) ? "not kept"
            : item.State == InteractionState.None ? "" : item.State.ToString().ToLowerInvariant();
        return new V1.Citation
        {
            ItemId = item.SourceId,
            Kind = kind,
            Date = Timestamp.FromDateTimeOffset(item.At),
            Line = string.Join(", ", new[] { $"{kind} {item.SourceId}", state, Day(item.At) }.Where(part => part.Length > 0)),
        };
    }

    private string? CallValue(Slot slot, V1.Call call) => slot.Field switch
    {
        "team" => Plain(call.Team),
        "minutes" when call.StartedAt is { } began && (int)(now - began.ToDateTimeOffset()).TotalMinutes is > 0 and var minutes => Number(minutes),
        _ => null,
    };

    private string? Value(Slot slot, PlaybookEntry entry, IReadOnlyList<ImmutableArray<CustomerInteraction>> found)
    {
        for (var i = 0; i < entry.Needs.Length; i++)
        {
            if (entry.Needs[i].None || found[i].IsEmpty || !entry.Needs[i].Kind.ToString().Equals(slot.Of, StringComparison.OrdinalIgnoreCase)) continue;
            return slot.Field == "count" ? Number(found[i].Length) : Value(slot.Field, found[i][0]);
        }

        return null;
    }

    private string? Value(string field, CustomerInteraction item) => field switch
    {
        "id" => Plain(item.SourceId),
        "matter" => Plain(item.Matter),
        "channel" => Plain(item.Channel),
        "date" => Day(item.At),
        "due" => item.DueAt is { } due ? Day(due) : null,
        "days" when (now - item.At).TotalDays is >= 1 and var days => Number((int)days),
        "amount" when item is { Amount: { } amount, Currency.Length: > 0 } => string.Create(CultureInfo.InvariantCulture, $"{amount:0.00} {item.Currency}"),
        _ => null,
    };

    // A value is said aloud in the middle of a sentence: what does not look like an id or a word is no value.
    private static string? Plain(string value) =>
        value.Length is > 0 and <= LongestValue && value.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '/' or '.' or '#' or ' ') ? value : null;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Day(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var far = Math.Abs((now - at).TotalDays) > 300;

        // The names of months are known in English only here; elsewhere numbers do.
        var isEnglish = locale.StartsWith("en", StringComparison.OrdinalIgnoreCase);
        return local.ToString(isEnglish ? far ? "d MMMM yyyy" : "d MMMM" : far ? "d.M.yyyy" : "d.M.", CultureInfo.InvariantCulture);
    }
}
