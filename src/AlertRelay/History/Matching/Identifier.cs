namespace EdgeAssist.AlertRelay.History.Matching;

/// <summary>What a customer can be recognised by.</summary>
internal enum IdentifierKind
{
    /// <summary>A telephone number in E.164.</summary>
    Number = 1,

    /// <summary>A SIP address, <c>user@host</c>.</summary>
    Aor = 2,

    /// <summary>The customer's number in the operator's systems, as a header or the recording's metadata brings it.</summary>
    CustomerId = 3,

    /// <summary>A call's Universal Call ID that another system tied to the customer.</summary>
    Ucid = 4,
}

/// <summary>One of a customer's, in its normal form: two that are equal are the same. Personal data.</summary>
internal readonly record struct Identifier(IdentifierKind Kind, string Value)
{
    private const int MaxLength = 256;

    /// <summary>The words for the kinds, in mappings, settings and on the wire.</summary>
    public static IReadOnlyDictionary<string, IdentifierKind> Kinds { get; } = new Dictionary<string, IdentifierKind>(StringComparer.Ordinal)
    {
        ["number"] = IdentifierKind.Number, ["aor"] = IdentifierKind.Aor, ["customer-id"] = IdentifierKind.CustomerId, ["ucid"] = IdentifierKind.Ucid,
    };

    /// <summary>The normal form of what somebody wrote; null when it is none of that kind.</summary>
    /// <param name="kind">What it is meant to be.</param>
    /// <param name="text">As it was written.</param>
    /// <param name="region">ISO 3166 country of numbers written without one; empty: they need theirs.</param>
    public static Identifier? Parse(IdentifierKind kind, string text, string region)
    {
        text = text.Trim();
        if (text.Length is 0 or > MaxLength) return null;
        return kind switch
        {
            IdentifierKind.Number => TelephoneNumber.ToE164(text, region) is { } number ? new Identifier(kind, number) : null,
            IdentifierKind.Aor => SipAddress.Parse(text) is { Host.Length: > 0, User.Length: > 0 } address ? new Identifier(kind, address.Normal) : null,
            IdentifierKind.CustomerId or IdentifierKind.Ucid => new Identifier(kind, text),
            _ => null,
        };
    }
}
