using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Store;
using YamlDotNet.RepresentationModel;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>Reads mapping files (YAML; see History/README.md and samples/history).</summary>
internal static class MappingFile
{
    /// <exception cref="MappingException">It cannot be used; the sentence names the place.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ImportMapping Read(string path) => Parse(Path.GetFileName(path), File.ReadAllText(path));

    /// <inheritdoc cref="Read"/>
    public static ImportMapping Parse(string file, string yaml)
    {
        var map = YamlMap.Load(file, yaml);
        var interactions = map.List("interactions").Select(node => Interaction(new YamlMap(file, node))).ToImmutableArray();
        var csv = map.Map("csv");
        var keep = map.Map("keep");
        var mapping = new ImportMapping
        {
            File = file,
            Source = Source(map),
            Format = map.Word("format", ("csv", RowFormat.Csv), ("ndjson", RowFormat.NdJson), ("json", RowFormat.Json)),
            Delimiter = csv is null ? ',' : Character(csv, "delimiter", ','),
            DecimalPoint = csv is null ? '.' : Character(csv, "decimal", '.'),
            Encoding = csv is null ? new UTF8Encoding(false) : Encodings(csv),
            Times = Times(map),
            Region = Region(map),
            KeepNames = keep?.Word("names", ("yes", true), ("no", false)) ?? true,
            Summaries = keep?.Word("summaries", ("masked", TextKeeping.Masked), ("full", TextKeeping.Full), ("no", TextKeeping.None)) ?? TextKeeping.Masked,
            Customer = Customer(map.Required("customer", map.Map("customer")), file, allByDefault: interactions.IsEmpty),
            Interactions = interactions,
        };
        csv?.Close();
        keep?.Close();
        map.Close();
        if (mapping.Format == RowFormat.Csv && interactions.Any(rule => rule.Each.Length > 0))
            throw YamlMap.Wrong(file, map.Place, "each is for JSON: a row of a CSV file is one interaction");
        return mapping;
    }

    private static string Source(YamlMap map)
    {
        var source = map.Required("source", map.Text("source"));
        return HistoryLimits.Text("source", source, 1, HistoryLimits.MaxWord) is { } fault ? throw map.Wrong(map.Node("source")!, fault.TrimEnd('.')) : source;
    }

    private static string Region(YamlMap map)
    {
        var region = map.Text("region") ?? "";
        return region.Length == 0 || TelephoneNumber.Knows(region) ? region : throw map.Wrong(map.Node("region")!, $"region: \"{region}\" is no country; write its ISO 3166 code, for example DE");
    }

    private static char Character(YamlMap map, string key, char usual) => map.Text(key) switch
    {
        null => usual,
        "tab" => '\t',
        [var one] when one is not ('"' or '\n' or '\r') => one,
        _ => throw map.Wrong(map.Node(key)!, $"{key}: one character is expected, or tab"),
    };

    private static Encoding Encodings(YamlMap csv) => csv.Word<Encoding>("encoding",
        ("utf-8", new UTF8Encoding(false)), ("utf-16", new UnicodeEncoding(false, true)), ("latin1", Encoding.Latin1),
        ("windows-1252", CodePagesEncodingProvider.Instance.GetEncoding(1252)!));

