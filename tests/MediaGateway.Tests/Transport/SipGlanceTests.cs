using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Transport;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Transport;

public sealed class SipGlanceTests
{
    [Theory]
    [InlineData("INVITE", null, true)]
    [InlineData("INVITE", "abc", false)]     // inside a dialog
    [InlineData("OPTIONS", null, false)]
    [InlineData("INVITEX", null, false)]
    public void A_new_call_is_told_from_everything_else(string method, string? toTag, bool isNew) =>
        Assert.Equal(isNew, SipGlance.IsNewCall((SiprecText.Invite() with { Method = method, ToTag = toTag }).ToBytes()));

    [Theory]
    [InlineData("\r\n\r\nINVITE sip:a@h SIP/2.0\r\nTo: <sip:a@h>\r\n\r\n", true)]
    [InlineData("INVITE sip:a@h SIP/2.0\nt: <sip:a@h>;tag=1\n\n", false)]
    [InlineData("INVITE sip:a@h SIP/2.0\r\nTo : <sip:a@h>;tag=1\r\n\r\n", false)]
    [InlineData("INVITE sip:a@h SIP/2.0\r\nFrom: <sip:a@h>;tag=1\r\n\r\n", true)]
    [InlineData("INVITE sip:a@h SIP/2.0", true)]
    [InlineData("INVITE", false)]
    [InlineData("", false)]
    [InlineData("\r\n", false)]
    public void Odd_octets_are_told_apart_too(string text, bool isNew) => Assert.Equal(isNew, SipGlance.IsNewCall(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_the_parser_takes_for_a_new_call_is_one_at_a_glance()
    {
        var bytes = SiprecText.Invite().ToBytes();

        Assert.True(SipMessageParser.TryParse(bytes, SipLimits.Default, out var message, out _));
        Assert.Equal(message is SipRequest { Method.Name: "INVITE", To.Tag: null }, SipGlance.IsNewCall(bytes));
    }
}
