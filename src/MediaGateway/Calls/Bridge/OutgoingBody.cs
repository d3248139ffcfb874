using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>The body of the called side's INVITE: our description, and what else the caller's body carries that the trunk passes on.</summary>
/// <param name="ContentType">Of the whole body; empty when there is none.</param>
/// <param name="Content">The octets.</param>
internal readonly record struct OutgoingBody(string ContentType, ReadOnlyMemory<byte> Content)
{
    /// <summary>
    /// Where the caller is (RFC 6442 §3: PIDF-LO, which Geolocation points to), data about an emergency (RFC 7852), and the
    /// telephone network's own signalling (RFC 3204).
    /// </summary>
    public static ImmutableArray<string> DefaultPassBodies { get; } =
        ["application/pidf+xml", "application/emergencycalldata.*", "application/isup", "application/qsig"];

    /// <summary>The body.</summary>
    /// <param name="incoming">The caller's INVITE, whose body has been read without fault.</param>
    /// <param name="sdp">Our description; empty leaves the offer to the callee.</param>
    /// <param name="passed">Media types that go on, lower case; a <c>*</c> at the end for any ending.</param>
    /// <param name="newToken">For the boundary.</param>
    public static OutgoingBody Make(SipRequest incoming, ReadOnlyMemory<byte> sdp, ImmutableArray<string> passed, Func<string> newToken)
    {
        var parts = Others(incoming, passed);
        if (parts.IsEmpty) return new OutgoingBody(sdp.IsEmpty ? "" : "application/sdp", sdp);

        if (sdp.IsEmpty && parts is [var only] && only.ContentId.Length == 0) return new OutgoingBody(only.TypeField, only.Content);

        var boundary = "part-" + newToken();
        var bytes = new ArrayBufferWriter<byte>();
        if (!sdp.IsEmpty) WritePart(bytes, boundary, "Content-Type: application/sdp\r\n", sdp.Span);
        foreach (var part in parts) WritePart(bytes, boundary, HeadOf(part), part.Content.Span);
        Write(bytes, $"--{boundary}--\r\n");
        return new OutgoingBody($"multipart/mixed;boundary={boundary}", bytes.WrittenMemory);
    }

    private static ImmutableArray<BodyPart> Others(SipRequest incoming, ImmutableArray<string> passed)
    {
        if (incoming.Body.IsEmpty) return [];
        var error = MultipartReader.TryRead(
            incoming.Headers.First(SipHeaderNames.ContentType) ?? "", incoming.Headers.First(SipHeaderNames.ContentDisposition) ?? "", "", incoming.Body, out var parts);
        return error == BodyError.None ? [.. parts.Where(part => !part.IsUnderstood && passed.Any(type => Fits(type, part.ContentType)))] : [];
    }

    private static bool Fits(string listed, string type) => listed.EndsWith('*') ? type.StartsWith(listed[..^1], StringComparison.Ordinal) : type == listed;

    private static string HeadOf(BodyPart part)
    {
        var head = new StringBuilder($"Content-Type: {part.TypeField}\r\n");
        if (part.ContentId.Length > 0) head.Append("Content-ID: ").Append(part.ContentId).Append("\r\n");
        if (part.DispositionField.Length > 0) head.Append("Content-Disposition: ").Append(part.DispositionField).Append("\r\n");
        return head.ToString();
    }

    private static void WritePart(ArrayBufferWriter<byte> bytes, string boundary, string head, ReadOnlySpan<byte> content)
    {
        Write(bytes, $"--{boundary}\r\n{head}\r\n");
        bytes.Write(content);
        Write(bytes, "\r\n");
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string text) => Encoding.UTF8.GetBytes(text, bytes);
}
