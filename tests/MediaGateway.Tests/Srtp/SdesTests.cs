using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Sdes;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary><c>a=crypto</c>: RFC 4568.</summary>
public sealed class SdesTests
{
    /// <summary>The example of RFC 4568 §4: 30 octets.</summary>
    private const string Key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    [Theory]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^20|1:4")]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}")]
    [InlineData($"1 aes_cm_128_hmac_sha1_32 inline:{Key}|2^48")]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|1048576 WSH=128")]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|1:4 KDR=0 -x")]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80  inline:{Key}")]
    public void Attributes_as_peers_write_them_are_read(string value)
    {
        Assert.Equal(CryptoError.None, CryptoAttribute.TryParse(value, out var attribute));

        Assert.Equal(1, attribute!.Tag);
        Assert.Equal(Convert.FromBase64String(Key), attribute.Keys[0].KeyAndSalt.ToArray());
    }

    [Theory]
    [InlineData("", CryptoError.Malformed)]
    [InlineData("1", CryptoError.Malformed)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80", CryptoError.Malformed)]
    [InlineData($"x AES_CM_128_HMAC_SHA1_80 inline:{Key}", CryptoError.BadTag)]
    [InlineData($"-1 AES_CM_128_HMAC_SHA1_80 inline:{Key}", CryptoError.BadTag)]
    [InlineData($"9999999999 AES_CM_128_HMAC_SHA1_80 inline:{Key}", CryptoError.BadTag)]
    [InlineData($"1 F8_128_HMAC_SHA1_80 inline:{Key}", CryptoError.UnknownSuite)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 uri:{Key}", CryptoError.UnknownMethod)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:", CryptoError.BadKey)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", CryptoError.BadKey)]
    [InlineData("1 AES_CM_128_HMAC_SHA1_80 inline:????X19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", CryptoError.BadKey)]
    [InlineData($"1 AES_256_CM_HMAC_SHA1_80 inline:{Key}", CryptoError.BadKey)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^99", CryptoError.BadLifetime)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|0", CryptoError.BadLifetime)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^20|1:0", CryptoError.BadMki)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^20|1:129", CryptoError.BadMki)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^20|256:1", CryptoError.BadMki)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key};inline:{Key}", CryptoError.BadMki)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} UNENCRYPTED_SRTP", CryptoError.UnsupportedParameter)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} UNENCRYPTED_SRTCP", CryptoError.UnsupportedParameter)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} UNAUTHENTICATED_SRTP", CryptoError.UnsupportedParameter)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} KDR=10", CryptoError.UnsupportedParameter)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} FEC_KEY=inline:{Key}", CryptoError.UnsupportedParameter)]
    [InlineData($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key} SOMETHING=1", CryptoError.UnsupportedParameter)]
    internal void What_cannot_be_used_is_refused_with_its_reason(string value, CryptoError expected)
    {
        Assert.Equal(expected, CryptoAttribute.TryParse(value, out var attribute));
        Assert.Null(attribute);
    }

    [Fact]
    public void Several_keys_with_identifiers_are_kept_in_order_and_written_back()
    {
        const string value = $"7 AES_CM_128_HMAC_SHA1_80 inline:{Key}|1048576|1:4;inline:{Key}|66051:4";

        Assert.Equal(CryptoError.None, CryptoAttribute.TryParse(value, out var attribute));

        Assert.Equal([0, 0, 0, 1], attribute!.Keys[0].Mki.ToArray());
        Assert.Equal([0, 1, 2, 3], attribute.Keys[1].Mki.ToArray());
        Assert.Equal((1UL << 20, 0UL), (attribute.Keys[0].Lifetime, attribute.Keys[1].Lifetime));
        Assert.Equal(value, attribute.Write());
    }

    [Fact]
    public void Any_text_is_refused_or_read_and_never_throws()
    {
        const string alphabet = "0123456789 AES_CMHMAC_SHA1_80inline:|;^=-/+WKDR";
        var random = new Random(11);
        for (var n = 0; n < 50_000; n++)
        {
            var text = n % 2 == 0
                ? new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => alphabet[random.Next(alphabet.Length)])])
                : Mutate($"1 AES_CM_128_HMAC_SHA1_80 inline:{Key}|2^20|1:4 WSH=64", random, alphabet);

            var error = CryptoAttribute.TryParse(text, out var attribute);

            Assert.Equal(error == CryptoError.None, attribute is not null);
            if (attribute is not null) Assert.Equal(CryptoError.None, CryptoAttribute.TryParse(attribute.Write(), out _));
        }
    }

    [Fact] // §5.1.2: in the order of the offer
    public void An_answer_takes_the_first_line_it_may_use_repeats_its_tag_and_brings_a_key_of_its_own()
    {
        var offer = SdesNegotiation.Offer(SrtpProfile.AeadAes256Gcm, SrtpProfile.AesCm128HmacSha1Tag80, SrtpProfile.AesCm128HmacSha1Tag32);

        using var answer = SdesNegotiation.Answer(offer.Select(line => line.Write()), [SrtpProfile.AesCm128HmacSha1Tag32, SrtpProfile.AesCm128HmacSha1Tag80])!;

        Assert.Equal((2, SrtpProfile.AesCm128HmacSha1Tag80), (answer.Ours.Tag, answer.Ours.Profile));
        Assert.True(answer.Theirs.Keys[0].Matches(offer[1].Keys[0]));
        Assert.False(answer.Ours.Keys[0].Matches(offer[1].Keys[0]));
    }

    [Fact]
    public void Both_sides_of_an_agreement_read_each_other()
    {
        var offer = SdesNegotiation.Offer(SrtpProfile.AesCm256HmacSha1Tag80, SrtpProfile.AesCm128HmacSha1Tag80);
        using var answer = SdesNegotiation.Answer(offer.Select(line => line.Write()), SrtpProfiles.All)!;
        using var accepted = SdesNegotiation.Accept(offer, [answer.Ours.Write()])!;
        using SrtpLegKeys there = answer.ToLegKeys(), here = accepted.ToLegKeys();
        using SrtpContext sender = new(here.Outbound), receiver = new(there.Inbound[0]);
        var output = new byte[400];

        var wire = SrtpContextTests.Protect(sender, number: 3);

        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(wire, output, out var length));
        Assert.Equal(SrtpContextTests.Plain(3), output[..length]);
    }

    [Fact] // §5.1.3
    public void An_answer_with_another_tag_another_suite_or_more_lines_is_none()
    {
        var offer = SdesNegotiation.Offer(SrtpProfile.AesCm128HmacSha1Tag80);
        var other = CryptoAttribute.Generate(2, SrtpProfile.AesCm128HmacSha1Tag80).Write();
        var weaker = CryptoAttribute.Generate(1, SrtpProfile.AesCm128HmacSha1Tag32).Write();
        var right = CryptoAttribute.Generate(1, SrtpProfile.AesCm128HmacSha1Tag80).Write();

        Assert.Null(SdesNegotiation.Accept(offer, [other]));
        Assert.Null(SdesNegotiation.Accept(offer, [weaker]));
        Assert.Null(SdesNegotiation.Accept(offer, []));
        Assert.Null(SdesNegotiation.Accept(offer, [right, right]));
        Assert.NotNull(SdesNegotiation.Accept(offer, [right]));
    }

    [Fact]
    public void Nothing_in_common_is_no_agreement()
    {
        var offer = SdesNegotiation.Offer(SrtpProfile.AesCm128HmacSha1Tag32);

        Assert.Null(SdesNegotiation.Answer(offer.Select(line => line.Write()), [SrtpProfile.AeadAes128Gcm]));
    }

    [Fact]
    public void An_attribute_prints_without_its_key()
    {
        using var attribute = CryptoAttribute.Generate(4, SrtpProfile.AeadAes128Gcm);

        Assert.Equal("4 AEAD_AES_128_GCM (key redacted)", $"{attribute}");
    }

    private static string Mutate(string text, Random random, string alphabet)
    {
        var letters = text.ToCharArray();
        for (var i = random.Next(4); i >= 0; i--) letters[random.Next(letters.Length)] = alphabet[random.Next(alphabet.Length)];
        return new string(letters, 0, random.Next(letters.Length + 1));
    }
}
