using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>What of an address a rule looks at.</summary>
internal enum AddressTest
{
    /// <summary>Any address.</summary>
    Any = 0,

    /// <summary>The host, without case.</summary>
    Domain,

    /// <summary>The user part starts with this text.</summary>
    Prefix,

    /// <summary>The whole address matches this regular expression.</summary>
    Pattern,

    /// <summary>The user part is all digits, this many at most: an extension.</summary>
    ExtensionLength,
}

/// <summary>One line of a trunk's table: an address that passes the test belongs to this side.</summary>
internal sealed record RoleRule(AddressTest Test, string Value, PartyRole Role)
{
    /// <summary>
    /// Compiled <see cref="Value"/> of a <see cref="AddressTest.Pattern"/>, in linear time. A time limit would not do: on a busy
    /// machine a good address runs into it too, and the party has no role.
    /// </summary>
    public Regex? Pattern { get; init; }

    public bool Matches(AddressOfRecord address) => Test switch
    {
        AddressTest.Any => true,
        AddressTest.Domain => address.Host.Equals(Value, StringComparison.OrdinalIgnoreCase),
        AddressTest.Prefix => address.User.StartsWith(Value, StringComparison.OrdinalIgnoreCase),
        AddressTest.Pattern => Pattern!.IsMatch(address.Text),
        AddressTest.ExtensionLength => address.User.Length > 0 && address.User.All(char.IsAsciiDigit)
            && address.User.Length <= int.Parse(Value, System.Globalization.CultureInfo.InvariantCulture),
        _ => false,
    };
}

/// <summary>The roles of a trunk, as data. What no rule names stays unknown: never guessed.</summary>
internal sealed record RoleRules
{
    public static RoleRules None { get; } = new();

    /// <summary>Asked in order; the first that matches decides.</summary>
    public ImmutableArray<RoleRule> Addresses { get; init; } = [];

    /// <summary>Label to role, labels compared without case: a vendor's convention.</summary>
    public ImmutableDictionary<string, PartyRole> Labels { get; init; } = ImmutableDictionary<string, PartyRole>.Empty;

    /// <summary>Role of the first, second, … audio line, when the trunk is known to keep that order.</summary>
    public ImmutableArray<PartyRole> Positions { get; init; } = [];

    /// <summary>The role of a stream and what it rests on.</summary>
    /// <param name="speaker">Who is heard, by metadata.</param>
    /// <param name="label">SDP label, empty when absent.</param>
    /// <param name="position">Position among the audio lines, from 0.</param>
    public (PartyRole Role, RoleEvidence Evidence) Resolve(StreamSpeaker speaker, string label, int position)
    {
        // Evidence by order is weaker than evidence by label, whatever the metadata says about the stream.
        var evidence = speaker.ByPosition ? RoleEvidence.Position : RoleEvidence.Metadata;
        if (speaker.IsMixed) return (PartyRole.Mixed, evidence);
        foreach (var name in speaker.Names)
        {
            var address = AddressOfRecord.Parse(name.Aor);
            if (Addresses.FirstOrDefault(rule => rule.Matches(address)) is { Role: not PartyRole.Unknown } rule) return (rule.Role, evidence);
        }

        if (label.Length > 0 && Labels.TryGetValue(label.ToLowerInvariant(), out var byLabel)) return (byLabel, RoleEvidence.Label);
        if (position < Positions.Length && Positions[position] != PartyRole.Unknown) return (Positions[position], RoleEvidence.Position);
        return (PartyRole.Unknown, RoleEvidence.None);
    }
}
