using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Rules;

/// <summary>A rule file that cannot be used; the message says what and where.</summary>
public sealed class RuleException : Exception
{
    public RuleException(string message)
        : base(message)
    {
    }

    public RuleException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public RuleException()
    {
    }
}

/// <summary>An operator's rules, checked and ready. Immutable; one instance serves all calls.</summary>
public sealed class RuleBook
{
    private const int MostRules = 500;

    private RuleBook(int version, ImmutableArray<CheckedRule> rules) => (Version, Rules) = (version, rules);

    /// <summary>No rules.</summary>
    public static RuleBook None { get; } = new(0, []);

    /// <summary>The author's number of this edition, from 1.</summary>
    public int Version { get; }

    /// <summary>The rules' names, in the file's order.</summary>
    public IEnumerable<string> Ids => Rules.Select(rule => rule.Rule.Id);

    /// <summary>How many rules there are.</summary>
    public int Count => Rules.Length;

    internal ImmutableArray<CheckedRule> Rules { get; }

    /// <summary>The same edition without one of its rules.</summary>
    public RuleBook Without(string id) => new(Version, Rules.RemoveAll(rule => rule.Rule.Id == id));

    /// <exception cref="RuleException">The file cannot be read or used; the message names line or rule and field.</exception>
    public static RuleBook Read(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RuleException($"The rule file {path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="utf8">The JSON text.</param>
    /// <param name="origin">Where it came from, for messages.</param>
    /// <exception cref="RuleException">It is no rule file; the message names line or rule and field.</exception>
    public static RuleBook Parse(ReadOnlySpan<byte> utf8, string origin)
    {
        RuleFile file;
        try
        {
            file = JsonSerializer.Deserialize(utf8, RuleJson.Default.RuleFile) ?? throw new RuleException($"{origin} holds no rules.");
        }
        catch (JsonException e)
        {
            throw new RuleException($"{origin}, line {e.LineNumber + 1}, {Place(e.Path)}: {Sentence(e.Message)}", e);
        }

        if (file.Version < 1) throw new RuleException($"{origin}, version: {file.Version} is no edition; count from 1.");
        if (file.Rules.IsDefault) throw new RuleException($"{origin}, rules: the list is missing.");
        if (file.Rules.Length > MostRules) throw new RuleException($"{origin}, rules: {file.Rules.Length} are too many; at most {MostRules}.");

        var known = new HashSet<string>(StringComparer.Ordinal);
        var rules = file.Rules.Select((rule, i) => Check(rule, new RulePlace(origin, i, rule?.Id ?? ""), known));
        return new RuleBook(file.Version, [.. rules]);
    }

    private static CheckedRule Check(Rule? rule, RulePlace place, HashSet<string> known)
    {
        if (rule is null) throw place.Refuse("", "the rule is empty");
        if (rule.Id.Length is 0 or > 60 || !rule.Id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw place.Refuse("id", "write lower-case letters, digits and hyphens, at most 60");
        if (!known.Add(rule.Id)) throw place.Refuse("id", "this name is taken by an earlier rule");
        if (!(Math.Abs(rule.Weight) <= 10)) throw place.Refuse("weight", $"{rule.Weight} is outside −10 to 10");
        if (rule.HalfLifeSeconds is not (null or >= 1 and <= 86_400)) throw place.Refuse("half_life_seconds", $"{rule.HalfLifeSeconds} is outside 1 to 86,400");

        return rule.Kind switch
        {
            RuleKind.Exact => new CheckedRule(rule) { Phrases = Texts(rule.Phrases, place, "phrases", least: 1) },
            RuleKind.Pattern => new CheckedRule(rule) { Pattern = PatternOf(rule, place) },
            RuleKind.Proximity when rule.Within is < 2 or > 100 => throw place.Refuse("within", $"{rule.Within} is outside 2 to 100"),
            RuleKind.Proximity => new CheckedRule(rule) { Words = Texts(rule.Words, place, "words", least: 2, single: true) },
            RuleKind.Silence when !(rule.Seconds is >= 2 and <= 3600) => throw place.Refuse("seconds", $"{rule.Seconds} is outside 2 to 3,600"),
            RuleKind.Amount when !(rule.AtLeast is > 0 and <= 1e12) => throw place.Refuse("at_least", $"{rule.AtLeast} is no sum of money"),
            RuleKind.Silence or RuleKind.Amount => new CheckedRule(rule),
            _ => throw place.Refuse("kind", "it is none of exact, pattern, proximity, silence, amount"),
        };
    }

    private static ImmutableArray<string> Texts(ImmutableArray<string> given, RulePlace place, string field, int least, bool single = false)
    {
        if (given.IsDefault || given.Length < least) throw place.Refuse(field, $"name at least {least}");
        return [.. given.Select((text, i) =>
        {
            var words = UtteranceWords.Split(text);
            if (words.Count == 0) throw place.Refuse($"{field}[{i}]", "it holds no word");
            if (single && words.Count > 1) throw place.Refuse($"{field}[{i}]", $"\"{text}\" is more than one word");
            return string.Join(' ', words);
        })];
    }

    private static Regex PatternOf(Rule rule, RulePlace place)
    {
        if (rule.Pattern is not { Length: > 0 and <= 2000 }) throw place.Refuse("pattern", "write 1 to 2,000 characters");
        try
        {
            return new Regex(rule.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw place.Refuse("pattern", e.Message);
        }
    }

    private static string Place(string? path) => path is null or "$" ? "the file" : path.TrimStart('$', '.');

    private static string Sentence(string message) => message.Split(" Path:", 2)[0];

    private readonly record struct RulePlace(string Origin, int Index, string Id)
    {
        public RuleException Refuse(string field, string why) =>
            new($"{Origin}, rules[{Index}]{(Id.Length > 0 ? $" \"{Id}\"" : "")}{(field.Length > 0 ? $", {field}" : "")}: {why}.");
    }
}

/// <summary>A rule whose texts are normalised and whose pattern is compiled.</summary>
internal sealed record CheckedRule(Rule Rule)
{
    public ImmutableArray<string> Phrases { get; init; } = [];

    public ImmutableArray<string> Words { get; init; } = [];

    public Regex? Pattern { get; init; }

    /// <summary>The reason's cue.</summary>
    public string Cue { get; } = $"rule:{Rule.Id}";

    public TimeSpan HalfLife { get; } = TimeSpan.FromSeconds(Rule.HalfLifeSeconds ?? 90);

    public TimeSpan Silence { get; } = TimeSpan.FromSeconds(Rule.Seconds);
}

/// <summary>A rule file as it is written.</summary>
internal sealed record RuleFile
{
    public required int Version { get; init; }

    public string? About { get; init; }

    public required ImmutableArray<Rule> Rules { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(RuleFile))]
internal sealed partial class RuleJson : JsonSerializerContext;
