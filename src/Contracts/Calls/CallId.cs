namespace EdgeAssist.Contracts;

/// <summary>Names one call inside EdgeAssist, from its first INVITE to its report. Opaque, unique across restarts and gateways.</summary>
public readonly record struct CallId(string Value)
{
    /// <summary>The id made from a time-ordered UUID (RFC 9562, version 7), 32 hexadecimal digits.</summary>
    public static CallId From(Guid id) => new(id.ToString("N"));

    public override string ToString() => Value;
}

/// <summary>Names one leg of a call: 0, 1, … in the order of the media lines.</summary>
public readonly record struct LegId(int Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
