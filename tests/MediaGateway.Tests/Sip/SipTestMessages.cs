using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>Text to messages, for tests where the message must be a good one.</summary>
internal static class SipTestMessages
{
    public static SipMessage Parse(ReadOnlySpan<byte> bytes)
    {
        Assert.True(SipMessageParser.TryParse(bytes, SipLimits.Default, out var message, out var failure), failure?.Why);
        return message!;
    }

    public static SipMessage Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    public static SipRequest Request(SiprecText text) => Assert.IsType<SipRequest>(Parse(text.ToBytes()));

    public static SipParseFailure Refuse(string text)
    {
        Assert.False(SipMessageParser.TryParse(Encoding.UTF8.GetBytes(text), SipLimits.Default, out _, out var failure));
        return failure;
    }

    /// <summary>A response to a request, as a peer would make it.</summary>
    public static SipResponse Answer(SipRequest request, int status, string tag = "peer") => SipResponses.To(request, status, status == 100 ? null : tag);
}
