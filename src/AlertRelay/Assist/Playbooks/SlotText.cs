using System.Collections.Immutable;
using System.Text;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>A text with slots, <c>{ticket.id}</c>.</summary>
internal sealed record SlotText
{
    private readonly ImmutableArray<(string Literal, Slot? Slot)> _parts;

    private SlotText(string raw, ImmutableArray<(string, Slot?)> parts) => (Raw, _parts) = (raw, parts);

    /// <summary>As it is written.</summary>
    public string Raw { get; }

    public IEnumerable<Slot> Slots => _parts.Select(part => part.Slot).OfType<Slot>();

    /// <param name="raw">The text.</param>
    /// <param name="wrong">What is wrong with it, and what to write instead.</param>
    /// <param name="at">The character it is wrong at.</param>
    public static SlotText? TryParse(string raw, out string wrong, out int at)
    {
        var parts = ImmutableArray.CreateBuilder<(string, Slot?)>();
        (wrong, at) = ("", 0);
        while (at < raw.Length)
        {
            var open = raw.IndexOf('{', at);
            if (open < 0)
            {
                parts.Add((raw[at..], null));
                break;
            }

            var close = raw.IndexOf('}', open);
            if (open > at) parts.Add((raw[at..open], null));
            at = open;
            if (close < 0)
            {
                wrong = "a slot begins with { and does not end: write }.";
                return null;
            }

            var name = raw[(open + 1)..close];
            if (Slot.TryParse(name) is not { } slot)
            {
                wrong = $"there is no slot {{{name}}}. {Nearest.Instead(name, Slot.Names)}";
                return null;
            }

            parts.Add(("", slot));
            at = close + 1;
        }

        return new SlotText(raw, parts.ToImmutable());
    }

    /// <summary>The text with its slots filled; null when one of them cannot be.</summary>
    /// <param name="value">The value of a slot, or null.</param>
    public string? Fill(Func<Slot, string?> value)
    {
        var filled = new StringBuilder(Raw.Length + 32);
        foreach (var (literal, slot) in _parts)
        {
            var text = slot is { } wanted ? value(wanted) : literal;
            if (text is null) return null;
            filled.Append(text);
        }

        return filled.ToString();
    }
}

/// <summary>A place for one verified value: a field of the call, or of an item that a condition of the entry found.</summary>
/// <param name="Of">What it is a field of: <c>call</c>, or a kind of history item.</param>
/// <param name="Field">Which.</param>
internal readonly record struct Slot(string Of, string Field)
{
    public const string Call = "call";

    /// <summary>Every slot there is. Free text of a record (its summary) is none: somebody wrote that for colleagues.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "call.minutes", "call.team",
        "ticket.id", "ticket.date", "ticket.days", "ticket.count", "ticket.matter",
        "contact.date", "contact.days", "contact.count", "contact.channel", "contact.matter",
        "promise.date", "promise.due", "promise.days", "promise.count", "promise.matter",
        "credit.date", "credit.amount", "credit.matter",
        "order.id", "order.date", "order.amount",
        "satisfaction.date",
    ];

    public string Name => Of + "." + Field;

    public static Slot? TryParse(string name)
    {
        if (!Names.Contains(name)) return null;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return new Slot(name[..dot], name[(dot + 1)..]);
    }
}
