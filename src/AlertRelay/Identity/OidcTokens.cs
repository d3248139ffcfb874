using System.Globalization;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>How access tokens of an OpenID Connect issuer are read.</summary>
/// <param name="Issuer">Its address; keys come from <c>/.well-known/openid-configuration</c> beneath it.</param>
/// <param name="Audience">What <c>aud</c> must hold.</param>
/// <param name="Tenant">What claim <c>tid</c> must hold; empty: not looked at.</param>
internal sealed record OidcSettings(string Issuer, string Audience, string Tenant);

/// <summary>The issuer's tokens, when an issuer is configured.</summary>
internal sealed record OidcSource(OidcTokens? Tokens);

/// <summary>
/// Access tokens (JWT, RFC 7519; RFC 9068) of one issuer. Signed with an asymmetric key of the issuer's and nothing else;
/// role and teams come from the claims <c>edgeassist_role</c>, <c>edgeassist_teams</c>, <c>edgeassist_personal</c>. The role
/// internal is never given by an issuer.
/// </summary>
internal sealed class OidcTokens
{
    private const string RoleClaim = "edgeassist_role", TeamsClaim = "edgeassist_teams", PersonalClaim = "edgeassist_personal", TenantClaim = "tid";

    // How far clocks may lie apart where that lets nobody in for longer (RFC 7519 §4.1.5).
    private static readonly TimeSpan NotBeforeLeeway = TimeSpan.FromSeconds(60);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };
    private readonly OidcSettings _settings;
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _keys;
    private readonly TimeProvider _time;

    public OidcTokens(OidcSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _keys = new ConfigurationManager<OpenIdConnectConfiguration>(
            settings.Issuer.TrimEnd('/') + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = settings.Issuer.StartsWith("https:", StringComparison.OrdinalIgnoreCase) });
    }

    /// <summary>The caller, or a sentence that says why not.</summary>
    public async Task<(Caller? Caller, string Why)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        OpenIdConnectConfiguration found;
        try
        {
            found = await _keys.GetConfigurationAsync(cancellationToken);
        }
        catch (InvalidOperationException)
        {
            return (null, $"The keys of {_settings.Issuer} cannot be fetched at the moment; the token cannot be checked. Try again.");
        }

        var result = await _handler.ValidateTokenAsync(token, Parameters(found));
        if (result is { IsValid: false, Exception: SecurityTokenSignatureKeyNotFoundException }) _keys.RequestRefresh();   // keys roll
        if (!result.IsValid) return (null, Sentence(result.Exception));

        var read = (JsonWebToken)result.SecurityToken;
        if (_settings.Tenant.Length > 0 && !(read.TryGetPayloadValue<string>(TenantClaim, out var tenant) && tenant == _settings.Tenant))
            return (null, "The access token is of another tenant.");
        return ToPrincipal(read) is { } principal
            ? (new Caller(principal, new DateTimeOffset(read.ValidTo, TimeSpan.Zero)), "")
            : (null, $"The access token gives no role here: claim {RoleClaim} has to be agent, supervisor or admin, and a supervisor needs {TeamsClaim}.");
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration found) => new()
    {
        ValidIssuer = _settings.Issuer,
        ValidAudience = _settings.Audience,
        IssuerSigningKeys = found.SigningKeys,
        RequireSignedTokens = true,
        RequireExpirationTime = true,

        // No symmetric one: a public key must never be taken for a shared secret (RFC 8725 §3.1).
        ValidAlgorithms =
        [
            SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
            SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
            SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
        ],
        LifetimeValidator = (from, until, _, _) => IsInTime(from, until),
    };

    private bool IsInTime(DateTime? from, DateTime? until)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return until is not null && now < until && (from is null || now + NotBeforeLeeway >= from);
    }

    private static Principal? ToPrincipal(JsonWebToken token)
    {
        if (!token.TryGetPayloadValue<string>(RoleClaim, out var word)
            || !System.Enum.TryParse<PrincipalRole>(word, ignoreCase: true, out var role)
            || role is not (PrincipalRole.Agent or PrincipalRole.Supervisor or PrincipalRole.Admin)
            || int.TryParse(word, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
            || string.IsNullOrWhiteSpace(token.Subject)) return null;

        var teams = token.Claims.Where(claim => claim.Type == TeamsClaim).Select(claim => claim.Value).Where(team => team.Length > 0).ToList();
        if (role == PrincipalRole.Supervisor && teams.Count == 0) return null;
        return new Principal
        {
            Subject = token.Subject,
            Role = role,
            Teams = teams,
            SeesPersonal = token.TryGetPayloadValue<bool>(PersonalClaim, out var personal) && personal,
        };
    }

    private static string Sentence(Exception? error) => error switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException =>
            "The access token has expired, is not valid yet, or never ends. Get a new one.",
        SecurityTokenInvalidAudienceException => "The access token is meant for somebody else (aud).",
        SecurityTokenInvalidIssuerException => "The access token is of another issuer (iss).",
        _ => "The access token is not signed by the issuer, or not in a way that is taken.",
    };
}
