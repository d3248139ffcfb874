using System.Text;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Sdes;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>Protected media of recording sessions: RFC 4568 §5, §7.1, §8.2; never a weaker profile than offered.</summary>
public sealed class RecordingProtectionTests : RecordingRig
{
    private const string First = "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    private const string Second = "4 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj";

    [Theory] // policy, TLS, offered profile: taken or 488
    [InlineData(SrtpPolicy.WithTls, false, "RTP/AVP", true)]
    [InlineData(SrtpPolicy.WithTls, false, "RTP/SAVP", false)]
    [InlineData(SrtpPolicy.WithTls, true, "RTP/AVP", true)]
    [InlineData(SrtpPolicy.WithTls, true, "RTP/SAVP", true)]
    [InlineData(SrtpPolicy.WithTls, true, "RTP/SAVPF", true)]
    [InlineData(SrtpPolicy.WithTls, true, "UDP/TLS/RTP/SAVPF", false)]
    [InlineData(SrtpPolicy.Allowed, false, "RTP/AVP", true)]
    [InlineData(SrtpPolicy.Allowed, false, "RTP/SAVP", true)]
    [InlineData(SrtpPolicy.Required, false, "RTP/AVP", false)]
    [InlineData(SrtpPolicy.Required, false, "RTP/SAVP", false)]   // keys in the clear protect nothing
    [InlineData(SrtpPolicy.Required, true, "RTP/AVP", false)]
    [InlineData(SrtpPolicy.Required, true, "RTP/SAVP", true)]
    internal void A_trunk_s_policy_decides_what_is_taken(SrtpPolicy policy, bool secure, string protocol, bool taken)
    {
        var media = new CallMedia(Media, Now, System.Net.IPAddress.Loopback, "7", new MediaProtection(policy, secure));
        SdpParser.TryParse(Encoding.UTF8.GetBytes(Offer(protocol, First)), out var offer);

        Assert.Equal(taken ? OfferOutcome.Taken : OfferOutcome.NothingUsable, media.TakeOffer(offer, System.Net.IPAddress.Loopback));
        Assert.Equal(taken ? 1 : 0, Media.Legs.Count);
        if (!taken) return;
        Assert.Equal(protocol.Contains("SAVP", StringComparison.Ordinal), Media.Legs.First().Plan.IsProtected);
        SdpParser.TryParse(media.Description, out var answer);
        Assert.Equal(protocol, answer.Media[0].Protocol);
        Assert.Equal(protocol.Contains("SAVP", StringComparison.Ordinal), answer.Media[0].Attribute("crypto") is not null);
    }

    [Fact] // RFC 4568 §5.1.2: the offered tag and suite, and a key of our own
    public void The_answer_has_the_offered_tag_and_our_own_key_and_the_leg_has_both()
    {
        Use(Trunk(SrtpPolicy.Allowed));

        var answer = Sdp(Final(Send(Invite with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", "9 UNKNOWN_SUITE inline:AAAA", Second, First) })));

        var said = Assert.Single(answer.Media[0].Attributes, attribute => attribute.Name == "crypto").Value!;
        Assert.Equal(CryptoError.None, CryptoAttribute.TryParse(said, out var ours));
        Assert.Equal((4, SrtpProfile.AesCm128HmacSha1Tag32), (ours!.Tag, ours.Profile));
        Assert.DoesNotContain("NzB4d1BINUAvLEw6UzF3WSJ", said, StringComparison.Ordinal);
        Assert.True(Media.Legs.First().Plan.IsProtected);
    }

    [Theory] // RFC 4568 §7.1.2: what cannot be agreed is refused, never carried unprotected
    [InlineData("")]
    [InlineData("1 UNKNOWN inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:tooshort")]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz UNENCRYPTED_SRTP")]
    public void Without_a_usable_key_a_protected_line_is_refused(string crypto)
    {
        Use(Trunk(SrtpPolicy.Allowed));

        Assert.Equal(488, Final(Send(Invite with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", crypto) })).Status);
        Assert.Empty(Media.Legs);
    }

    [Fact] // a protected line beside a plain one: each in its own profile
    public void A_line_that_cannot_be_protected_has_port_0_beside_one_that_is_taken()
    {
        Use(Trunk(SrtpPolicy.WithTls));

        var answer = Sdp(Final(Send(Invite with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", First) + "m=audio 40010 RTP/AVP 0\r\na=sendonly\r\n" })));

        Assert.Equal([("RTP/SAVP", true), ("RTP/AVP", false)], answer.Media.Select(line => (line.Protocol, line.Port == 0)));
    }

    [Fact] // RFC 4568 §7.1.4: the same key again keeps ours, a new one brings a new one
    public void Our_key_stays_while_the_client_keeps_its_own()
    {
        Use(Trunk(SrtpPolicy.Allowed));
        var ok = Final(Send(Invite with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", First) }));
        var (first, tag) = (Sdp(ok), ok.To.Tag!);
        Send(Inside("ACK", tag, 1));

        var same = Sdp(Final(Send(Inside("UPDATE", tag, 2) with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", First) })));
        var changed = Sdp(Final(Send(Inside("UPDATE", tag, 3, "z9hG4bKnew") with { ContentType = "application/sdp", Body = Offer("RTP/SAVP", Second) })));

        Assert.Equal(first.Media[0].Attribute("crypto"), same.Media[0].Attribute("crypto"));
        Assert.Equal(1ul, same.Origin.Version);
        Assert.NotEqual(first.Media[0].Attribute("crypto"), changed.Media[0].Attribute("crypto"));
        Assert.Equal(1, Media.Legs.Single().Updates);
    }

    [Fact] // the other way round: nothing that was protected becomes plain without a new description that says so, and Required takes none
    public void A_required_trunk_refuses_to_fall_back_in_a_re_INVITE_and_makes_no_plain_offer()
    {
        var media = new CallMedia(Media, Now, System.Net.IPAddress.Loopback, "7", new MediaProtection(SrtpPolicy.Required, true));
        SdpParser.TryParse(Encoding.UTF8.GetBytes(Offer("RTP/SAVP", First)), out var offer);
        SdpParser.TryParse(Encoding.UTF8.GetBytes(Offer("RTP/AVP", First)), out var plain);

        Assert.Equal(OfferOutcome.Taken, media.TakeOffer(offer, System.Net.IPAddress.Loopback));
        Assert.Equal(OfferOutcome.NothingUsable, media.TakeOffer(plain, System.Net.IPAddress.Loopback));
        Assert.False(Media.Legs.Single().IsDisposed);
        Assert.Equal(OfferOutcome.NothingUsable, new CallMedia(Media, Now, System.Net.IPAddress.Loopback, "8", new MediaProtection(SrtpPolicy.Required, true)).MakeOffer([new MediaFormat(0, "PCMU", 8000, 1, "")]));
    }

    private static RecordingSettings Trunk(SrtpPolicy policy) => new() { Trunks = [new Trunk { Srtp = policy }] };

    private static string Offer(string protocol, params string[] crypto) =>
        $"v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 {protocol} 0\r\na=label:1\r\n"
        + string.Concat(crypto.Where(line => line.Length > 0).Select(line => $"a=crypto:{line}\r\n")) + "a=sendonly\r\n";
}
