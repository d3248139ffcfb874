using System.Net;
using System.Security.Cryptography;
using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip.Auth;

public sealed class DigestTests
{
    private static readonly IPAddress s_peer = IPAddress.Parse("192.0.2.1");
    private static readonly Instant s_now = new(TimeSpan.FromHours(1).Ticks);
    private static readonly TimeSpan s_lifetime = TimeSpan.FromSeconds(60);

    private readonly DigestNonces _nonces = new(new byte[32], s_lifetime);
    private readonly DigestUsers _users = new("edge", [new("alice", "wonderland")], "no password at all");
    private readonly DigestServer _server;
    private readonly SipRequest _request = SipTestMessages.Request(SiprecText.Invite());
    private int _token;

    public DigestTests() => _server = new DigestServer("edge", _nonces, allowMd5: false);

    [Theory] // RFC 7616 §3.9.1, RFC 2617 §3.5
    [InlineData("MD5", "http-auth@example.org", "Circle of Life", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "http-auth@example.org", "Circle of Life", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("MD5", "testrealm@host.com", "Circle Of Life", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b", "6629fae49393a05397450978507c4ef1")]
    public void The_response_is_that_of_the_standards_examples(string name, string realm, string password, string nonce, string clientNonce, string response)
    {
        Assert.True(DigestHash.TryParse(name, out var algorithm));

        Assert.Equal(response, DigestHash.Response(algorithm, DigestHash.Secret(algorithm, "Mufasa", realm, password), "GET", new DigestCredentials
        {
            User = "Mufasa", Realm = realm, Nonce = nonce, Uri = "/dir/index.html", Qop = "auth", Count = "00000001", ClientNonce = clientNonce,
        }));
    }

    [Fact] // RFC 3261 §22
    public void A_request_with_the_right_credentials_is_good_once()
    {
        var answered = Answered();

        Assert.Equal(DigestVerdict.Good, Check(answered));
        Assert.Equal(DigestVerdict.Stale, Check(answered));   // RELIABILITY S3: a replay
    }

    [Fact] // RFC 8760 §2.3
    public void The_challenge_offers_SHA_256_and_MD5_only_when_switched_on()
    {
        Assert.Equal(["SHA-256"], Algorithms(_server));
        Assert.Equal(["SHA-256", "MD5"], Algorithms(new DigestServer("edge", _nonces, allowMd5: true)));

        static IEnumerable<string> Algorithms(DigestServer server) => server.Challenge(s_peer, false, new byte[8], s_now)
            .Select(header => DigestChallenge.TryParse(header.Value, out var challenge) ? DigestHash.NameOf(challenge.Algorithm) : "unreadable");
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("mallory", "wonderland")]
    [InlineData("nobody", "no password at all")]    // the stand-in for everyone unknown is no user
    [InlineData("", "")]
    public void A_wrong_password_and_an_unknown_user_get_the_same_answer(string user, string password) =>
        Assert.Equal(DigestVerdict.Wrong, Check(Answered(new DigestIdentity("edge", user, password, AllowMd5: false))));

    [Fact]
    public void MD5_is_not_taken_unless_switched_on()
    {
        var withMd5 = new DigestServer("edge", _nonces, allowMd5: true);
        var md5 = withMd5.Challenge(s_peer, false, new byte[8], s_now)[1..];
        var answered = new DigestClient(new DigestIdentity("edge", "alice", "wonderland", AllowMd5: true), NewToken).Answer(_request, Response(401, md5), "b")!;

        Assert.Equal(DigestVerdict.Wrong, Check(answered));
        Assert.Equal(DigestVerdict.Good, withMd5.Check(answered, _users, s_peer, s_now));
    }

    [Fact] // RFC 7616 §3.4: nc
    public void A_count_must_go_up()
    {
        var nonce = _nonces.Make(s_peer, new byte[8], s_now);

        Assert.True(_nonces.TryUse(nonce, 1, s_now));
        Assert.True(_nonces.TryUse(nonce, 3, s_now));
        Assert.False(_nonces.TryUse(nonce, 3, s_now));
        Assert.False(_nonces.TryUse(nonce, 2, s_now));
        Assert.True(_nonces.TryUse(nonce, 4, s_now));
    }

    [Fact] // RFC 7616 §3.3: stale
    public void Credentials_with_an_old_nonce_are_stale_and_answered_again_without_a_question()
    {
        var old = Answered();
        var later = s_now + s_lifetime;

        Assert.Equal(DigestVerdict.Stale, _server.Check(old, _users, s_peer, later));
        var client = new DigestClient(new DigestIdentity("edge", "alice", "wonderland", AllowMd5: false), NewToken);
        var again = client.Answer(old, Response(401, _server.Challenge(s_peer, stale: true, new byte[8], later)), "b2");

        Assert.Equal(DigestVerdict.Good, _server.Check(again!, _users, s_peer, later));
    }

    [Fact]
    public void A_nonce_given_to_one_source_is_worth_nothing_to_another() =>
        Assert.Equal(DigestVerdict.Stale, _server.Check(Answered(), _users, IPAddress.Parse("192.0.2.2"), s_now));

    [Fact]
    public void Credentials_of_one_request_do_not_fit_another()
    {
        var answered = Answered();

        Assert.Equal(DigestVerdict.Wrong, Check(answered with { Method = SipMethod.Options }));
        Assert.Equal(DigestVerdict.Wrong, Check(answered with { RequestUri = "sip:other@example.com", Target = null }));
    }

    [Fact]
    public void A_nonce_changed_in_any_place_is_not_ours()
    {
        var nonce = _nonces.Make(s_peer, RandomNumberGenerator.GetBytes(8), s_now);

        Assert.True(_nonces.IsGood(nonce, s_peer, s_now));
        for (var i = 0; i < nonce.Length - 1; i++)   // the last digit has bits that stand for nothing
            Assert.False(_nonces.IsGood(nonce[..i] + (nonce[i] == 'A' ? 'B' : 'A') + nonce[(i + 1)..], s_peer, s_now), $"digit {i}");
    }

    [Fact]
    public void Used_nonces_are_forgotten_when_they_expire_and_never_more_are_kept_than_allowed()
    {
        for (var i = 0; i < DigestNonces.MaxUsed; i++) Assert.True(_nonces.TryUse($"n{i}", 1, s_now));

        Assert.False(_nonces.TryUse("one more", 1, s_now));
        Assert.True(_nonces.TryUse("later", 1, s_now + s_lifetime));
        Assert.Equal(1, _nonces.UsedCount);
    }

    [Fact] // RELIABILITY S3, CVE-2021-41158
    public void A_challenge_of_another_realm_gets_no_credentials()
    {
        var client = new DigestClient(new DigestIdentity("edge", "alice", "wonderland", AllowMd5: true), NewToken);

        Assert.Null(client.Answer(_request, Response(401, [new SipHeader("WWW-Authenticate", "Digest realm=\"evil\", nonce=\"1\", algorithm=MD5")]), "b"));
        Assert.Null(client.Answer(_request, Response(401, [new SipHeader("Proxy-Authenticate", "Digest realm=\"edge\", nonce=\"1\", algorithm=MD5")]), "b"));
        Assert.NotNull(client.Answer(_request, Response(407, [new SipHeader("Proxy-Authenticate", "Digest realm=\"edge\", nonce=\"1\", algorithm=MD5")]), "b"));
    }

    [Fact] // RFC 3261 §22.2
    public void Credentials_that_were_refused_are_not_said_again()
    {
        var client = new DigestClient(new DigestIdentity("edge", "alice", "wrong", AllowMd5: false), NewToken);
        var first = client.Answer(_request, Response(401, _server.Challenge(s_peer, false, new byte[8], s_now)), "b1")!;

        Assert.Null(client.Answer(first, Response(401, _server.Challenge(s_peer, false, new byte[8], s_now)), "b2"));
    }

    [Fact] // RFC 8760 §2.4
    public void Of_several_challenges_SHA_256_is_answered_whatever_their_order()
    {
        var client = new DigestClient(new DigestIdentity("edge", "alice", "wonderland", AllowMd5: true), NewToken);
        var challenges = new DigestServer("edge", _nonces, allowMd5: true).Challenge(s_peer, false, new byte[8], s_now).Reverse();

        Assert.Contains("algorithm=SHA-256", client.Answer(_request, Response(401, [.. challenges]), "b")!.Headers.First("Authorization"), StringComparison.Ordinal);
    }

    [Fact] // RFC 3261 §22.2: the next number and a new branch
    public void The_answer_is_a_new_request()
    {
        var answered = Answered();

        Assert.Equal((_request.CSeq.Number + 1, "z9hG4bKb", _request.CallId), (answered.CSeq.Number, answered.Via.Branch, answered.CallId));
        Assert.Equal(answered.CSeq.ToString(), answered.Headers.First("CSeq"));
        Assert.IsType<SipRequest>(SipTestMessages.Parse(MediaGateway.Sip.Parsing.SipWriter.Write(answered)));
    }

    [Theory]
    [InlineData("Basic realm=\"edge\"")]
    [InlineData("Digest")]
    [InlineData("Digest realm=\"edge\"")]
    [InlineData("Digest realm=\"edge\", nonce=\"1\", nonce=\"2\"")]
    [InlineData("Digest realm=\"edge\", nonce=\"1")]
    [InlineData("Digest realm=\"edge\", nonce=\"1\", algorithm=SHA-256-sess")]
    [InlineData("Digest realm=\"edge\", nonce=\"1\", algorithm=SHA-256, qop=\"auth-int\"")]
    [InlineData("Digest realm=\"edge\", nonce=\"\"")]
    public void A_challenge_that_cannot_be_answered_is_refused(string header) => Assert.False(DigestChallenge.TryParse(header, out _));

    [Fact] // RELIABILITY Z4
    public void Any_text_is_parsed_or_refused_and_never_throws() => Gen.OneOf(
        Gen.String, Gen.String.Select(text => "Digest " + text), Gen.Char["abc=\",\\ nonce"].Array[0, 80].Select(text => "Digest realm=\"" + new string(text))).Sample(text =>
    {
        if (DigestChallenge.TryParse(text, out var challenge)) Assert.NotEmpty(challenge.Nonce);
        if (DigestCredentials.TryParse(text, out var credentials)) Assert.NotNull(credentials.User);
        Assert.False(_nonces.IsGood(text, s_peer, s_now));
    });

    [Fact]
    public void What_is_written_is_read_again() => Gen.Select(Gen.Char["ab\\\", =ü"].Array[0, 12], Gen.Char["xy\\\""].Array[1, 12]).Sample((user, nonce) =>
    {
        var credentials = new DigestCredentials { User = new string(user), Realm = "r", Nonce = new string(nonce), Uri = "sip:a@h", Response = "00", Qop = "auth", Count = "00000001", ClientNonce = "c" };

        Assert.True(DigestCredentials.TryParse(credentials.ToHeader(), out var read));
        Assert.Equal(credentials, read);
    });

    private SipRequest Answered(DigestIdentity? identity = null)
    {
        var client = new DigestClient(identity ?? new DigestIdentity("edge", "alice", "wonderland", AllowMd5: false), NewToken);
        return client.Answer(_request, Response(401, _server.Challenge(s_peer, false, RandomNumberGenerator.GetBytes(8), s_now)), "b")!;
    }

    private DigestVerdict Check(SipRequest request) => _server.Check(request, _users, s_peer, s_now);

    private SipResponse Response(int status, IEnumerable<SipHeader> headers)
    {
        var response = SipTestMessages.Answer(_request, status);
        return response with { Headers = headers.Aggregate(response.Headers, (list, header) => list.Add(header.Name, header.Value)) };
    }

    private string NewToken() => $"token{_token++}";
}
