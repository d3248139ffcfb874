using System.Buffers.Binary;
using EdgeAssist.MediaGateway.Srtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

public sealed class SrtpContextTests
{
    public static TheoryData<int> Profiles => SrtpOracleTests.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_packet_changed_in_any_octet_is_refused_and_changes_nothing(int profile)
    {
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using SrtpContext sender = new(key), receiver = new(key);
        var wire = Protect(sender, number: 1);
        var output = new byte[wire.Length];

        for (var i = 0; i < wire.Length; i++)
        {
            wire[i] ^= 0x01;
            Assert.NotEqual(SrtpResult.Ok, receiver.TryUnprotect(wire, output, out var length));
            Assert.Equal(0, length);
            wire[i] ^= 0x01;
        }

        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(wire, output, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Any_octets_are_refused_without_an_exception(int profile)
    {
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using var receiver = new SrtpContext(key);
        var random = new Random(5);
        var output = new byte[2_048];
        for (var n = 0; n < 20_000; n++)
        {
            var datagram = new byte[random.Next(n % 2 == 0 ? 40 : 400)];
            random.NextBytes(datagram);
            if (datagram.Length > 0 && n % 4 != 0) datagram[0] = (byte)(0x80 | (datagram[0] & 0x1F));

            Assert.NotEqual(SrtpResult.Ok, receiver.TryUnprotect(datagram, output, out _));
            Assert.NotEqual(SrtpResult.Ok, receiver.TryUnprotectControl(datagram, output, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_truncation_of_a_packet_is_refused(int profile)
    {
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using SrtpContext sender = new(key), receiver = new(key);
        var wire = Protect(sender, number: 1);
        var output = new byte[wire.Length];

        for (var length = 0; length < wire.Length; length++) Assert.NotEqual(SrtpResult.Ok, receiver.TryUnprotect(wire.AsSpan(0, length), output, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Protecting_and_unprotecting_allocates_nothing(int profile)
    {
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using SrtpContext sender = new(key), receiver = new(key);
        byte[] packet = Plain(0), buffer = new byte[packet.Length + sender.Overhead], report = new byte[60], control = new byte[60 + SrtpContext.MaxOverhead];
        (report[0], report[1]) = (0x80, 201);
        Round(number: 0);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (ushort number = 1; number <= 1_000; number++) Round(number);
        var after = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(0, after - before);

        void Round(ushort number)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
            var results = sender.TryProtect(packet, buffer, out var length) | receiver.TryUnprotect(buffer.AsSpan(0, length), buffer, out _)
                | sender.TryProtectControl(report, control, out length) | receiver.TryUnprotectControl(control.AsSpan(0, length), control, out _);
            if (results != SrtpResult.Ok) throw new InvalidOperationException(results.ToString());
        }
    }

    [Fact] // RFC 3711 §3.3.2
    public void A_packet_older_than_the_window_is_refused_and_one_inside_taken_once()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using SrtpContext sender = new(key), receiver = new(key);
        var wires = Enumerable.Range(0, 300).Select(number => Protect(sender, (ushort)number)).ToArray();
        var output = new byte[400];

        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(wires[299], output, out _));
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(wires[299 - 127], output, out _));
        Assert.Equal(SrtpResult.Replayed, receiver.TryUnprotect(wires[299 - 127], output, out _));
        Assert.Equal(SrtpResult.Replayed, receiver.TryUnprotect(wires[299 - 128], output, out _));
    }

    [Fact] // RFC 3711 §3.3.1: the sender wrapped before the first packet that arrived
    public void A_call_whose_first_packets_were_lost_across_the_wrap_is_heard()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AeadAes128Gcm);
        using SrtpContext sender = new(key), receiver = new(key);
        Protect(sender, number: 65_535);
        var output = new byte[400];

        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(Protect(sender, number: 0), output, out _));
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(Protect(sender, number: 1), output, out _));
    }

    [Theory] // RFC 3711 §3.1, RFC 7714 §4: the MKI stands before an HMAC tag and behind an AEAD tag
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, 10)]
    [InlineData(SrtpProfile.AeadAes128Gcm, 0)]
    internal void Packets_carry_the_key_identifier_and_another_one_is_told_apart(SrtpProfile profile, int behind)
    {
        using var plainKey = SrtpMasterKey.Generate(profile);
        using var key = new SrtpMasterKey(profile, plainKey.KeyAndSalt, [0xDE, 0xAD]);
        using var otherKey = new SrtpMasterKey(profile, plainKey.KeyAndSalt, [0xDE, 0xAE]);
        using SrtpContext sender = new(key), receiver = new(key), other = new(otherKey);
        var output = new byte[400];

        var wire = Protect(sender, number: 5);

        Assert.Equal([0xDE, 0xAD], wire[(wire.Length - behind - 2)..(wire.Length - behind)]);
        Assert.Equal(SrtpResult.UnknownKey, other.TryUnprotect(wire, output, out _));
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(wire, output, out var length));
        Assert.Equal(Plain(5), output[..length]);

        var report = new byte[60];
        (report[0], report[1]) = (0x80, 201);
        var control = new byte[60 + SrtpContext.MaxOverhead];
        Assert.Equal(SrtpResult.Ok, sender.TryProtectControl(report, control, out length));
        Assert.Equal(SrtpResult.UnknownKey, other.TryUnprotectControl(control.AsSpan(0, length), output, out _));
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotectControl(control.AsSpan(0, length), output, out length));
        Assert.Equal(report, output[..length]);
    }

    [Fact] // RFC 3711 §9.1: two texts under one key stream give both away
    public void A_number_is_never_protected_twice()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var sender = new SrtpContext(key);
        var output = new byte[400];
        Protect(sender, number: 10);

        Assert.Equal(SrtpResult.Replayed, sender.TryProtect(Plain(10), output, out _));
    }

    [Fact] // RFC 4568 §6.1
    public void A_key_protects_no_more_packets_than_its_lifetime()
    {
        using var fresh = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var key = new SrtpMasterKey(fresh.Profile, fresh.KeyAndSalt, lifetime: 3);
        using var sender = new SrtpContext(key);
        var output = new byte[400];
        for (ushort number = 0; number < 3; number++) Protect(sender, number);

        Assert.Equal(SrtpResult.KeyExhausted, sender.TryProtect(Plain(3), output, out _));
    }

    [Fact]
    public void Sources_beyond_the_limit_are_refused_and_those_known_go_on()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using SrtpContext sender = new(key), receiver = new(key);
        var output = new byte[400];
        for (uint ssrc = 0; ssrc < SrtpSources.Max; ssrc++) Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(Protect(sender, 1, ssrc), output, out _));

        Assert.Equal(SrtpResult.TooManySources, sender.TryProtect(Plain(1, ssrc: 1_000), output, out _));
        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotect(Protect(sender, 2, ssrc: 0), output, out _));
    }

    [Fact] // RFC 3711 §3.4: the E flag
    public void RTCP_that_is_authentic_but_not_encrypted_is_read()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AesCm128HmacSha1Tag80);
        using var derivation = new SrtpKeyDerivation(key);
        using var control = SrtpCipher.Derive(key.Profile, derivation, control: true);
        using var receiver = new SrtpContext(key);
        var report = new byte[28 + 4 + 10];
        (report[0], report[1]) = (0x80, 201);
        report[31] = 9;   // E = 0, index 9
        control.Tag(report.AsSpan(0, 32), report.AsSpan(32));
        var output = new byte[60];

        Assert.Equal(SrtpResult.Ok, receiver.TryUnprotectControl(report, output, out var length));
        Assert.Equal(report[..28], output[..length]);
    }

    [Fact]
    public void Keys_never_print()
    {
        using var key = SrtpMasterKey.Generate(SrtpProfile.AeadAes256Gcm);
        using var keys = new SrtpLegKeys([key.Copy()], key.Copy());

        Assert.Equal("AEAD_AES_256_GCM (key redacted)", $"{key}");
        Assert.Equal("AEAD_AES_256_GCM (keys redacted)", $"{keys}");
    }

    internal static byte[] Plain(ushort number, uint ssrc = 1)
    {
        var packet = new byte[12 + 160];
        packet.AsSpan(12).Fill((byte)number);
        packet[0] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        return packet;
    }

    internal static byte[] Protect(SrtpContext sender, ushort number, uint ssrc = 1)
    {
        var plain = Plain(number, ssrc);
        var wire = new byte[plain.Length + sender.Overhead];
        Assert.Equal(SrtpResult.Ok, sender.TryProtect(plain, wire, out var length));
        return wire[..length];
    }
}