    private static TimeRules Times(YamlMap map)
    {
        if (map.Map("time") is not { } time) return new TimeRules(TimeZoneInfo.Utc, []);
        var zone = TimeZoneInfo.Utc;
        if (time.Text("zone") is { } name && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone!)) throw time.Wrong(time.Node("zone")!, $"zone: \"{name}\" is unknown; write for example Europe/Berlin");
        var formats = time.List("formats").Select(node => (node as YamlScalarNode)?.Value is { Length: > 0 } format ? format : throw time.Wrong(node, "formats: a format is a text")).ToImmutableArray();
        time.Close();
        return new TimeRules(zone, formats);
    }

    private static CustomerRule Customer(YamlMap map, string file, bool allByDefault)
    {
        var identifiers = map.List("identifiers").SelectMany(node => new YamlMap(file, node).All().Select(entry => (entry.Key, entry.Value, node))).Select(entry =>
            Identifier.Kinds.TryGetValue(entry.Key, out var kind)
                ? (kind, Field(map, entry.Key, entry.Value))
                : throw map.Wrong(entry.node, $"identifiers: \"{entry.Key}\" is no kind; {string.Join(", ", Identifier.Kinds.Keys)} fit"));
        var rule = new CustomerRule
        {
            Key = map.Required("key", Field(map, "key")),
            Name = Field(map, "name"),
            Value = Field(map, "value"),
            Locale = Field(map, "locale"),
            Identifiers = [.. identifiers],
            AllIdentifiers = map.Word("identifiers_are", ("", allByDefault), ("all", true), ("some", false)),
        };
        map.Close();
        return rule;
    }

    private static InteractionRule Interaction(YamlMap map)
    {
        var rule = new InteractionRule
        {
            Each = map.Text("each") ?? "",
            When = When(map.Map("when")),
            Kind = map.Required("kind", Field(map, "kind")),
            Id = map.Required("id", Field(map, "id")),
            At = map.Required("at", Field(map, "at")),
            State = Field(map, "state"),
            Due = Field(map, "due"),
            Closed = Field(map, "closed"),
            Matter = Field(map, "matter"),
            Channel = Field(map, "channel"),
            Summary = Field(map, "summary"),
            Amount = Field(map, "amount"),
            Currency = Field(map, "currency"),
            Rating = Field(map, "rating"),
            AsOf = Field(map, "as_of"),
        };
        CheckWords(map, rule.Kind, "kind", RowWords.Kinds.Keys);
        if (rule.State is not null) CheckWords(map, rule.State, "state", RowWords.States.Keys);
        map.Close();
        return rule;
    }

    private static (FieldRule, ImmutableArray<string>)? When(YamlMap? map)
    {
        if (map is null) return null;
        var field = map.Required("field", Field(map, "field"));
        var words = map.List("is").Select(node => (node as YamlScalarNode)?.Value ?? throw map.Wrong(node, "is: a list of texts is expected")).ToImmutableArray();
        map.Required("is", words.IsEmpty ? null : "is");
        map.Close();
        return (field, words);
    }

    private static FieldRule? Field(YamlMap map, string key) => map.Node(key) is { } node ? Field(map, key, node) : null;

    // A field by name, or a mapping with more to say about it.
    private static FieldRule Field(YamlMap map, string key, YamlNode node)
    {
        if (node is YamlScalarNode { Value: { Length: > 0 } name }) return new FieldRule(name, "", (node.Start.Line, node.Start.Column));
        if (node is not YamlMappingNode) throw map.Wrong(node, $"{key}: name a field, or write field: or value: with more about it");

        var more = new YamlMap(map.File, node);
        var (field, constant) = (more.Text("field"), more.Text("value"));
        if (field is null == constant is null) throw map.Wrong(node, $"{key}: either field or value is needed");
        var rule = new FieldRule(field ?? "", constant ?? "", more.Place)
        {
            Values = more.Map("values")?.All().ToImmutableDictionary(entry => entry.Key, entry => (entry.Value as YamlScalarNode)?.Value ?? throw more.Wrong(entry.Value, "values: a text is expected"), StringComparer.OrdinalIgnoreCase)
                ?? ImmutableDictionary<string, string>.Empty,
            Scale = Scale(more, node),
        };
        more.Close();
        return rule;
    }

    private static (double, double)? Scale(YamlMap map, YamlNode node)
    {
        var (from, to) = (Number(map, "from"), Number(map, "to"));
        if (from is null && to is null) return null;
        return from is { } low && to is { } high && low != high ? (low, high) : throw map.Wrong(node, "from and to are needed both, and differ");
    }

    private static double? Number(YamlMap map, string key) => map.Text(key) is not { } text
        ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : throw map.Wrong(map.Node(key)!, $"{key}: \"{text}\" is no number");

    private static void CheckWords(YamlMap map, FieldRule rule, string key, IEnumerable<string> words)
    {
        var known = words.ToList();
        var meant = rule.Field.Length == 0 ? [rule.Constant] : rule.Values.Values;
        foreach (var word in meant.Where(word => !known.Contains(word)))
            throw YamlMap.Wrong(map.File, rule.Place, $"{key}: \"{word}\" is unknown; {string.Join(", ", known)} fit");
    }
}
