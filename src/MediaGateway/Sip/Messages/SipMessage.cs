using System.Globalization;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>A message whose mandatory header fields are there and well-formed (RFC 3261 §8.1.1).</summary>
internal abstract record SipMessage
{
    /// <summary>All header fields in order; Content-Length is written from the body.</summary>
    public required SipHeaders Headers { get; init; }

    /// <summary>Topmost Via.</summary>
    public required Via Via { get; init; }

    public required NameAddress From { get; init; }

    public required NameAddress To { get; init; }

    public required string CallId { get; init; }

    public required CSeq CSeq { get; init; }

    public ReadOnlyMemory<byte> Body { get; init; }
}

/// <summary>A request (RFC 3261 §7.1).</summary>
internal sealed record SipRequest : SipMessage
{
    public required SipMethod Method { get; init; }

    /// <summary>Request-URI as received; any scheme.</summary>
    public required string RequestUri { get; init; }

    /// <summary>Request-URI taken apart, null when its scheme is neither sip nor sips.</summary>
    public SipUri? Target { get; init; }

    public override string ToString() => $"{Method.Name} (CSeq {CSeq.Number.ToString(CultureInfo.InvariantCulture)})";
}

/// <summary>A response (RFC 3261 §7.2).</summary>
internal sealed record SipResponse : SipMessage
{
    /// <summary>100…699.</summary>
    public required int Status { get; init; }

    public required string ReasonPhrase { get; init; }

    public bool IsProvisional => Status < 200;

    public bool IsSuccess => Status is >= 200 and < 300;

    public bool IsFinal => Status >= 200;

    public override string ToString() => $"{Status.ToString(CultureInfo.InvariantCulture)} (CSeq {CSeq})";
}
