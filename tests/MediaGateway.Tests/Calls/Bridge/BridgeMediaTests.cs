using System.Net;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>Protected and plain media on the two sides of a call: RFC 3264, RFC 4568, RFC 5761.</summary>
public sealed class BridgeMediaTests
{
    private const string Plain = "RTP/AVP";
    private const string Protected = "RTP/SAVP";
    private const string Key = "a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";
    private const string OtherKey = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n";
    private readonly FakeRelay _relay = new();

    [Theory]
    [InlineData(Plain, "WithTls", true, Plain)]
    [InlineData(Protected, "WithTls", true, Protected)]
    [InlineData(Protected, "WithTls", false, Plain)]
    [InlineData(Protected, "Allowed", false, Protected)]
    [InlineData(Plain, "Allowed", false, Plain)]
    [InlineData(Plain, "Required", true, Protected)]
    [InlineData(Protected, "Required", true, Protected)]
    public void The_callee_is_offered_what_its_trunk_says_and_the_caller_gets_the_answer_it_offered(string offered, string policy, bool tls, string told)
    {
        var media = Media(new MediaProtection(SrtpPolicy.WithTls, true), new MediaProtection(Enum.Parse<SrtpPolicy>(policy), tls));

        Assert.Equal(OfferOutcome.Taken, media.Offer(Sdp(offered), RelaySide.Caller, out var offer));
        var toCallee = Parse(offer).Media[0];
        Assert.Equal(told, toCallee.Protocol);
        Assert.Equal(told == Protected, toCallee.Attribute("crypto") is not null);
        Assert.True(media.TryAnswer(Sdp(told, told == Protected ? Answering(toCallee) : ""), RelaySide.Callee, out var answer));

        var toCaller = Parse(answer).Media[0];
        var (caller, callee) = (_relay.Streams[0].Sides[RelaySide.Caller], _relay.Streams[0].Sides[RelaySide.Callee]);
        Assert.Equal(offered, toCaller.Protocol);
        Assert.Equal(offered == Protected ? "7 AES_CM_128_HMAC_SHA1_32" : null, toCaller.Attribute("crypto")?.Split(" inline")[0]);
        Assert.Equal((offered == Protected, told == Protected), (caller.Keys is not null, callee.Keys is not null));
        Assert.Equal((offered == Protected, told == Protected), (media.Audio!.IsProtected(RelaySide.Caller), media.Audio.IsProtected(RelaySide.Callee)));
        Assert.DoesNotContain("WVNfX19z", Encoding.UTF8.GetString(offer.Span), StringComparison.Ordinal);
    }

    [Theory] // what is not taken is refused, never carried unprotected
    [InlineData(Protected, "WithTls", false, "WithTls", true)]
    [InlineData(Protected, "Required", false, "WithTls", true)]
    [InlineData(Plain, "Required", true, "WithTls", true)]
    [InlineData(Plain, "WithTls", true, "Required", false)]
    [InlineData("UDP/TLS/RTP/SAVPF", "Allowed", true, "Allowed", true)]
    public void An_offer_against_the_policy_of_either_side_is_refused(string offered, string callerPolicy, bool callerTls, string calleePolicy, bool calleeTls)
    {
        foreach (var passOther in (ReadOnlySpan<bool>)[false, true])
        {
            if (passOther && offered.StartsWith("UDP", StringComparison.Ordinal)) continue;   // not RTP to us: between the ends, as the trunk says
            var media = Media(new MediaProtection(Enum.Parse<SrtpPolicy>(callerPolicy), callerTls), new MediaProtection(Enum.Parse<SrtpPolicy>(calleePolicy), calleeTls), passOther);

            Assert.Equal(OfferOutcome.NothingUsable, media.Offer(Sdp(offered), RelaySide.Caller, out _));
        }

        Assert.Empty(_relay.Streams);
    }

    [Theory] // RFC 4568 §5.1.3
    [InlineData(Plain, "")]
    [InlineData(Protected, "a=crypto:7 AES_CM_128_HMAC_SHA1_80 " + OtherKey)]
    [InlineData(Protected, "")]
    public void An_answer_with_other_protection_than_offered_is_not_taken(string answered, string key)
    {
        var secure = new MediaProtection(SrtpPolicy.WithTls, true);
        var media = Media(secure, secure);
        media.Offer(Sdp(Protected), RelaySide.Caller, out _);

        Assert.False(media.TryAnswer(Sdp(answered, key), RelaySide.Callee, out _));
        Assert.DoesNotContain(RelaySide.Callee, _relay.Streams[0].Sides.Keys);
    }

    [Fact]
    public void A_side_once_protected_is_offered_no_less_when_the_other_side_gives_it_up()
    {
        var secure = new MediaProtection(SrtpPolicy.WithTls, true);
        var media = Media(secure, secure);
        media.Offer(Sdp(Protected), RelaySide.Caller, out var first);
        Assert.True(media.TryAnswer(Sdp(Protected, Answering(Parse(first).Media[0])), RelaySide.Callee, out _));

        media.Offer(Sdp(Plain, version: 2), RelaySide.Caller, out var second);

        Assert.Equal(Protected, Parse(second).Media[0].Protocol);
        Assert.Equal(Parse(first).Media[0].Attribute("crypto"), Parse(second).Media[0].Attribute("crypto"));
    }

    [Fact] // RFC 5761 §5.1.1
    public void One_port_for_RTP_and_RTCP_is_taken_from_the_side_that_offers_it_and_kept()
    {
        var plain = new MediaProtection(SrtpPolicy.WithTls, false);
        var media = Media(plain, plain);

        media.Offer(Sdp(Plain, "a=rtcp-mux\r\n"), RelaySide.Caller, out var offer);
        Assert.True(media.TryAnswer(Sdp(Plain), RelaySide.Callee, out var answer));

        Assert.DoesNotContain("rtcp-mux", Encoding.UTF8.GetString(offer.Span), StringComparison.Ordinal);
        Assert.Contains("a=rtcp-mux", Encoding.UTF8.GetString(answer.Span), StringComparison.Ordinal);
        Assert.Equal((true, false), (_relay.Streams[0].Sides[RelaySide.Caller].RtcpMux, _relay.Streams[0].Sides[RelaySide.Callee].RtcpMux));

        media.Offer(Sdp(Plain, version: 2), RelaySide.Callee, out var later);
        Assert.Contains("a=rtcp-mux", Encoding.UTF8.GetString(later.Span), StringComparison.Ordinal);
        Assert.True(media.TryAnswer(Sdp(Plain, version: 2), RelaySide.Caller, out _));
        Assert.False(_relay.Streams[0].Sides[RelaySide.Caller].RtcpMux);   // it gave it up
    }

    private BridgeMedia Media(MediaProtection caller, MediaProtection callee, bool passOther = false) => new(_relay, new BridgeMediaPlan(
        new Instant(1), IPAddress.Loopback, IPAddress.Loopback, "1", passOther, Fork: true, LearnPort: true, new Protections(caller, callee)));

    private static string Answering(MediaDescription offered) => $"a=crypto:{offered.Attribute("crypto")!.Split(" inline")[0]} {OtherKey}";

    private static SessionDescription Sdp(string protocol, string? more = null, int version = 1) => Parse(Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(ScriptedPeer.Sdp(version, "1.1.1.1", more: more ?? (protocol == Protected ? Key : ""))).Replace("RTP/AVP", protocol, StringComparison.Ordinal)));

    private static SessionDescription Parse(ReadOnlyMemory<byte> bytes)
    {
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(bytes.Span, out var description));
        return description!;
    }
}
