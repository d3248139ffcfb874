using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>What the signalling loop is fed: a message, something that was none, or neither, which only wakes it.</summary>
internal readonly record struct SipInput(SipMessage? Message, SipParseFailure? Failure, SipFlow Flow)
{
    /// <summary>The transport answered the failure itself, because its connection ends with it: only to be counted.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>The connection of <see cref="Flow"/>, which a message wanted to leave by, could not be opened.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>The connection of <see cref="Flow"/> brings nothing more: what waits for an answer over it has to be said again elsewhere.</summary>
    public bool IsLost { get; init; }

    /// <summary>Its source asks for calls faster than it may: only to be refused.</summary>
    public bool IsOverLimit { get; init; }

    /// <summary>Parses what a transport received.</summary>
    public static SipInput Parse(ReadOnlySpan<byte> bytes, SipLimits limits, SipFlow flow) =>
        SipMessageParser.TryParse(bytes, limits, out var message, out var failure)
            ? new SipInput(message, null, flow)
            : new SipInput(null, failure, flow);
}
