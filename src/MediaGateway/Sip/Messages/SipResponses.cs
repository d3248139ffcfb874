using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>Makes responses the way RFC 3261 §8.2.6 says: what identifies the request is copied, in order.</summary>
internal static class SipResponses
{
    private static readonly Dictionary<int, string> Phrases = new()
    {
        [100] = "Trying", [180] = "Ringing", [181] = "Call Is Being Forwarded", [182] = "Queued", [183] = "Session Progress",
        [200] = "OK", [202] = "Accepted", [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
        [405] = "Method Not Allowed", [406] = "Not Acceptable", [407] = "Proxy Authentication Required", [408] = "Request Timeout",
        [413] = "Request Entity Too Large", [415] = "Unsupported Media Type", [416] = "Unsupported URI Scheme", [420] = "Bad Extension",
        [421] = "Extension Required", [422] = "Session Interval Too Small", [469] = "Bad Info Package", [480] = "Temporarily Unavailable",
        [481] = "Call/Transaction Does Not Exist", [482] = "Loop Detected", [483] = "Too Many Hops", [486] = "Busy Here",
        [487] = "Request Terminated", [488] = "Not Acceptable Here", [491] = "Request Pending", [500] = "Server Internal Error",
        [501] = "Not Implemented", [503] = "Service Unavailable", [504] = "Server Time-out", [505] = "Version Not Supported",
        [513] = "Message Too Large", [603] = "Decline",
    };

    public static string PhraseOf(int status) => Phrases.GetValueOrDefault(status, "Response");

    /// <summary>A response to <paramref name="request"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="status">100…699.</param>
    /// <param name="toTag">Local tag, added when the request had none; null for 100 (§8.2.6.2).</param>
    /// <param name="phrase">Reason phrase; the RFC's own when null.</param>
    public static SipResponse To(SipRequest request, int status, string? toTag, string? phrase = null)
    {
        var to = request.To.Tag is null && toTag is not null
            ? request.To with { Parameters = request.To.Parameters.With("tag", toTag) }
            : request.To;
        var fields = ImmutableArray.CreateBuilder<SipHeader>();
        foreach (var field in request.Headers)
        {
            if (field.Is(SipHeaderNames.To)) fields.Add(field with { Value = ReferenceEquals(to, request.To) ? field.Value : to.ToString() });
            else if (IsCopied(field)) fields.Add(field);
        }

        return new SipResponse
        {
            Status = status,
            ReasonPhrase = phrase ?? PhraseOf(status),
            Headers = new SipHeaders(fields.ToImmutable()),
            Via = request.Via,
            From = request.From,
            To = to,
            CallId = request.CallId,
            CSeq = request.CSeq,
        };
    }

    /// <summary>
    /// A refusal of something that was not a whole request: echoes those identifying fields that could be read, as they
    /// were written. Null for what gets no answer: a response, an ACK, or something without a Via to send it by.
    /// </summary>
    public static ReadOnlyMemory<byte>? ToMalformed(SipParseFailure failure)
    {
        if (failure.Method is null || failure.Method == SipMethod.Ack || !failure.Headers.Has(SipHeaderNames.Via)) return null;

        var fields = failure.Headers.Where(IsCopied).Append(new SipHeader(SipHeaderNames.ContentLength, "0"));
        return SipWriter.Write($"SIP/2.0 {failure.Status} {failure.Phrase}", [.. fields], default);
    }

    private static bool IsCopied(SipHeader field) =>
        field.Is(SipHeaderNames.Via) || field.Is(SipHeaderNames.From) || field.Is(SipHeaderNames.To)
        || field.Is(SipHeaderNames.CallId) || field.Is(SipHeaderNames.CSeq);
}
