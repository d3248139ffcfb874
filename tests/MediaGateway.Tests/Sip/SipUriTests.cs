using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

public sealed class SipUriTests
{
    [Fact] // RFC 3261 §19.1.1
    public void All_parts_are_read_and_written_back()
    {
        const string Text = "sips:alice:pw@[2001:db8::10]:5061;transport=tcp;lr?Subject=x";

        var uri = Parse(Text);

        Assert.Equal(("sips", "alice", "pw", "[2001:db8::10]", 5061), (uri.Scheme, uri.User, uri.Password, uri.Host, uri.Port));
        Assert.Equal("tcp", uri.Parameters["transport"]);
        Assert.True(uri.Parameters.Has("lr"));
        Assert.Equal(Text, uri.ToString());
    }

    [Fact] // RFC 4475 §3.1.1.9
    public void A_semicolon_before_the_at_belongs_to_the_user()
    {
        var uri = Parse("sip:user;par=u%40example.net@example.com");

        Assert.Equal("user;par=u@example.net", uri.UserUnescaped);
        Assert.Equal("example.com", uri.Host);
    }

    [Fact] // RFC 4475 §3.1.1.3: never twice
    public void Escapes_are_decoded_once() => Assert.Equal("value%41", Parse("sip:value%25%34%31@example.com").UserUnescaped);

    [Fact] // RFC 5118 §4.3
    public void A_port_inside_the_brackets_is_part_of_the_address() => Assert.Null(Parse("sip:[2001:db8::10:5070]").Port);

    [Theory]
    [InlineData("sip:")]
    [InlineData("sip:@example.com")]
    [InlineData("sip:a@")]
    [InlineData("sip:2001:db8::10")]       // RFC 5118 §4.2
    [InlineData("sip:a@[2001:db8::zz]")]
    [InlineData("sip:a@[192.0.2.1]")]
    [InlineData("sip:a@[::1")]
    [InlineData("sip:a@h:65536")]
    [InlineData("sip:a@h:-1")]
    [InlineData("sip:a%4@h")]
    [InlineData("sip:a%zz@h")]
    [InlineData("sip:a b@h")]
    [InlineData("sip:a@h;;lr")]
    [InlineData("sip:a@b@c")]
    [InlineData("tel:+4930")]
    public void What_is_no_sip_uri_is_refused(string text) => Assert.False(SipUriParser.TryParse(text, out _));

    private static SipUri Parse(string text)
    {
        Assert.True(SipUriParser.TryParse(text, out var uri));
        return uri!;
    }
}
