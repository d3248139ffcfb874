using System.Security.Claims;
using System.Text.Encodings.Web;
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
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenAuthority authority)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "EdgeAssist";
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());

        var error = authority.TryRead(header[Bearer.Length..].Trim(), out var caller);
        return Task.FromResult(error == TokenError.None
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new CallerIdentity(caller!, Scheme.Name)), Scheme.Name))
            : AuthenticateResult.Fail(error switch
            {
                TokenError.Expired => "The access token has expired. Get a new one.",
                TokenError.Forged => "The access token was not made by this relay.",
                _ => "The access token has not the form of one.",
            }));
    }

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
    }
}
