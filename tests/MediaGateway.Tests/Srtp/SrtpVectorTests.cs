using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary>The vectors of the standards, through the parts that make up <see cref="SrtpContext"/>.</summary>
public sealed class SrtpVectorTests
{
    [Theory]
    [InlineData("srtp/rfc3711-b.txt", "B.2 key stream", true)]
    [InlineData("srtp/rfc3711-b.txt", "B.2 key stream", false)]
    [InlineData("srtp/rfc6188-7.txt", "7.1 key stream", true)]
    [InlineData("srtp/rfc6188-7.txt", "7.1 key stream", false)]
    public void Key_stream_is_that_of_the_standard_with_and_without_AES_instructions(string file, string section, bool hardware)
    {
        if (hardware && !System.Runtime.Intrinsics.X86.Aes.IsSupported) Assert.Skip("This processor has no AES instructions.");
        var vector = Vectors.Read(file)[section];
        using var cipher = new AesCounter(vector["key"], hardware);
        var stream = new byte[16 * 0xFF02];

        cipher.Transform(vector["iv"], 0, stream, stream);

        foreach (var (name, expected) in vector.Where(entry => entry.Key.StartsWith("block-", StringComparison.Ordinal)))
        {
            var at = 16 * Convert.ToInt32(name[6..], 16);
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(stream.AsSpan(at, 16)));
        }
    }

    [Theory]
    [InlineData("srtp/rfc3711-b.txt", "B.3 derivation", SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData("srtp/rfc6188-7.txt", "7.2 derivation", SrtpProfile.AesCm256HmacSha1Tag80)]
    internal void Session_keys_are_derived_as_in_the_standard(string file, string section, SrtpProfile profile)
    {
        var vector = Vectors.Read(file)[section];
        using var master = new SrtpMasterKey(profile, [.. vector["master-key"], .. vector["master-salt"]]);
        using var derivation = new SrtpKeyDerivation(master);

        Assert.Equal(vector["cipher-key"], Derive(derivation, SrtpKeyDerivation.MediaEncryption, vector["cipher-key"].Length));
        Assert.Equal(vector["salt"], Derive(derivation, SrtpKeyDerivation.MediaSalt, vector["salt"].Length));
        Assert.Equal(vector["auth-key"], Derive(derivation, SrtpKeyDerivation.MediaAuthentication, vector["auth-key"].Length));
    }

    [Theory]
    [InlineData("16.1 AEAD_AES_128_GCM SRTP", SrtpProfile.AeadAes128Gcm)]
    [InlineData("16.2 AEAD_AES_256_GCM SRTP", SrtpProfile.AeadAes256Gcm)]
    internal void An_RTP_packet_is_sealed_as_in_RFC_7714(string section, SrtpProfile profile)
    {
        var vector = Vectors.Read("srtp/rfc7714-16-17.txt")[section];
        var (plain, sealedPacket) = (vector["plain"], new byte[vector["protected"].Length]);
        using var cipher = new SrtpCipher(profile, control: false, vector["key"], vector["salt"], []);
        using var context = new SrtpContext(profile, cipher, cipher);

        Assert.Equal(SrtpResult.Ok, context.TryProtect(plain, sealedPacket, out var length));

        Assert.Equal(Convert.ToHexString(vector["protected"]), Convert.ToHexString(sealedPacket.AsSpan(0, length)));
        using var receiver = new SrtpContext(profile, cipher, cipher);
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(sealedPacket, sealedPacket, out length));
        Assert.Equal(plain, sealedPacket[..length]);
    }

    [Theory]
    [InlineData("17.1 AEAD_AES_128_GCM SRTCP", SrtpProfile.AeadAes128Gcm)]
    [InlineData("17.2 AEAD_AES_256_GCM SRTCP", SrtpProfile.AeadAes256Gcm)]
    internal void An_RTCP_packet_is_sealed_as_in_RFC_7714(string section, SrtpProfile profile)
    {
        var vector = Vectors.Read("srtp/rfc7714-16-17.txt")[section];
        var (plain, sealedPacket) = (vector["plain"], new byte[vector["protected"].Length]);
        using var cipher = new SrtpCipher(profile, control: true, vector["key"], vector["salt"], []);
        using var context = new SrtpContext(profile, cipher, cipher);

        // The vector is the packet with index 0x5D4; those before it are sent first.
        for (var index = 0; index <= 0x5D4; index++) Assert.Equal(SrtpResult.Ok, context.TryProtectControl(plain, sealedPacket, out _));

        Assert.Equal(Convert.ToHexString(vector["protected"]), Convert.ToHexString(sealedPacket));
        using var receiver = new SrtpContext(profile, cipher, cipher);
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotectControl(sealedPacket, sealedPacket, out var length));
        Assert.Equal(plain, sealedPacket[..length]);
    }

    [Theory] // FIPS 180-4 through RFC 2104; the platform's implementation is the reference
    [InlineData(true)]
    [InlineData(false)]
    public void HMAC_SHA1_equals_the_platforms_for_every_length_of_message_and_key(bool native)
    {
        if (native && !Sha1Library.IsAvailable) Assert.Skip("libcrypto.so.3 is not installed (Debian: apt-get install libssl3).");
        var random = new Random(1);
        var message = new byte[300];
        var hash = new byte[20];
        for (var length = 0; length < message.Length - 4; length++)
        {
            random.NextBytes(message);
            var key = new byte[length % 65];
            random.NextBytes(key);
            using var hmac = new HmacSha1(key, native);

            hmac.Compute(message.AsSpan(0, length), 0x0102_0304, hash);

            byte[] whole = [.. message[..length], 1, 2, 3, 4];
#pragma warning disable CA5350 // RFC 3711 has HMAC-SHA1; here it is the reference
            Assert.Equal(System.Security.Cryptography.HMACSHA1.HashData(key, whole), hash);
#pragma warning restore CA5350
        }
    }

    [Fact] // NIST SP 800-38D; the platform's implementation is the reference
    public void GCM_equals_the_platforms_for_every_length()
    {
        if (!System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported) Assert.Skip("This processor has no carry-less multiplication.");
        var random = new Random(2);
        byte[] nonce = new byte[12], body = new byte[400], associated = new byte[40], mine = new byte[416], reference = new byte[416];
        for (var length = 0; length <= body.Length; length++)
        {
            var key = new byte[length % 2 == 0 ? 16 : 32];
            foreach (var octets in (byte[][])[key, nonce, body, associated]) random.NextBytes(octets);
            using GaloisCounter ours = new(key, hardware: true), platform = new(key, hardware: false);
            var head = associated.AsSpan(0, length % 41);

            ours.Seal(nonce, head, body.AsSpan(0, length), mine);
            platform.Seal(nonce, head, body.AsSpan(0, length), reference);

            Assert.Equal(Convert.ToHexString(reference.AsSpan(0, length + 16)), Convert.ToHexString(mine.AsSpan(0, length + 16)));
            foreach (var either in (GaloisCounter[])[ours, platform])
            {
                Assert.True(either.TryOpen(nonce, head, reference.AsSpan(0, length + 16), mine));
                Assert.Equal(body[..length], mine[..length]);
                reference[length] ^= 1;
                Assert.False(either.TryOpen(nonce, head, reference.AsSpan(0, length + 16), mine));
                reference[length] ^= 1;
            }
        }
    }

    private static byte[] Derive(SrtpKeyDerivation derivation, byte label, int length)
    {
        var derived = new byte[length];
        derivation.Derive(label, derived);
        return derived;
    }
}
