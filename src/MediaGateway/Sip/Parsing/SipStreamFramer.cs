using System.Buffers;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>What the framer found at the head of a stream.</summary>
internal enum SipFrameResult
{
    /// <summary>Not enough octets yet.</summary>
    NeedMore = 0,

    /// <summary>A whole message; the buffer was advanced behind it.</summary>
    Message,

    /// <summary>A keep-alive ping, CRLF CRLF (RFC 5626 §3.5.1): answer with one CRLF.</summary>
    Ping,

    /// <summary>The stream cannot be framed any more: answer if possible and close the connection (RFC 3261 §18.3).</summary>
    Broken,
}

/// <summary>Cuts a byte stream into messages by Content-Length (RFC 3261 §18.3). Pure: the same answer however the octets were split.</summary>
internal sealed class SipStreamFramer(SipLimits limits)
{
    /// <summary>Why the last result was <see cref="SipFrameResult.Broken"/>.</summary>
    public SipParseFailure? Failure { get; private set; }

    /// <summary>Takes the next frame off the head of <paramref name="buffer"/>.</summary>
    public SipFrameResult TryRead(ref ReadOnlySequence<byte> buffer, out byte[] message)
    {
        message = [];
        if (TrySkipLineEnds(ref buffer)) return SipFrameResult.Ping;
        if (buffer.IsEmpty || StartsWithLineEnd(buffer)) return SipFrameResult.NeedMore;

        var head = buffer.Slice(0, Math.Min(buffer.Length, limits.MaxHeaderBytes)).ToArray();
        var end = SipHeaderSection.EndOf(head);
        if (end < 0 && buffer.Length < limits.MaxHeaderBytes) return SipFrameResult.NeedMore;

        var error = SipHeaderSection.TryParse(end < 0 ? head : head.AsSpan(0, end), limits, out var section);
        if (end < 0) return Break(SipParseError.TooLarge, "the header section is too long", section);

        var text = section.Headers.First(SipHeaderNames.ContentLength);
        if (text is null) return Break(SipParseError.ContentLength, "Content-Length is missing on a stream", section);
        if (section.Headers.Count(SipHeaderNames.ContentLength) > 1) return Break(SipParseError.RepeatedHeader, "more than one Content-Length", section);
        if (!SipGrammar.TryParseNumber(text, int.MaxValue, out var length)) return Break(SipParseError.ContentLength, "Content-Length is not a number", section);
        if (length > limits.MaxBodyBytes) return Break(SipParseError.TooLarge, "the body is too long", section);
        if (error == SipParseError.TooManyHeaders) return Break(error, "too many header fields", section);
        if (buffer.Length < end + length) return SipFrameResult.NeedMore;

        message = buffer.Slice(0, end + length).ToArray();
        buffer = buffer.Slice(end + length);
        return SipFrameResult.Message;
    }

    /// <summary>Drops line ends between messages; true when they were a whole ping. Half a ping stays until more comes.</summary>
    private static bool TrySkipLineEnds(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> head = stackalloc byte[4];
        while (StartsWithLineEnd(buffer))
        {
            var length = (int)Math.Min(buffer.Length, head.Length);
            buffer.Slice(0, length).CopyTo(head);
            if (length < head.Length && "\r\n\r\n"u8.StartsWith(head[..length])) return false;

            var isPing = head[..length].SequenceEqual("\r\n\r\n"u8);
            buffer = buffer.Slice(isPing ? head.Length : 1);
            if (isPing) return true;
        }

        return false;
    }

    private static bool StartsWithLineEnd(in ReadOnlySequence<byte> buffer) =>
        !buffer.IsEmpty && (buffer.Slice(0, 1).FirstSpan[0] is (byte)'\r' or (byte)'\n');

    private SipFrameResult Break(SipParseError error, string why, SipHeaderSection section)
    {
        var line = SipStartLine.Parse(section.StartLine);
        Failure = new SipParseFailure(error, why, line.IsResponse || line.Method.Name is null ? null : line.Method, section.Headers);
        return SipFrameResult.Broken;
    }
}
