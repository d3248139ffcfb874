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
    public static SipMethod Prack { get; } = new("PRACK");
    public static SipMethod Refer { get; } = new("REFER");
    public static SipMethod Notify { get; } = new("NOTIFY");
    public static SipMethod Message { get; } = new("MESSAGE");

    /// <summary>Methods defined by an RFC: one of these that is not offered gets 405, where an unheard-of one gets 501 (§8.2.1).</summary>
    private static readonly HashSet<string> Defined = new(StringComparer.Ordinal)
    {
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "REGISTER", "MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER", "PRACK",
    };

    public bool IsRecognised => Defined.Contains(Name);

    public override string ToString() => Name;
}
