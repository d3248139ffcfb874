using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>What one side's answer means on the other, and what a status is in the telephone network.</summary>
internal static class CauseMap
{
    /// <summary>The refusal of a first INVITE, from that of the other side; null when it never answered.</summary>
    public static SessionDecision Refusal(SipResponse? response, HeaderPolicy headers)
    {
        if (response is null) return SessionDecision.Reject(408, "the called side did not answer");
        var passed = headers.Pass(response);

        // Where the callee moved to is what a 3xx is for: its Contact is content, not topology (RFC 3261 §21.3).
        if (response.Status < 400) passed = passed.AddRange(response.Headers.Where(field => field.Is(SipHeaderNames.Contact)));
        return new SessionDecision { Status = response.Status, Reason = Phrase(response), Headers = passed };
    }

    /// <summary>
    /// The answer to a request inside the dialog. 408 and 481 would end the dialog they come in (RFC 5057 §5.1): the other
    /// side's end is told by BYE.
    /// </summary>
    public static SessionDecision InsideDialog(SipResponse? response, HeaderPolicy headers) => response is null or { Status: 408 or 481 }
        ? SessionDecision.Reject(500, "the other side did not answer")
        : new SessionDecision { Status = response.Status, Reason = Phrase(response), Headers = headers.Pass(response) };

    /// <summary>The refusal of an offer that cannot be relayed.</summary>
    public static SessionDecision Refusal(OfferOutcome outcome) => outcome == OfferOutcome.NoPort
        ? SessionDecision.Reject(503, "no RTP port is free") with { Headers = [new SipHeader(SipHeaderNames.RetryAfter, "10")] }
        : SessionDecision.Reject(488, "no media line that is relayed here");

    /// <summary>The ISUP cause of a final status (RFC 3398 §7.2.4.1, turned round by §8.2.6.1); 0 for one that has none.</summary>
    public static int Q850(int status) => status switch
    {
        < 200 => 0,
        < 300 => 16,
        400 or 481 or 500 => 41,
        401 or 402 or 403 or 407 or 603 => 21,
        404 or 485 or 604 => 1,
        405 => 63,
        406 or 415 or 501 => 79,
        408 or 504 => 102,
        410 => 22,
        413 or 414 or 416 or 420 or 421 or 423 or 505 or 513 => 127,
        480 => 18,
        482 or 483 => 25,
        484 => 28,
        486 or 600 => 17,
        487 => 16,
        488 or 606 => 65,
        502 => 38,
        503 => 34,
        _ => 31,
    };

    // A phrase of the other side may tell of its network; the RFC's own says as much as the status does.
    private static string? Phrase(SipResponse response) => SipResponses.PhraseOf(response.Status) is "Response" ? response.ReasonPhrase : null;
}
