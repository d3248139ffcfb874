using System.Security.Cryptography;
using EdgeAssist.AlertRelay.Tests.Support;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Identity;

/// <summary>Tokens of an OpenID Connect issuer of the test's own, on loopback.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private const string Audience = "edgeassist";

    private readonly TempDirectory _directory = new();
    private readonly RsaSecurityKey _key = new(RSA.Create(2048)) { KeyId = "one" };
    private WebApplication _issuer = null!;
    private RelayServer _server = null!;

    private string Issuer => _issuer.Urls.Single();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _issuer = builder.Build();
        _issuer.Run(async context =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.Rsa.ExportParameters(false)) { KeyId = _key.KeyId });
            object answer = context.Request.Path == "/keys"
                ? new { keys = new[] { new { kty = key.Kty, n = key.N, e = key.E, kid = key.Kid, use = "sig" } } }
                : new { issuer = Issuer, jwks_uri = Issuer + "/keys" };
            await context.Response.WriteAsJsonAsync(answer);
        });
        await _issuer.StartAsync();
        _server = await RelayServer.StartAsync(_directory.Path, options =>
        {
            options.OidcIssuer = Issuer;
            options.OidcAudience = Audience;
            options.OidcTenant = "ours";
            options.Heartbeat = TimeSpan.FromSeconds(1);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
        _key.Rsa.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_token_of_the_issuer_is_let_in_with_its_role_and_teams()
    {
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall(), team: "billing"), Patience.Normal);
        await _server.Sink.PublishAsync(Say.Started(Say.NewCall(), team: "sales"), Patience.Normal);

        var seen = await new V1.Calls.CallsClient(_server.Invoker()).ListAsync(new V1.ListCallsRequest { LiveOnly = true }, Bearer(Token()));

        Assert.Equal(["billing"], seen.Calls.Select(call => call.Team));
    }

    [Fact]
    public async Task Every_token_that_is_not_exactly_right_is_refused()
    {
        using var stranger = RSA.Create(2048);
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alg none"] = Unsigned(),
            ["symmetric, keyed with the public key"] = Token(new SigningCredentials(new SymmetricSecurityKey(_key.Rsa.ExportSubjectPublicKeyInfo()) { KeyId = "one" }, SecurityAlgorithms.HmacSha256)),
            ["another key under the same name"] = Token(new SigningCredentials(new RsaSecurityKey(stranger) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
            ["another audience"] = Token(audience: "another service"),
            ["another issuer"] = Token(issuer: "https://elsewhere.example"),
            ["another tenant"] = Token(tenant: "theirs"),
            ["expired"] = Token(from: -120, until: -60),
            ["from the future"] = Token(from: 300, until: 600),
            ["no role"] = Token(role: null),
            ["role internal"] = Token(role: "internal"),
            ["role as a number"] = Token(role: "3"),
            ["supervisor without a team"] = Token(teams: []),
            ["cut short"] = Token()[..^2],
            ["one bit flipped in the claims"] = Flip(Token()),
        };

        foreach (var (what, token) in wrong)
        {
            var refused = await RawWatch.Alerts(_server.Invoker(), Bearer(token)).FailureAsync(Patience.Normal);
            Assert.True(refused.StatusCode == StatusCode.Unauthenticated, $"{what}: {refused.Status}");
        }
    }

    [Fact]
    public async Task A_stream_ends_within_five_seconds_of_its_tokens_end_and_resumes_with_the_next()
    {
        using (var first = RawWatch.Alerts(_server.Invoker(), Bearer(Token()))) await first.NextAsync(Patience.Normal);   // the keys are there now
        using var watch = RawWatch.Alerts(_server.Invoker(), Bearer(Token(until: 4)));
        await watch.NextAsync(Patience.Normal);

        var ended = await watch.FailureAsync(Patience.Of(30));
        using var resumed = RawWatch.Alerts(_server.Invoker(), Bearer(Token()), ended.ResumeToken());

        Assert.Equal("TOKEN_EXPIRED", ended.Reason());
        Assert.NotNull((await resumed.NextAsync(Patience.Normal)).Hello);
    }

    [Fact]
    public async Task The_relays_own_tokens_are_good_beside_the_issuers()
    {
        using var watch = RawWatch.Alerts(_server.Invoker(), _server.Headers());

        Assert.NotNull((await watch.NextAsync(Patience.Normal)).Hello);
    }

    private static Metadata Bearer(string token) => new() { { "authorization", "Bearer " + token } };

    private string Token(
        SigningCredentials? signing = null, string? issuer = null, string audience = Audience, string tenant = "ours",
        int from = -1, int until = 300, string? role = "supervisor", string[]? teams = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object> { ["sub"] = "sue", ["tid"] = tenant, ["edgeassist_teams"] = teams ?? ["billing"] };
        if (role is not null) claims["edgeassist_role"] = role;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            Audience = audience,
            NotBefore = now.AddSeconds(from),
            Expires = now.AddSeconds(until),
            Claims = claims,
            SigningCredentials = signing ?? new SigningCredentials(_key, SecurityAlgorithms.RsaSha256),
        });
    }

    private string Unsigned()
    {
        var claims = Token().Split('.')[1];
        return Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + claims + ".";
    }

    private static string Flip(string token)
    {
        var parts = token.Split('.');
        parts[1] = (parts[1][0] == 'e' ? 'f' : 'e') + parts[1][1..];
        return string.Join('.', parts);
    }
}
