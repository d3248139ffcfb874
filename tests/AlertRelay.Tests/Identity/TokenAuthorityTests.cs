using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Identity;

public sealed class TokenAuthorityTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_issued_is_read_back_after_a_restart()
    {
        var sue = new Principal { Subject = "sue", Role = PrincipalRole.Supervisor, Teams = ["billing", "sales"], SeesPersonal = true };
        var token = TokenAuthority.Open(_directory.Path, _time).Issue(sue, TimeSpan.FromMinutes(5));

        var error = TokenAuthority.Open(_directory.Path, _time).TryRead(token, out var caller);

        Assert.Equal(TokenError.None, error);
        Assert.Equal("sue", caller!.Principal.Subject);
        Assert.Equal(["billing", "sales"], caller.Principal.Teams);
        Assert.True(caller.Principal.SeesPersonal);
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(5), caller.ExpiresAt);
    }

    [Fact]
    public void A_token_ends_on_time()
    {
        var authority = TokenAuthority.Open(_directory.Path, _time);
        var token = authority.Issue(RelayServer.Admin, TimeSpan.FromMinutes(5));

        _time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(TokenError.Expired, authority.TryRead(token, out _));
    }

    [Fact]
    public void No_change_of_a_single_character_goes_unnoticed()
    {
        var authority = TokenAuthority.Open(_directory.Path, _time);
        var token = authority.Issue(RelayServer.Admin, TimeSpan.FromMinutes(5));

        for (var at = 0; at < token.Length - 1; at++)
        {
            var changed = token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..];
            Assert.NotEqual(TokenError.None, authority.TryRead(changed, out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ea1.")]
    [InlineData("ea1..")]
    [InlineData("ea1.x.y")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.")]
    public void What_is_no_token_is_refused(string token) =>
        Assert.NotEqual(TokenError.None, TokenAuthority.Open(_directory.Path, _time).TryRead(token, out _));

    [Fact]
    public void A_token_of_another_relay_is_forged_here()
    {
        using var other = new TempDirectory();
        var token = TokenAuthority.Open(other.Path, _time).Issue(RelayServer.Admin, TimeSpan.FromMinutes(5));

        Assert.Equal(TokenError.Forged, TokenAuthority.Open(_directory.Path, _time).TryRead(token, out _));
    }

    [Fact]
    public void The_key_is_its_owners_alone_and_one_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File modes are a Unix matter.");
        TokenAuthority.Open(_directory.Path, _time);
        var path = TokenAuthority.KeyPath(_directory.Path);

#pragma warning disable CA1416 // Skipped on Windows above.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
#pragma warning restore CA1416
        var refused = Assert.Throws<InvalidDataException>(() => TokenAuthority.Open(_directory.Path, _time));

        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_supervisor_without_a_team_is_a_mistake()
    {
        var authority = TokenAuthority.Open(_directory.Path, _time);

        Assert.Throws<ArgumentException>(() => authority.Issue(new Principal { Subject = "sue", Role = PrincipalRole.Supervisor }, TimeSpan.FromHours(1)));
    }
}
