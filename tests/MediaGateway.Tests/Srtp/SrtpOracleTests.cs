using System.Buffers.Binary;
using EdgeAssist.MediaGateway.Srtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary>Both directions against libsrtp2, octet for octet, with random packets across wraps.</summary>
public sealed class SrtpOracleTests
{
    private const int Packets = 3_000;

    public static TheoryData<int> Profiles => [.. SrtpProfiles.All.ToArray().Select(profile => (int)profile)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_we_protect_is_what_libsrtp_protects(int profile)
    {
        LibSrtp.SkipIfAbsent();
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using var ours = new SrtpContext(key);
        using var theirs = new LibSrtp(key, outbound: true);
        var random = new Random(profile);
        byte[] plain = new byte[2_048], mine = new byte[2_048], reference = new byte[2_048];

        for (var n = 0; n < Packets; n++)
        {
            // 65 000 on: the number wraps in the run, for each of three sources.
            var length = RandomPacket(random, plain, (ushort)(65_000 + n / 3), ssrc: (uint)(n % 3));
            plain.AsSpan(0, length).CopyTo(reference);
            var referenceLength = length;

            Assert.Equal(SrtpResult.Ok, ours.TryProtect(plain.AsSpan(0, length), mine, out var mineLength));
            Assert.Equal(LibSrtp.Ok, theirs.Protect(reference, ref referenceLength));

            Assert.Equal(Convert.ToHexString(reference.AsSpan(0, referenceLength)), Convert.ToHexString(mine.AsSpan(0, mineLength)));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void What_libsrtp_protects_we_read_in_any_order_within_the_window_and_once(int profile)
    {
        LibSrtp.SkipIfAbsent();
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using var ours = new SrtpContext(key);
        using var theirs = new LibSrtp(key, outbound: true);
        var random = new Random(profile + 1);
        var sent = new List<(byte[] Plain, byte[] Protected)>();
        var buffer = new byte[2_048];
        for (var n = 0; n < Packets; n++)
        {
            var length = RandomPacket(random, buffer, (ushort)(64_000 + n), ssrc: 7);
            var plain = buffer[..length];
            Assert.Equal(LibSrtp.Ok, theirs.Protect(buffer, ref length));
            sent.Add((plain, buffer[..length]));
        }

        // Swapped within 32 packets, every tenth one twice.
        foreach (var block in sent.Chunk(32))
        {
            foreach (var packet in block.OrderBy(_ => random.Next()))
            {
                Assert.Equal(SrtpResult.Ok, ours.TryUnprotect(packet.Protected, buffer, out var length));
                Assert.Equal(packet.Plain, buffer[..length]);
                if (random.Next(10) == 0) Assert.Equal(SrtpResult.Replayed, ours.TryUnprotect(packet.Protected, buffer, out length));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Libsrtp_reads_what_we_protect_with_losses_up_to_half_the_number_space(int profile)
    {
        LibSrtp.SkipIfAbsent();
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using var ours = new SrtpContext(key);
        using var theirs = new LibSrtp(key, outbound: false);
        var random = new Random(profile + 2);
        byte[] plain = new byte[2_048], wire = new byte[2_048];
        var number = 0;

        for (var n = 0; n < 200; n++)
        {
            number += random.Next(1, 32_000);
            var length = RandomPacket(random, plain, (ushort)number, ssrc: 9);
            Assert.Equal(SrtpResult.Ok, ours.TryProtect(plain.AsSpan(0, length), wire, out var wireLength));

            Assert.Equal(LibSrtp.Ok, theirs.Unprotect(wire, ref wireLength));
            Assert.Equal(plain[..length], wire[..wireLength]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void RTCP_goes_both_ways(int profile)
    {
        LibSrtp.SkipIfAbsent();
        using SrtpMasterKey outward = SrtpMasterKey.Generate((SrtpProfile)profile), inward = SrtpMasterKey.Generate((SrtpProfile)profile);
        using SrtpContext sender = new(outward), receiver = new(inward);
        using LibSrtp theirReceiver = new(outward, outbound: false), theirSender = new(inward, outbound: true);
        var random = new Random(profile + 3);
        byte[] plain = new byte[1_024], wire = new byte[2_048];

        for (var n = 0; n < 200; n++)
        {
            var length = RandomCompound(random, plain);
            Assert.Equal(SrtpResult.Ok, sender.TryProtectControl(plain.AsSpan(0, length), wire, out var wireLength));
            Assert.Equal(LibSrtp.Ok, theirReceiver.UnprotectControl(wire, ref wireLength));
            Assert.Equal(plain[..length], wire[..wireLength]);

            plain.AsSpan(0, length).CopyTo(wire);
            wireLength = length;
            Assert.Equal(LibSrtp.Ok, theirSender.ProtectControl(wire, ref wireLength));
            var replay = wire[..wireLength];
            Assert.Equal(SrtpResult.Ok, receiver.TryUnprotectControl(wire.AsSpan(0, wireLength), wire, out var readLength));
            Assert.Equal(plain[..length], wire[..readLength]);
            Assert.Equal(SrtpResult.Replayed, receiver.TryUnprotectControl(replay, wire, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Both_judge_old_packets_alike(int profile)
    {
        LibSrtp.SkipIfAbsent();
        using var key = SrtpMasterKey.Generate((SrtpProfile)profile);
        using SrtpContext sender = new(key), ours = new(key);
        using var theirs = new LibSrtp(key, outbound: false);
        var random = new Random(profile + 4);
        var packets = new List<byte[]>();
        byte[] plain = new byte[2_048], wire = new byte[2_048];
        for (var n = 0; n < 2_000; n++)
        {
            var length = RandomPacket(random, plain, (ushort)(65_300 + n), ssrc: 3);
            Assert.Equal(SrtpResult.Ok, sender.TryProtect(plain.AsSpan(0, length), wire, out var wireLength));
            packets.Add(wire[..wireLength]);
        }

        for (var n = 0; n < packets.Count; n++)
        {
            var packet = packets[Math.Clamp(n + random.Next(-300, 60), 0, packets.Count - 1)];
            packet.CopyTo(wire, 0);
            var length = packet.Length;

            var reference = theirs.Unprotect(wire, ref length);
            var result = ours.TryUnprotect(packet, wire, out _);

            Assert.Equal(reference is LibSrtp.ReplayFail or LibSrtp.ReplayOld ? SrtpResult.Replayed : SrtpResult.Ok, result);
        }
    }

    /// <summary>Any header: contributing sources, an extension, marker, payload of 0 to 1 400 octets.</summary>
    internal static int RandomPacket(Random random, Span<byte> packet, ushort number, uint ssrc)
    {
        random.NextBytes(packet);
        var sources = random.Next(4) == 0 ? random.Next(16) : 0;
        var extension = random.Next(4) == 0 ? random.Next(8) : -1;
        packet[0] = (byte)(0x80 | sources | (extension >= 0 ? 0x10 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], number);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], ssrc);
        var length = 12 + 4 * sources;
        if (extension >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[length..], 0x1234);   // not a type that libsrtp would look into
            BinaryPrimitives.WriteUInt16BigEndian(packet[(length + 2)..], (ushort)extension);
            length += 4 + 4 * extension;
        }

        return length + random.Next(3) switch { 0 => random.Next(1_400), 1 => 160, _ => random.Next(40) };
    }

    private static int RandomCompound(Random random, Span<byte> packet)
    {
        random.NextBytes(packet);
        packet[0] = 0x80;
        packet[1] = 201;
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], 77);
        return 8 + 4 * random.Next(100);
    }
}
