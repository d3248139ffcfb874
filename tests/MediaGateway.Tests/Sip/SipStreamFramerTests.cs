using System.Buffers;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

public sealed class SipStreamFramerTests
{
    private static readonly byte[] s_first = SiprecText.Invite().ToBytes();
    private static readonly byte[] s_second = (SiprecText.Invite() with { Method = "BYE", ToTag = "t", Body = "", ContentType = "" }).ToBytes();

    [Fact] // RFC 3261 §18.3, RFC 5626 §3.5.1
    public void A_stream_cut_at_any_byte_gives_the_same_frames()
    {
        byte[] stream = [.. "\r\n\r\n"u8, .. s_first, .. "\r\n"u8, .. s_second, .. "\r\n\r\n"u8];
        string[] expected = ["ping", "INVITE", "BYE", "ping"];

        for (var cut = 0; cut <= stream.Length; cut++) Assert.Equal(expected, Frames(stream[..cut], stream[cut..]));
        Assert.Equal(expected, Frames([.. stream.Select(value => new[] { value })]));
    }

    [Theory]
    [InlineData("Content-Length: -999")]
    [InlineData("Content-Length: 99999999")]
    [InlineData("Content-Length: 1\r\nl: 1")]
    [InlineData("X: no length at all")]
    public void A_length_that_cannot_be_believed_breaks_the_stream(string header)
    {
        var bytes = Encoding.UTF8.GetBytes($"INVITE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n{header}\r\n\r\n");
        var buffer = new ReadOnlySequence<byte>(bytes);
        var framer = new SipStreamFramer(SipLimits.Default);

        Assert.Equal(SipFrameResult.Broken, framer.TryRead(ref buffer, out _));
        Assert.Equal("INVITE", framer.Failure!.Method!.Value.Name);
    }

    [Fact]
    public void A_header_section_without_end_breaks_the_stream_at_the_ceiling()
    {
        var limits = new SipLimits { MaxHeaderBytes = 100 };
        var framer = new SipStreamFramer(limits);
        var below = new ReadOnlySequence<byte>(new byte[99].Select(_ => (byte)'a').ToArray());
        var above = new ReadOnlySequence<byte>(new byte[101].Select(_ => (byte)'a').ToArray());

        Assert.Equal(SipFrameResult.NeedMore, framer.TryRead(ref below, out _));
        Assert.Equal(SipFrameResult.Broken, framer.TryRead(ref above, out _));
    }

    private static List<string> Frames(params byte[][] chunks)
    {
        var frames = new List<string>();
        var framer = new SipStreamFramer(SipLimits.Default);
        byte[] pending = [];
        foreach (var chunk in chunks)
        {
            pending = [.. pending, .. chunk];
            var buffer = new ReadOnlySequence<byte>(pending);
            while (framer.TryRead(ref buffer, out var message) is var result and not SipFrameResult.NeedMore)
                frames.Add(result == SipFrameResult.Ping ? "ping" : Encoding.UTF8.GetString(message).Split(' ')[0]);
            pending = buffer.ToArray();
        }

        return frames;
    }
}
