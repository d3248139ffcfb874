using System.Buffers;
using System.Net;
using System.Text;
using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.FuzzTests.Sip;

/// <summary>Any bytes: refused or parsed, never an exception. CsCheck prints the seed of a failure.</summary>
public sealed class SipFuzzTests
{
    private static readonly byte[][] s_corpus =
    [
        SiprecText.Invite().ToBytes(),
        (SiprecText.Invite() with { Method = "BYE", ToTag = "t", CSeq = 2, Headers = ["Route: <sip:a;lr>, <sip:b>", "Record-Route: \"x\" <sip:p@[::1]:5060;lr?a=b>"] }).ToBytes(),
        "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP [::1]:5060;branch=z9hG4bKa;received=10.0.0.1, SIP / 2.0 / TCP h\r\nf: \"A \\\"B\" <sip:a:b@h;x=y>;tag=1\r\nt: sip:b@h;tag=2\r\ni: c\r\nCSeq: 1 INVITE\r\nl: 0\r\n\r\n"u8.ToArray(),
        .. Mutation.SharedFiles("conformance/rfc4475", "*.dat"), .. Mutation.SharedFiles("conformance/rfc5118", "*.dat"),
    ];

    [Fact]
    public void Any_bytes_are_refused_with_a_reason_or_parsed_and_a_parsed_message_survives_writing() => Mutation.Of(s_corpus).Sample(bytes =>
    {
        if (!SipMessageParser.TryParse(bytes, SipLimits.Default, out var message, out var failure))
        {
            Assert.NotEmpty(failure.Why);
            Assert.True(failure.Status is 400 or 505 or 513);
            _ = SipResponses.ToMalformed(failure);
            return;
        }

        var again = SipMessageParser.TryParse(SipWriter.Write(message), SipLimits.Default, out var second, out var why) ? second : null;
        Assert.True(again is not null, why?.Why);
        Assert.Equal(WithoutLength(message), WithoutLength(again!));
        Assert.Equal(message.Body.ToArray(), again!.Body.ToArray());
    }, iter: 8000);

    [Fact]
    public void The_framer_gives_the_same_frames_wherever_the_stream_is_cut() =>
        Gen.Select(Mutation.Of(s_corpus).Array[1, 3], Gen.Int[0, 4000]).Sample((messages, cut) =>
        {
            var stream = messages.SelectMany(message => message).ToArray();
            Assert.Equal(Frames(stream), Frames(stream[..Math.Min(cut, stream.Length)], stream[Math.Min(cut, stream.Length)..]));
        }, iter: 1200);

    [Fact]
    public void The_core_takes_any_sequence_of_messages() => Gen.Select(Mutation.Of(s_corpus).Array[1, 8], Gen.Int[0, 60]).Sample((messages, seconds) =>
    {
        var flow = new SipFlow(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Loopback, 5070));
        var tokens = 0;
        var core = new UserAgentCore(new AcceptingHandler(), new UserAgentSettings(), () => $"t{tokens++}");
        var now = new Instant(0);
        foreach (var bytes in messages)
        {
            if (SipMessageParser.TryParse(bytes, SipLimits.Default, out var message, out var failure)) core.OnMessage(message, flow, now);
            else core.OnMalformed(failure, flow);
            now += TimeSpan.FromSeconds(seconds);
            core.OnTime(now);
            while (core.TryTake(out var output)) Assert.False(output.Bytes.IsEmpty);
        }

        for (var i = 0; i < 200 && !core.Deadline.IsNever; i++) core.OnTime(core.Deadline);
        Assert.Equal(0, core.SessionCount);
    }, iter: 800);

    [Fact]
    public void Any_text_is_a_uri_or_is_not_and_a_uri_survives_writing() =>
        Mutation.Of(["sip:a%41:p@[2001:db8::1]:5060;lr;x=y?h=v"u8.ToArray(), "sips:user;par=u%40e@h"u8.ToArray(), "sip:h"u8.ToArray()]).Sample(bytes =>
        {
            if (!SipUriParser.TryParse(Encoding.Latin1.GetString(bytes), out var uri)) return;
            Assert.True(SipUriParser.TryParse(uri!.ToString(), out var again));
            Assert.Equal(uri.ToString(), again!.ToString());
            _ = (uri.UserUnescaped, uri.Address);
        }, iter: 20_000);

    private static IEnumerable<string> WithoutLength(SipMessage message) =>
        message.Headers.Where(field => !field.Is(SipHeaderNames.ContentLength)).Select(field => $"{field.Name}: {field.Value}");

    private static List<string> Frames(params byte[][] chunks)
    {
        var frames = new List<string>();
        var framer = new SipStreamFramer(SipLimits.Default);
        byte[] pending = [];
        foreach (var chunk in chunks)
        {
            pending = [.. pending, .. chunk];
            var buffer = new ReadOnlySequence<byte>(pending);
            SipFrameResult result;
            while ((result = framer.TryRead(ref buffer, out var message)) != SipFrameResult.NeedMore)
            {
                frames.Add($"{result} {message.Length}");
                if (result == SipFrameResult.Broken) return frames;
            }

            pending = buffer.ToArray();
        }

        return frames;
    }

    private sealed class AcceptingHandler : ISessionHandler
    {
        public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now) => SessionDecision.Accept("v=0\r\n"u8.ToArray());

        public SessionDecision OnModify(SipSession session, SipRequest request, Instant now) => SessionDecision.Accept("v=0\r\n"u8.ToArray());

        public void OnAck(SipSession session, SipRequest ack, Instant now)
        {
            // Nothing follows from it here.
        }

        public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
        {
            // Nothing follows from it here.
        }
    }
}
