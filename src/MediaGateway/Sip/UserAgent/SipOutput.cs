using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>Bytes for the wire.</summary>
/// <param name="Flow">Where to.</param>
/// <param name="Bytes">The message.</param>
/// <param name="Status">Status of a response, 0 for a request: for counting.</param>
internal readonly record struct SipOutput(SipFlow Flow, ReadOnlyMemory<byte> Bytes, int Status)
{
    public static SipOutput Of(SipFlow flow, SipMessage message) =>
        new(flow, Parsing.SipWriter.Write(message), message is SipResponse response ? response.Status : 0);
}
