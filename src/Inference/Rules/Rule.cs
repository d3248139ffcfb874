using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace EdgeAssist.Inference.Rules;

/// <summary>What a rule looks for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RuleKind>))]
internal enum RuleKind
{
    /// <summary>One of its phrases, word for word.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>A regular expression over the normalised words, without look-around and back-references: time grows with the text alone.</summary>
    [JsonStringEnumMemberName("pattern")]
    Pattern,

    /// <summary>All of its words in one utterance, the outermost no more than so many words apart.</summary>
    [JsonStringEnumMemberName("proximity")]
    Proximity,

    /// <summary>Nobody speaks for so long.</summary>
    [JsonStringEnumMemberName("silence")]
    Silence,

    /// <summary>A sum of money, in digits or spoken, of at least so much.</summary>
    [JsonStringEnumMemberName("amount")]
    Amount,
}

/// <summary>Whose words a rule looks at.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RuleRole>))]
internal enum RuleRole
{
    [JsonStringEnumMemberName("customer")]
    Customer,

    [JsonStringEnumMemberName("agent")]
    Agent,

    [JsonStringEnumMemberName("anyone")]
    Anyone,
}

/// <summary>One rule as it is written. Which of the fields count depends on <see cref="Kind"/>.</summary>
internal sealed record Rule
{
    /// <summary>Lower-case letters, digits and hyphens; becomes the reason's cue, <c>rule:ID</c>.</summary>
    public required string Id { get; init; }

    public required RuleKind Kind { get; init; }

    public RuleRole Role { get; init; }

    /// <summary>What a hit adds to the log-odds of escalation, −10 to 10.</summary>
    public required double Weight { get; init; }

    /// <summary>After this long without another hit half of it is left; 1 to 86,400 s, 90 s when it is not given.</summary>
    public double? HalfLifeSeconds { get; init; }

    public ImmutableArray<string> Phrases { get; init; }

    public string? Pattern { get; init; }

    public ImmutableArray<string> Words { get; init; }

    /// <summary>Words from the first to the last of <see cref="Words"/>, both counted.</summary>
    public int Within { get; init; }

    public double Seconds { get; init; }

    public double AtLeast { get; init; }
}
