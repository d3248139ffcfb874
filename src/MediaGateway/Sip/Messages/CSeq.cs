using System.Globalization;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>Sequence number and method (RFC 3261 §20.16).</summary>
/// <param name="Number">0…2³¹−1 (§8.1.1.5).</param>
/// <param name="Method">Equal to the method of a request's start line.</param>
internal readonly record struct CSeq(uint Number, SipMethod Method)
{
    public override string ToString() => $"{Number.ToString(CultureInfo.InvariantCulture)} {Method.Name}";
}
