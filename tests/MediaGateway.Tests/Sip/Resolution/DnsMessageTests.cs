using System.Net;
using CsCheck;
using EdgeAssist.MediaGateway.Sip.Resolution;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip.Resolution;

public sealed class DnsMessageTests
{
    private static readonly DnsZone s_zone = new DnsZone()
        .A("host.example", "192.0.2.1", life: 4_000_000_000).Aaaa("host.example", "2001:db8::1")
        .Srv("_sip._udp.example", 10, 60, 5070, "host.example").Naptr("example", 50, 20, "SIP+D2U", "_sip._udp.example");

    [Fact] // RFC 1035 §4.1
    public void A_query_is_written_as_the_RFC_draws_it()
    {
        byte[] expected = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'a', 2, (byte)'b', (byte)'c', 0, 0, 33, 0, 1];

        Assert.Equal(expected, DnsMessage.TryWriteQuery(0x1234, "a.bc.", DnsType.Srv));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a b.example")]
    [InlineData("ä.example")]
    public void A_name_that_cannot_be_is_not_asked_for(string name) => Assert.Null(DnsMessage.TryWriteQuery(1, name, DnsType.A));

    [Fact]
    public void Labels_and_names_that_are_too_long_are_not_asked_for()
    {
        Assert.Null(DnsMessage.TryWriteQuery(1, new string('a', 64), DnsType.A));
        Assert.Null(DnsMessage.TryWriteQuery(1, string.Join('.', Enumerable.Repeat(new string('a', 60), 5)), DnsType.A));
    }

    [Fact]
    public void Each_type_of_record_is_read()
    {
        Assert.Equal(new DnsAddress("host.example", DnsType.A, TimeSpan.FromDays(1), IPAddress.Parse("192.0.2.1")), Ask("host.example", DnsType.A));
        Assert.Equal(new DnsAddress("host.example", DnsType.Aaaa, TimeSpan.FromMinutes(1), IPAddress.Parse("2001:db8::1")), Ask("host.example", DnsType.Aaaa));
        Assert.Equal(new DnsService("_sip._udp.example", TimeSpan.FromMinutes(1), 10, 60, 5070, "host.example"), Ask("_sip._udp.example", DnsType.Srv));
        Assert.Equal(new DnsPointer("example", TimeSpan.FromMinutes(1), 50, 20, "s", "SIP+D2U", "_sip._udp.example"), Ask("example", DnsType.Naptr));
    }

    [Fact]
    public void A_reply_to_another_query_is_none()
    {
        var reply = s_zone.Answer(DnsMessage.TryWriteQuery(7, "host.example", DnsType.A));

        Assert.False(DnsMessage.TryReadReply(reply, 8, "host.example", DnsType.A, out _));
        Assert.False(DnsMessage.TryReadReply(reply, 7, "other.example", DnsType.A, out _));
        Assert.False(DnsMessage.TryReadReply(reply, 7, "host.example", DnsType.Aaaa, out _));
        Assert.True(DnsMessage.TryReadReply(reply, 7, "HOST.example.", DnsType.A, out _));
    }

    [Fact]
    public void A_name_that_points_at_itself_or_forward_ends()
    {
        var reply = s_zone.Answer(DnsMessage.TryWriteQuery(7, "host.example", DnsType.A));
        var owner = 12 + 14 + 4;   // header, question; then the pointer of the first record
        Assert.Equal(0xC0, reply[owner]);

        foreach (var target in new[] { owner, owner + 4 })
        {
            reply[owner + 1] = (byte)target;
            Assert.False(DnsMessage.TryReadReply(reply, 7, "host.example", DnsType.A, out _));
        }
    }

    [Fact]
    public void A_reply_cut_anywhere_is_refused_or_read_and_never_throws()
    {
        var reply = s_zone.Answer(DnsMessage.TryWriteQuery(7, "example", DnsType.Naptr));

        for (var length = 0; length < reply.Length; length++) Assert.False(DnsMessage.TryReadReply(reply.AsSpan(0, length), 7, "example", DnsType.Naptr, out _));
    }

    [Fact] // network octets can never break the reader
    public void Any_octets_are_refused_or_read() => Gen.Select(Gen.Int[0, 2].Select(i => new[] { DnsType.A, DnsType.Srv, DnsType.Naptr }[i]), Gen.Byte.Array[0, 120], Gen.Int[0, 60]).Sample((type, noise, keep) =>
    {
        byte[] reply = s_zone.Answer(DnsMessage.TryWriteQuery(7, "example", type));
        byte[] mixed = [.. reply.Take(keep), .. noise];
        if (DnsMessage.TryReadReply(mixed, 7, "example", type, out var read)) Assert.True(read.Records.Length <= 256);
    });

    private static DnsRecord Ask(string name, DnsType type)
    {
        Assert.True(DnsMessage.TryReadReply(s_zone.Answer(DnsMessage.TryWriteQuery(7, name, type)), 7, name, type, out var reply));
        Assert.Equal(0, reply.Code);
        return Assert.Single(reply.Records);
    }
}
