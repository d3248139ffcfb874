using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>What the call layer wants answered to an INVITE or an UPDATE.</summary>
internal sealed record SessionDecision
{
    /// <summary>Not decided yet: 100 keeps the client waiting, <see cref="UserAgentCore.Answer"/> follows.</summary>
    public static SessionDecision Later { get; } = new() { Status = 100 };

    public required int Status { get; init; }

    /// <summary>Reason phrase; the RFC's own when null.</summary>
    public string? Reason { get; init; }

    /// <summary>Content-Type of <see cref="Body"/>, null without one.</summary>
    public string? ContentType { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }

    public ImmutableArray<SipHeader> Headers { get; init; } = [];

    /// <summary>For 101 to 199: send it reliably when the peer can (RFC 3262); where the peer requires that, all are.</summary>
    public bool Reliable { get; init; }

    public static SessionDecision Accept(ReadOnlyMemory<byte> sdp) =>
        new() { Status = 200, ContentType = sdp.IsEmpty ? null : "application/sdp", Body = sdp };

    public static SessionDecision Reject(int status, string why) =>
        new() { Status = status, Reason = $"{SipResponses.PhraseOf(status)}: {why}" };
}

/// <summary>Why a session ended.</summary>
internal enum SessionEnd
{
    /// <summary>The peer said BYE.</summary>
    Bye = 0,

    /// <summary>The peer took the INVITE back before it was answered.</summary>
    Cancelled,

    /// <summary>We refused it, or the peer refused or never answered ours.</summary>
    Refused,

    /// <summary>The 200 was never acknowledged (RFC 3261 §13.3.1.4).</summary>
    NoAck,

    /// <summary>The session interval ran out without a refresh (RFC 4028 §10).</summary>
    Expired,

    /// <summary>The peer no longer knows the dialog.</summary>
    Lost,

    /// <summary>We said BYE.</summary>
    Local,
}
