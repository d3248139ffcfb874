using System.Text.RegularExpressions;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Hosting;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Tests.Calls;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.Options;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip.Auth;

/// <summary>Digest authentication against the whole gateway (RELIABILITY S3).</summary>
public sealed class DigestGatewayTests
{
    [Fact] // RFC 3261 §22.2
    public async Task A_call_of_a_trunk_with_users_is_taken_when_it_is_signed_and_its_replay_is_not()
    {
        await using var gateway = await GatewayHarness.StartAsync(WithUser);
        using var peer = SipPeer.Udp(gateway.Udp);
        var invite = SipTestMessages.Request(SiprecText.Invite() with { SentBy = peer.SentBy });

        await peer.SendAsync(invite.ToBytes());
        var challenge = await peer.ReceiveFinalAsync("INVITE");
        var signed = Client("wonderland").Answer(invite, challenge, "second")!;
        await peer.SendAsync(signed.ToBytes());
        var taken = await peer.ReceiveFinalAsync("INVITE");
        await peer.SendAsync(Moved(signed, "replayed").ToBytes());

        Assert.Equal((401, 200), (challenge.Status, taken.Status));
        SipResponse replay;
        do replay = await peer.ReceiveFinalAsync("INVITE");
        while (replay.Via.Branch != "z9hG4bKreplayed");
        Assert.Equal(401, replay.Status);
        Assert.Contains("stale=true", replay.Headers.First("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Single(gateway.Sink.Calls);
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains("wonderland", StringComparison.Ordinal) || line.Contains("alice", StringComparison.Ordinal));
    }

    [Theory] // no user enumeration: the same answer to everyone
    [InlineData("REGISTER")]
    [InlineData("INVITE")]
    public async Task Known_and_unknown_users_get_answers_that_differ_in_nonce_and_tag_only(string method)
    {
        await using var gateway = await GatewayHarness.StartAsync(WithUser);
        using var peer = SipPeer.Udp(gateway.Udp);
        var answers = new List<string>();

        foreach (var (user, branch) in new[] { ("alice", "a"), ("mallory", "m") })
        {
            var request = SipTestMessages.Request(SiprecText.Invite() with { Method = method, Branch = $"z9hG4bK{branch}", SentBy = peer.SentBy, Body = "", ContentType = "" });
            await peer.SendAsync(request.ToBytes());
            var challenge = await peer.ReceiveFinalAsync(method);
            var signed = new DigestClient(new DigestIdentity("edgeassist", user, "a wrong password", AllowMd5: false), () => "c").Answer(request, challenge, branch + "2")!;
            await peer.SendAsync(signed.ToBytes());
            var refused = await peer.ReceiveFinalAsync(method);
            answers.Add(Regex.Replace($"{refused.Status} {refused.ReasonPhrase} {string.Join('|', refused.Headers.Select(header => $"{header.Name}: {header.Value}"))}", $"nonce=\"[^\"]*\"|tag=[0-9a-f]+|branch=[^;]*", "", RegexOptions.None, TimeSpan.FromSeconds(1)));
        }

        Assert.Equal(answers[0], answers[1]);
        Assert.StartsWith("401 ", answers[0], StringComparison.Ordinal);
    }

    [Theory] // RFC 3261 §22.2, RELIABILITY S3
    [InlineData("edgeassist", "wonderland", 200)]
    [InlineData("edgeassist", "a wrong password", 401)]
    [InlineData("another realm", "wonderland", 401)]
    public async Task A_call_placed_by_us_answers_the_challenge_of_its_realm(string realm, string password, int status)
    {
        await using var gateway = await GatewayHarness.StartAsync(WithUser);
        await using var playout = new FakePlayout();
        var client = new RecordingClient(TimeProvider.System, SipClientChannel.OpenAsync, (_, streams) =>
        {
            playout.Bind(streams);
            return playout;
        }, new DigestIdentity(realm, "alice", password, AllowMd5: false));

        var result = await client.PlaceAsync(new RecordingCallPlan
        {
            Target = gateway.Udp, Streams = [new RecordingCallStream { Label = "agent", Aor = "sip:agent7@pbx.example.net", Encoded = new byte[160] }],
        }, TestContext.Current.CancellationToken);

        Assert.Equal((status, status == 200), (result.Status, result.Succeeded));
    }

    [Fact]
    public async Task OPTIONS_is_answered_without_a_signature()
    {
        await using var gateway = await GatewayHarness.StartAsync(WithUser);
        using var peer = SipPeer.Udp(gateway.Udp);

        await peer.SendAsync((SiprecText.Invite() with { Method = "OPTIONS", SentBy = peer.SentBy, Body = "", ContentType = "" }).ToBytes());

        Assert.Equal(200, (await peer.ReceiveFinalAsync("OPTIONS")).Status);
    }

    [Fact]
    public async Task A_short_password_stops_the_start_with_a_sentence()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayHarness.StartAsync(options =>
        {
            var trunk = new TrunkOptions { Name = "sbc" };
            trunk.Users["alice"] = "short";
            options.Trunks.Add(trunk);
        }));

        Assert.Equal(["Sip:Trunks 'sbc' Users: 'alice' needs a name and a password of 8 characters or more."], error.Failures);
    }

    private static DigestClient Client(string password) => new(new DigestIdentity("edgeassist", "alice", password, AllowMd5: false), () => "c");

    private static SipRequest Moved(SipRequest request, string branch)
    {
        var via = request.Via with { Parameters = request.Via.Parameters.With("branch", Via.MagicCookie + branch) };
        return request with { Via = via, Headers = request.Headers.WithTopVia(via).With("Call-ID", "another").With("From", "<sip:src@example.net>;tag=other") };
    }

    private static void WithUser(SipOptions options)
    {
        var trunk = new TrunkOptions { Name = "sbc" };
        trunk.Users["alice"] = "wonderland";
        options.Trunks.Add(trunk);
    }
}
