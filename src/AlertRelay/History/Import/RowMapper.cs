using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>The words that rows and mappings use.</summary>
internal static class RowWords
{
    public static IReadOnlyDictionary<string, InteractionKind> Kinds { get; } = new Dictionary<string, InteractionKind>(StringComparer.OrdinalIgnoreCase)
    {
        ["contact"] = InteractionKind.Contact, ["ticket"] = InteractionKind.Ticket, ["promise"] = InteractionKind.Promise,
        ["credit"] = InteractionKind.Credit, ["order"] = InteractionKind.Order, ["satisfaction"] = InteractionKind.Satisfaction,
    };

    public static IReadOnlyDictionary<string, InteractionState> States { get; } = new Dictionary<string, InteractionState>(StringComparer.OrdinalIgnoreCase)
    {
        ["none"] = InteractionState.None, ["open"] = InteractionState.Open, ["closed"] = InteractionState.Closed, ["kept"] = InteractionState.Kept, ["broken"] = InteractionState.Broken,
    };
}

/// <summary>A row, or an element of one, as fields.</summary>
internal interface IRow
{
    /// <summary>The text of a field, trimmed; empty when it is not there.</summary>
    string Text(FieldRule rule);

    /// <summary>Where a field stands.</summary>
    (long Line, int Column) Place(FieldRule rule);

    /// <summary>The elements of an array of the row.</summary>
    IEnumerable<IRow> Each(string path);
}

/// <summary>What is wrong with a row, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="What">A sentence.</param>
internal readonly record struct RowFault(long Line, int Column, string What);

/// <summary>What a row told; nothing when it is faulty.</summary>
internal sealed record MappedRow(CustomerWrite? Customer, ImmutableArray<InteractionWrite> Interactions, ImmutableArray<RowFault> Faults);

/// <summary>Turns rows into what is kept. A row is taken whole or not at all.</summary>
/// <param name="mapping">How.</param>
/// <param name="region">Country of numbers that neither they nor the mapping tell.</param>
/// <param name="asOf">Up to when the source is told, where rows do not say.</param>
internal sealed class RowMapper(ImportMapping mapping, string region, DateTimeOffset asOf)
{
    private readonly string _region = mapping.Region.Length > 0 ? mapping.Region : region;
    private readonly List<RowFault> _faults = [];

    public MappedRow Map(IRow row)
    {
        _faults.Clear();
        var customer = Customer(row);
        var interactions = customer is null ? [] : mapping.Interactions.SelectMany(rule => Rows(row, rule).Select(each => Interaction(each, rule, customer.Key))).OfType<InteractionWrite>().ToImmutableArray();
        return _faults.Count > 0 ? new MappedRow(null, [], [.. _faults]) : new MappedRow(customer, interactions, []);
    }

    private static IEnumerable<IRow> Rows(IRow row, InteractionRule rule) => (rule.Each.Length > 0 ? row.Each(rule.Each) : [row])
        .Where(each => rule.When is not { } when || when.Is.Contains(each.Text(when.Field), StringComparer.OrdinalIgnoreCase));

    private CustomerWrite? Customer(IRow row)
    {
        var rule = mapping.Customer;
        var customer = new CustomerWrite
        {
            Key = Text(row, rule.Key),
            Name = mapping.KeepNames ? Text(row, rule.Name) : "",
            Value = Number(row, rule.Value, "value"),
            Locale = Text(row, rule.Locale),
            Identifiers = [.. rule.Identifiers.Select(identifier => Identifier(row, identifier.Kind, identifier.Field)).OfType<Identifier>().Distinct()],
            AllIdentifiers = rule.AllIdentifiers,
            KeyOnly = rule.IsKeyOnly,
            AsOf = asOf,
        };
        if (customer.Fault() is not { } fault) return customer;
        Fault(row, fault.StartsWith("key", StringComparison.Ordinal) ? rule.Key : fault.StartsWith("name", StringComparison.Ordinal) ? rule.Name : fault.StartsWith("value", StringComparison.Ordinal) ? rule.Value : rule.Locale, "customer: " + fault);
        return null;
    }

    private Identifier? Identifier(IRow row, IdentifierKind kind, FieldRule rule)
    {
        var text = Text(row, rule);
        if (text.Length == 0) return null;
        if (Matching.Identifier.Parse(kind, text, _region) is { } identifier) return identifier;
        Fault(row, rule, kind == IdentifierKind.Number && _region.Length == 0
            ? $"{rule.Field} is no telephone number with its country, and the mapping names no region."
            : $"{rule.Field} is no {Matching.Identifier.Kinds.First(known => known.Value == kind).Key}.");
        return null;
    }

