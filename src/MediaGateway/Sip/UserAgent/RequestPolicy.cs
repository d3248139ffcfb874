using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>What a user agent server checks before it looks at what a request means (RFC 3261 §8.2.1 to §8.2.3), in the RFC's order.</summary>
internal static class RequestPolicy
{
    /// <summary>The refusal, or null when the request may be looked at.</summary>
    /// <param name="request">The request.</param>
    /// <param name="profile">What the call layer it goes to offers.</param>
    public static SessionDecision? Check(SipRequest request, SessionProfile profile)
    {
        if (!profile.Methods.Contains(request.Method)) return RefuseMethod(request.Method, profile);
        if (request.Target is null && !profile.TakesAnyTarget) return SessionDecision.Reject(416, "only sip: and sips: addresses are served here");
        return RefuseExtensions(request, profile) ?? RefuseBody(request, profile) ?? RefuseAccept(request);
    }

    private static SessionDecision RefuseMethod(SipMethod method, SessionProfile profile) => new()
    {
        Status = method.IsRecognised ? 405 : 501,
        Headers = [new SipHeader(SipHeaderNames.Allow, profile.Allow)],
    };

    private static SessionDecision? RefuseExtensions(SipRequest request, SessionProfile profile)
    {
        // Neither CANCEL nor ACK may be refused for this (§8.2.2.3).
        if (request.Method == SipMethod.Cancel) return null;
        var unknown = request.Headers.Values(SipHeaderNames.Require)
            .Where(tag => !profile.Extensions.Contains(tag, StringComparer.OrdinalIgnoreCase)).ToList();
        if (unknown.Count == 0) return null;
        return new SessionDecision { Status = 420, Headers = [new SipHeader(SipHeaderNames.Unsupported, string.Join(", ", unknown))] };
    }

    private static SessionDecision? RefuseBody(SipRequest request, SessionProfile profile)
    {
        if (request.Body.IsEmpty || (request.Method != SipMethod.Invite && request.Method != SipMethod.Update)) return null;
        if (IsOptional(request.Headers.First(SipHeaderNames.ContentDisposition))) return null;

        var type = request.Headers.First(SipHeaderNames.ContentType);
        var encoding = request.Headers.First("Content-Encoding");
        if (type is null) return SessionDecision.Reject(400, "a body without Content-Type");
        if (encoding is not (null or "" or "identity"))
            return SessionDecision.Reject(415, "encoded bodies are not read here") with { Headers = [new SipHeader("Accept-Encoding", "identity")] };
        if (profile.Bodies.Any(known => type.StartsWith(known, StringComparison.OrdinalIgnoreCase))) return null;
        return SessionDecision.Reject(415, "see Accept") with { Headers = [new SipHeader(SipHeaderNames.Accept, profile.Accept)] };
    }

    private static SessionDecision? RefuseAccept(SipRequest request)
    {
        // Only for a new session: a recording client asks for metadata alone inside one (RFC 8068 §3.2.4).
        if (request.Method != SipMethod.Invite || request.To.Tag is not null) return null;
        var accepted = request.Headers.Values(SipHeaderNames.Accept);
        if (accepted.IsEmpty || accepted.Any(CoversAnswer)) return null;
        return SessionDecision.Reject(406, "the answer is application/sdp, which Accept does not list");
    }

    private static bool CoversAnswer(string range) =>
        range.StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase) || range.StartsWith("*/*", StringComparison.Ordinal)
        || range.StartsWith("application/*", StringComparison.OrdinalIgnoreCase) || range.StartsWith("application/rs-metadata", StringComparison.OrdinalIgnoreCase);

    private static bool IsOptional(string? disposition) =>
        disposition?.Contains("handling=optional", StringComparison.OrdinalIgnoreCase) == true;
}
