namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>A request method (RFC 3261 §7.1): a token, compared with case.</summary>
internal readonly record struct SipMethod(string Name)
{
    public static SipMethod Invite { get; } = new("INVITE");
    public static SipMethod Ack { get; } = new("ACK");
    public static SipMethod Bye { get; } = new("BYE");
    public static SipMethod Cancel { get; } = new("CANCEL");
    public static SipMethod Options { get; } = new("OPTIONS");
    public static SipMethod Update { get; } = new("UPDATE");
    public static SipMethod Info { get; } = new("INFO");

    /// <summary>Methods defined by an RFC that this server knows by name and does not offer: 405, where an unheard-of one gets 501 (§8.2.1).</summary>
    private static readonly HashSet<string> NotOffered = new(StringComparer.Ordinal)
    {
        "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER", "PRACK",
    };

    /// <summary>What a recording server answers to, in the order of the Allow header.</summary>
    public static IReadOnlyList<SipMethod> Offered { get; } = [Invite, Ack, Bye, Cancel, Options, Update, Info];

    public bool IsOffered => Offered.Contains(this);

    public bool IsRecognised => IsOffered || NotOffered.Contains(Name);

    public override string ToString() => Name;
}
