using System.Buffers;
using System.Globalization;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>Messages to bytes (RFC 3261 §7). Content-Length is always written, last, from the body.</summary>
internal static class SipWriter
{
    public static byte[] Write(SipMessage message) => message switch
    {
        SipRequest request => Write($"{request.Method.Name} {request.RequestUri} SIP/2.0", WithLength(message), message.Body.Span),
        SipResponse response => Write(
            string.Create(CultureInfo.InvariantCulture, $"SIP/2.0 {response.Status} {response.ReasonPhrase}"), WithLength(message), message.Body.Span),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Writes a message from its parts.</summary>
    public static byte[] Write(string startLine, IReadOnlyList<SipHeader> headers, ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder(1024).Append(startLine).Append("\r\n");
        foreach (var header in headers) text.Append(header.Name).Append(": ").Append(header.Value).Append("\r\n");
        text.Append("\r\n");

        var writer = new ArrayBufferWriter<byte>(text.Length + body.Length);
        foreach (var chunk in text.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, writer);
        writer.Write(body);
        return writer.WrittenSpan.ToArray();
    }

    private static SipHeader[] WithLength(SipMessage message) =>
    [
        .. message.Headers.Where(header => !header.Is(SipHeaderNames.ContentLength)),
        new SipHeader(SipHeaderNames.ContentLength, message.Body.Length.ToString(CultureInfo.InvariantCulture)),
    ];
}
