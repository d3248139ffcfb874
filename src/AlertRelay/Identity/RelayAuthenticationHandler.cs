using System.Security.Claims;
using System.Text.Encodings.Web;
using EdgeAssist.AlertRelay.Grpc;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Identity;

/// <summary>
/// Reads the bearer token of a request. Refusals of gRPC calls are gRPC answers (status and sentence in the header block),
/// so that every client shows the sentence and not «HTTP 401».
/// </summary>
internal sealed class RelayAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenAuthority authority, OidcSource oidc)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "EdgeAssist";
    private const string Bearer = "Bearer ";
    private const int MaxJwt = 16 * 1024;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return AuthenticateResult.NoResult();

        var token = header[Bearer.Length..].Trim();
        if (oidc.Tokens is { } issued && !token.StartsWith(TokenAuthority.Prefix, StringComparison.Ordinal))
        {
            if (token.Length > MaxJwt) return AuthenticateResult.Fail("The access token is too long.");
            var (known, why) = await issued.ReadAsync(token, Context.RequestAborted);
            return known is null ? AuthenticateResult.Fail(why) : Success(known);
        }

        var error = authority.TryRead(token, out var caller);
        return error == TokenError.None
            ? Success(caller!)
            : AuthenticateResult.Fail(error switch
            {
                TokenError.Expired => "The access token has expired. Get a new one.",
                TokenError.Forged => "The access token was not made by this relay.",
                _ => "The access token has not the form of one.",
            });
    }

    private AuthenticateResult Success(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller, Scheme.Name)), Scheme.Name));

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        var sentence = result.Failure?.Message ?? "No access token came with the call. Send «authorization: Bearer …».";
        Refuse(StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated, sentence);
        Response.Headers.WWWAuthenticate = "Bearer";
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Refuse(StatusCodes.Status403Forbidden, StatusCode.PermissionDenied, "This token may not do that.");
        return Task.CompletedTask;
    }

    private void Refuse(int httpStatus, StatusCode status, string sentence)
    {
        var type = Request.ContentType ?? "";
        if (!type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        {
            Response.StatusCode = httpStatus;
            return;
        }

        // Trailers-only answer: the status travels in the headers (gRPC over HTTP/2, "Responses").
        Response.ContentType = type;
        Response.Headers["grpc-status"] = ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Response.Headers["grpc-message"] = Uri.EscapeDataString(sentence);
        var reason = status == StatusCode.Unauthenticated ? "NO_TOKEN" : "OUT_OF_SCOPE";
        Response.Headers[RelayStatus.ReasonTrailer] = reason;
        Response.Headers[RelayStatus.DetailsTrailer] = Convert.ToBase64String(RelayStatus.Details(status, reason, sentence));
    }
}