    private InteractionWrite? Interaction(IRow row, InteractionRule rule, string customer)
    {
        var before = _faults.Count;
        var kind = Word(row, rule.Kind, "kind", RowWords.Kinds);
        var state = rule.State is null || Text(row, rule.State).Length == 0 ? InteractionState.None : Word(row, rule.State, "state", RowWords.States);
        var at = Time(row, rule.At, "at");
        if (at is null && _faults.Count == before) Fault(row, rule.At, "at is empty.");
        var write = new InteractionWrite(customer, new CustomerInteraction
        {
            Source = mapping.Source,
            SourceId = Text(row, rule.Id),
            Kind = kind,
            State = state,
            At = at ?? asOf,
            DueAt = Time(row, rule.Due, "due"),
            ClosedAt = Time(row, rule.Closed, "closed"),
            Matter = Text(row, rule.Matter),
            Channel = Text(row, rule.Channel),
            Summary = Summary(Text(row, rule.Summary)),
            Amount = Amount(row, rule.Amount),
            Currency = Text(row, rule.Currency),
            Rating = Rating(row, rule.Rating),
            AsOf = Time(row, rule.AsOf, "as_of") ?? asOf,
        });
        if (_faults.Count > before) return null;
        if (write.Fault() is not { } fault) return write;
        Fault(row, FieldOf(rule, fault), fault);
        return null;
    }

    // The sentence of a limit begins with the name of what is beyond it.
    private static FieldRule FieldOf(InteractionRule rule, string fault) => fault.Split(' ')[0] switch
    {
        "id" => rule.Id, "matter" => rule.Matter, "channel" => rule.Channel, "summary" => rule.Summary, "currency" => rule.Currency,
        "due" => rule.Due, "closed" => rule.Closed, "rating" => rule.Rating, "at" => rule.At, _ => rule.State,
    } ?? rule.Kind;

    private string Summary(string text) => mapping.Summaries switch
    {
        TextKeeping.None => "",
        TextKeeping.Masked => TextMask.Of(OneLine(text)),
        _ => OneLine(text),
    };

    // A line for people: what is longer is cut, line breaks are spaces.
    private static string OneLine(string text)
    {
        var line = text.ReplaceLineEndings(" ").Replace('\t', ' ');
        if (line.Length <= HistoryLimits.MaxSummary) return line;
        var cut = char.IsHighSurrogate(line[HistoryLimits.MaxSummary - 2]) ? HistoryLimits.MaxSummary - 2 : HistoryLimits.MaxSummary - 1;
        return line[..cut] + "…";
    }

    private static string Text(IRow row, FieldRule? rule)
    {
        if (rule is null) return "";
        var text = rule.Field.Length == 0 ? rule.Constant : row.Text(rule);
        return rule.Values.TryGetValue(text, out var meant) ? meant : text;
    }

    private T Word<T>(IRow row, FieldRule rule, string what, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        var text = Text(row, rule);
        if (words.TryGetValue(text, out var word)) return word;
        Fault(row, rule, $"{what}: {Quoted(text)} is none of {string.Join(", ", rule.Values.IsEmpty ? words.Keys : rule.Values.Keys.Order(StringComparer.Ordinal))}.");
        return default;
    }

    private DateTimeOffset? Time(IRow row, FieldRule? rule, string what)
    {
        var text = Text(row, rule);
        if (text.Length == 0) return null;
        if (mapping.Times.Read(text) is { } time) return time;
        Fault(row, rule, $"{what}: {Quoted(text)} is no time as the mapping writes them.");
        return null;
    }

    private double? Number(IRow row, FieldRule? rule, string what)
    {
        var text = Text(row, rule);
        if (text.Length == 0) return null;
        if (double.TryParse(text.Replace(mapping.DecimalPoint, '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
        Fault(row, rule, $"{what}: {Quoted(text)} is no number.");
        return null;
    }

    private decimal? Amount(IRow row, FieldRule? rule)
    {
        var text = Text(row, rule);
        if (text.Length == 0) return null;
        if (decimal.TryParse(text.Replace(mapping.DecimalPoint, '.'), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount)) return amount;
        Fault(row, rule, $"amount: {Quoted(text)} is no amount.");
        return null;
    }

    private double? Rating(IRow row, FieldRule? rule)
    {
        if (Number(row, rule, "rating") is not { } rating) return null;
        var (from, to) = rule!.Scale ?? (0, 1);
        var scaled = (rating - from) / (to - from);
        if (scaled is >= 0 and <= 1) return scaled;
        Fault(row, rule, string.Create(CultureInfo.InvariantCulture, $"rating: {rating} is outside {from} to {to}."));
        return null;
    }

    private void Fault(IRow row, FieldRule? rule, string what)
    {
        var (line, column) = row.Place(rule ?? mapping.Customer.Key);
        _faults.Add(new RowFault(line, column, what));
    }

    private static string Quoted(string text) => text.Length == 0 ? "an empty field" : text.Length <= 40 ? $"\"{text}\"" : $"\"{text[..40]}…\"";
}
