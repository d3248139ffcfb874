namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>Names of the header fields this stack reads or writes, and the compact forms (RFC 3261 §7.3.3 and the IANA registry).</summary>
internal static class SipHeaderNames
{
    public const string Accept = "Accept";
    public const string Allow = "Allow";
    public const string Authorization = "Authorization";
    public const string CallId = "Call-ID";
    public const string Contact = "Contact";
    public const string ContentDisposition = "Content-Disposition";
    public const string ContentLength = "Content-Length";
    public const string ContentType = "Content-Type";
    public const string CSeq = "CSeq";
    public const string From = "From";
    public const string MaxForwards = "Max-Forwards";
    public const string MinSE = "Min-SE";
    public const string ProxyAuthenticate = "Proxy-Authenticate";
    public const string ProxyAuthorization = "Proxy-Authorization";
    public const string RAck = "RAck";
    public const string Reason = "Reason";
    public const string RecordRoute = "Record-Route";
    public const string ReferTo = "Refer-To";
    public const string Replaces = "Replaces";
    public const string Require = "Require";
    public const string RetryAfter = "Retry-After";
    public const string Route = "Route";
    public const string RSeq = "RSeq";
    public const string Server = "Server";
    public const string SessionExpires = "Session-Expires";
    public const string Supported = "Supported";
    public const string To = "To";
    public const string Unsupported = "Unsupported";
    public const string UserAgent = "User-Agent";
    public const string UserToUser = "User-to-User";
    public const string Via = "Via";
    public const string WwwAuthenticate = "WWW-Authenticate";

    private static readonly Dictionary<string, string> Compact = new(StringComparer.OrdinalIgnoreCase)
    {
        ["a"] = "Accept-Contact", ["b"] = "Referred-By", ["c"] = ContentType, ["d"] = "Request-Disposition",
        ["e"] = "Content-Encoding", ["f"] = From, ["i"] = CallId, ["j"] = "Reject-Contact", ["k"] = Supported,
        ["l"] = ContentLength, ["m"] = Contact, ["n"] = "Identity-Info", ["o"] = "Event", ["r"] = ReferTo,
        ["s"] = "Subject", ["t"] = To, ["u"] = "Allow-Events", ["v"] = Via, ["x"] = SessionExpires, ["y"] = "Identity",
    };

    /// <summary>The long form of a compact name; any other name unchanged.</summary>
    public static string Expand(string name) => name.Length == 1 && Compact.TryGetValue(name, out var full) ? full : name;

    /// <summary>Header fields that may stand in a message once at most (RFC 3261 §7.3.1 and table 2).</summary>
    public static IReadOnlyList<string> Single { get; } =
        [From, To, CallId, CSeq, MaxForwards, ContentLength, ContentType, SessionExpires, MinSE];
}
