using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.AlertRelay.History.Matching;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>A mapping cannot be used: the sentence begins with its file, line and column.</summary>
public sealed class MappingException(string message) : Exception(message);

/// <summary>What the rows of a source look like, and what becomes of them.</summary>
internal sealed record ImportMapping
{
    /// <summary>Name of the mapping file, for sentences.</summary>
    public required string File { get; init; }

    /// <summary>The system the rows come from.</summary>
    public required string Source { get; init; }

    public required RowFormat Format { get; init; }

    public char Delimiter { get; init; } = ',';

    public System.Text.Encoding Encoding { get; init; } = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public TimeRules Times { get; init; } = new(TimeZoneInfo.Utc, []);

    /// <summary>The decimal point of amounts.</summary>
    public char DecimalPoint { get; init; } = '.';

    /// <summary>ISO 3166 country of numbers written without one; empty for the configured one.</summary>
    public string Region { get; init; } = "";

    public bool KeepNames { get; init; } = true;

    public TextKeeping Summaries { get; init; } = TextKeeping.Masked;

    public required CustomerRule Customer { get; init; }

    public ImmutableArray<InteractionRule> Interactions { get; init; } = [];

    /// <summary>Every field that is named, for a look at a file's header.</summary>
    public IEnumerable<FieldRule> Fields => ((IEnumerable<FieldRule?>)
    [
        Customer.Key, Customer.Name, Customer.Value, Customer.Locale, .. Customer.Identifiers.Select(identifier => identifier.Field),
        .. Interactions.SelectMany(rule => rule.Fields),
    ]).OfType<FieldRule>().Where(rule => rule.Field.Length > 0);
}

internal enum RowFormat
{
    Csv = 1,

    /// <summary>One JSON object a line (ndjson.org).</summary>
    NdJson = 2,

    /// <summary>One JSON document.</summary>
    Json = 3,
}

/// <summary>What stays of a line for people.</summary>
internal enum TextKeeping
{
    None = 0,

    /// <summary>Without e-mail addresses and long numbers.</summary>
    Masked = 1,
    Full = 2,
}

/// <summary>Where a value stands, or what it always is.</summary>
/// <param name="Field">Column of a CSV file, or path in a JSON object (<c>a.b[0].c</c>); empty for a constant.</param>
/// <param name="Constant">The constant; unused with a field.</param>
/// <param name="Place">Line and column in the mapping.</param>
internal sealed record FieldRule(string Field, string Constant, (long Line, long Column) Place)
{
    /// <summary>What is written to what it means, without case; empty for what is written as it is meant.</summary>
    public ImmutableDictionary<string, string> Values { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The scale of a rating.</summary>
    public (double From, double To)? Scale { get; init; }
}

/// <summary>How a customer is read from a row.</summary>
internal sealed record CustomerRule
{
    public required FieldRule Key { get; init; }

    public FieldRule? Name { get; init; }

    public FieldRule? Value { get; init; }

    public FieldRule? Locale { get; init; }

    public ImmutableArray<(IdentifierKind Kind, FieldRule Field)> Identifiers { get; init; } = [];

    /// <summary>A row names all identifiers that the source knows of its customer.</summary>
    public bool AllIdentifiers { get; init; }

    /// <summary>Rows tell nothing of the customer but the key.</summary>
    public bool IsKeyOnly => Name is null && Value is null && Locale is null;
}

/// <summary>How an interaction is read from a row.</summary>
internal sealed record InteractionRule
{
    /// <summary>JSON only: an array of the row, each element of which is one; fields are then paths in the element. Empty: the row is one.</summary>
    public string Each { get; init; } = "";

    /// <summary>Only rows in which the field says one of these, without case; null for all rows.</summary>
    public (FieldRule Field, ImmutableArray<string> Is)? When { get; init; }

    public required FieldRule Kind { get; init; }

    public required FieldRule Id { get; init; }

    public required FieldRule At { get; init; }

    public FieldRule? State { get; init; }

    public FieldRule? Due { get; init; }

    public FieldRule? Closed { get; init; }

    public FieldRule? Matter { get; init; }

    public FieldRule? Channel { get; init; }

    public FieldRule? Summary { get; init; }

    public FieldRule? Amount { get; init; }

    public FieldRule? Currency { get; init; }

    public FieldRule? Rating { get; init; }

    public FieldRule? AsOf { get; init; }

    public IEnumerable<FieldRule> Fields =>
        ((IEnumerable<FieldRule?>)[When?.Field, Kind, Id, At, State, Due, Closed, Matter, Channel, Summary, Amount, Currency, Rating, AsOf]).OfType<FieldRule>();
}

/// <summary>How times are written.</summary>
/// <param name="Zone">Where, when they do not say.</param>
/// <param name="Formats">Beside ISO 8601; <c>unix</c> and <c>unix-ms</c> stand for seconds and milliseconds since 1970.</param>
internal sealed record TimeRules(TimeZoneInfo Zone, ImmutableArray<string> Formats)
{
    private static readonly string[] Iso =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFFF",
    ];

    private static readonly string[] IsoWithOffset =
    [
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:sszzz",
    ];

    private readonly string[] _own = [.. Formats.Where(format => !format.StartsWith("unix", StringComparison.Ordinal))];

    /// <summary>The moment, null when the text is none.</summary>
    public DateTimeOffset? Read(string text)
    {
        if (Formats.Contains("unix") || Formats.Contains("unix-ms"))
        {
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count is > -1_000_000_000_000 and < 10_000_000_000_000)
                return Formats.Contains("unix") ? DateTimeOffset.FromUnixTimeSeconds(Math.Min(count, 250_000_000_000)) : DateTimeOffset.FromUnixTimeMilliseconds(count);
        }

        if (DateTime.TryParseExact(text, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || (_own.Length > 0 && DateTime.TryParseExact(text, _own, CultureInfo.InvariantCulture, DateTimeStyles.None, out local)))
            return local.Kind == DateTimeKind.Unspecified ? Placed(local) : new DateTimeOffset(local.ToUniversalTime());
        return DateTimeOffset.TryParseExact(text, IsoWithOffset, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
    }

    // An hour that the change to summer time leaves out is read with the offset in front of it.
    private DateTimeOffset? Placed(DateTime local) => local.Year is > 1 and < 9999 ? new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime() : null;
}
