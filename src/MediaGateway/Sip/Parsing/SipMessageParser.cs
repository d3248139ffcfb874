using System.Diagnostics.CodeAnalysis;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>
/// Bytes to messages (RFC 3261 §7, §25). One strict parser for every transport: accepts any bytes, never throws, and says
/// why it refused. A leniency the RFC allows is taken only where it cannot change what the message means.
/// </summary>
internal static class SipMessageParser
{
    /// <summary>Parses one datagram, or one message cut from a stream.</summary>
    /// <param name="bytes">The message. Octets behind Content-Length are ignored (§18.3).</param>
    /// <param name="limits">Ceilings.</param>
    /// <param name="message">The message; its body is a copy.</param>
    /// <param name="failure">Why not, with what an answer needs.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> bytes, SipLimits limits, [NotNullWhen(true)] out SipMessage? message, [NotNullWhen(false)] out SipParseFailure? failure)
    {
        message = null;
        var start = bytes.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        if (start < 0)
        {
            failure = new SipParseFailure(SipParseError.Empty, "nothing but line ends", null, SipHeaders.Empty);
            return false;
        }

        bytes = bytes[start..];
        var end = SipHeaderSection.EndOf(bytes);
        var headerBytes = bytes[..Math.Min(end < 0 ? bytes.Length : end, limits.MaxHeaderBytes)];
        var error = SipHeaderSection.TryParse(headerBytes, limits, out var section);

        if ((end < 0 ? bytes.Length : end) > limits.MaxHeaderBytes) error = SipParseError.TooLarge;
        else if (end < 0) error = SipParseError.NoHeaderEnd;
        return Interpret(section, error, end < 0 ? [] : bytes[end..], limits, out message, out failure);
    }

    private static bool Interpret(
        SipHeaderSection section, SipParseError error, ReadOnlySpan<byte> rest, SipLimits limits,
        [NotNullWhen(true)] out SipMessage? message, [NotNullWhen(false)] out SipParseFailure? failure)
    {
        message = null;
        var line = SipStartLine.Parse(section.StartLine);
        SipMethod? method = line.IsResponse || line.Method.Name is null ? null : line.Method;

        var (why, parsed) = ("", default(SipCoreHeaders));
        if (line.Error != SipParseError.None) (error, why) = (line.Error, line.Why);
        else if (error != SipParseError.None) why = Describe(error);
        else if ((error = SipCoreHeaders.TryParse(section.Headers, line.IsResponse ? null : line.Method, out parsed, out why)) == SipParseError.None)
            error = TryCutBody(section.Headers, rest, limits, out rest, out why);

        if (error != SipParseError.None || parsed is null)
        {
            failure = new SipParseFailure(error, why, method, section.Headers) { ResponseStatus = line.IsResponse ? line.Status : 0 };
            return false;
        }

        message = line.IsResponse
            ? new SipResponse
            {
                Status = line.Status, ReasonPhrase = line.ReasonPhrase, Headers = section.Headers, Via = parsed.Via, From = parsed.From,
                To = parsed.To, CallId = parsed.CallId, CSeq = parsed.CSeq, Body = rest.ToArray(),
            }
            : new SipRequest
            {
                Method = line.Method, RequestUri = line.RequestUri, Target = line.Target, Headers = section.Headers, Via = parsed.Via,
                From = parsed.From, To = parsed.To, CallId = parsed.CallId, CSeq = parsed.CSeq, Body = rest.ToArray(),
            };
        failure = null;
        return true;
    }

    /// <summary>
    /// Whether a body that is shorter than Content-Length is whole all the same: clients that count line ends as CRLF and send LF, or
    /// count one they do not send. Taken only where the meaning cannot change: on a datagram, which holds one message, for a
    /// multipart body that ends with its closing delimiter, or for two octets at most. A stream is cut by Content-Length before.
    /// </summary>
    private static bool EndsByItself(SipHeaders headers, ReadOnlySpan<byte> body, long length)
    {
        if (body.IsEmpty) return false;
        var missing = length - body.Length;
        if (missing <= 2) return true;

        var type = headers.First(SipHeaderNames.ContentType);
        return missing <= body.Count((byte)'\n') && type?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true
            && body.TrimEnd("\r\n \t"u8).EndsWith("--"u8);
    }

    private static string Describe(SipParseError error) => error switch
    {
        SipParseError.TooLarge => "the header section is too long",
        SipParseError.TooManyHeaders => "too many header fields",
        SipParseError.NoHeaderEnd => "no empty line ends the header fields",
        SipParseError.NotUtf8 => "the header fields are not UTF-8",
        SipParseError.StartLine => "the start line holds a carriage return",
        _ => "a header field is malformed or too long",
    };

    /// <summary>Cuts the body by Content-Length (§20.14); without one a datagram's body goes to its end (§18.3).</summary>
    private static SipParseError TryCutBody(SipHeaders headers, ReadOnlySpan<byte> rest, SipLimits limits, out ReadOnlySpan<byte> body, out string why)
    {
        body = rest;
        why = "";
        if (headers.First(SipHeaderNames.ContentLength) is { } text)
        {
            if (!SipGrammar.TryParseNumber(text, int.MaxValue, out var length))
            {
                why = "Content-Length is not a number";
                return SipParseError.ContentLength;
            }

            if (length > rest.Length && !EndsByItself(headers, rest, length))
            {
                why = "Content-Length is more than the body has";
                return SipParseError.ContentLength;
            }

            body = rest[..(int)Math.Min(length, rest.Length)];
        }

        if (body.Length <= limits.MaxBodyBytes) return SipParseError.None;
        why = "the body is too long";
        return SipParseError.TooLarge;
    }
}
