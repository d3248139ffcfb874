using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Sip.Auth;

/// <summary>Who we are to one peer. Prints without the password.</summary>
/// <param name="Realm">The realm the credentials are for; challenges of another one get nothing.</param>
/// <param name="User">User name.</param>
/// <param name="Password">Password.</param>
/// <param name="AllowMd5">Whether a challenge with MD5 is answered.</param>
internal sealed record DigestIdentity(string Realm, string User, string Password, bool AllowMd5)
{
    public override string ToString() => $"{User} in {Realm} (password not shown)";
}

/// <summary>
/// Digest authentication as a client (RFC 3261 §22.2, RFC 8760 §2.4), for one call to one peer. Answers challenges of the
/// configured realm only, takes the strongest algorithm it may, and never says the same credentials twice to a server that refused them.
/// </summary>
/// <param name="identity">Who we are.</param>
/// <param name="newToken">Makes an unpredictable token for cnonce.</param>
internal sealed class DigestClient(DigestIdentity identity, Func<string> newToken) : IChallengeResponder
{
    private const int MaxAnswers = 8;   // a call has few requests; a server that finds every nonce stale is broken

    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private int _answers;

    public SipRequest? Answer(SipRequest request, SipResponse challenge, string branch)
    {
        var (asks, says) = challenge.Status == 407
            ? (SipHeaderNames.ProxyAuthenticate, SipHeaderNames.ProxyAuthorization)
            : (SipHeaderNames.WwwAuthenticate, SipHeaderNames.Authorization);
        if (Choose(challenge.Headers, asks) is not { } chosen || _answers >= MaxAnswers) return null;

        // The request had credentials for this realm and they were refused: only an old nonce is a reason to try again.
        var wasAnswered = request.Headers.Any(field => field.Is(says) && DigestCredentials.TryParse(field.Value, out var sent) && sent.Realm == chosen.Realm);
        if (wasAnswered && (!chosen.IsStale || !_refused.Add(chosen.Nonce))) return null;

        _answers++;
        var credentials = Sign(request, chosen);
        var via = request.Via with { Parameters = request.Via.Parameters.With("branch", Via.MagicCookie + branch) };
        var cseq = request.CSeq with { Number = request.CSeq.Number + 1 };
        return request with
        {
            Via = via,
            CSeq = cseq,
            Headers = request.Headers.WithTopVia(via).With(SipHeaderNames.CSeq, cseq.ToString()).With(says, credentials.ToHeader()),
        };
    }

    private DigestChallenge? Choose(SipHeaders headers, string asks) => headers.Where(field => field.Is(asks))
        .Select(field => DigestChallenge.TryParse(field.Value, out var challenge) ? challenge : null).OfType<DigestChallenge>()
        .Where(challenge => challenge.Realm == identity.Realm && (challenge.Algorithm == DigestAlgorithm.Sha256 || identity.AllowMd5))
        .MinBy(challenge => challenge.Algorithm);

    private DigestCredentials Sign(SipRequest request, DigestChallenge challenge)
    {
        var unsigned = new DigestCredentials
        {
            User = identity.User, Realm = challenge.Realm, Nonce = challenge.Nonce, Uri = request.RequestUri, Algorithm = challenge.Algorithm,
            Opaque = challenge.Opaque, Qop = challenge.HasQop ? "auth" : null, Count = 1.ToString("x8", CultureInfo.InvariantCulture), ClientNonce = newToken(),
        };
        var secret = DigestHash.Secret(challenge.Algorithm, identity.User, challenge.Realm, identity.Password);
        return unsigned with { Response = DigestHash.Response(challenge.Algorithm, secret, request.Method.Name, unsigned) };
    }
}
