namespace EdgeAssist.Client;

/// <summary>What kept the client from going on; trying the same again would not help.</summary>
public enum EdgeAssistError
{
    /// <summary>No token, an expired one, or one of another relay.</summary>
    Unauthenticated,

    /// <summary>The token's role may not do that.</summary>
    Forbidden,

    /// <summary>The server understands the question but not like that.</summary>
    InvalidArgument,

    /// <summary>There is no such alert or call, or it is out of scope.</summary>
    NotFound,

    /// <summary>The alert has changed since the caller looked at it.</summary>
    VersionChanged,

    /// <summary>The action does not fit the alert's state.</summary>
    DoesNotFit,

    /// <summary>The server cannot take it at the moment, or is out of reach. Only from single calls: streams try again.</summary>
    Unavailable,

    /// <summary>The server does not speak this contract.</summary>
    Unsupported,
}

/// <summary>The server said no; the message is a sentence for people.</summary>
public sealed class EdgeAssistException : Exception
{
    public EdgeAssistException(EdgeAssistError error, string reason, string message, Exception? inner = null) : base(message, inner)
    {
        Error = error;
        Reason = reason;
    }

    public EdgeAssistError Error { get; }

    /// <summary>The server's stable word, for example <c>TOKEN_EXPIRED</c>; empty when it gave none.</summary>
    public string Reason { get; }
}
