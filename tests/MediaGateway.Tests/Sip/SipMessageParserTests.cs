using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.Testing.Sip;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Sip;

public sealed class SipMessageParserTests
{
    private const string Tail =
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\nFrom: <sip:a@example.net>;tag=1\r\nTo: <sip:b@example.net>\r\nCall-ID: c\r\n";

    [Fact] // RFC 3261 §7.3.1, RFC 4475 §3.1.1.1
    public void Folding_compact_names_and_white_space_are_read_in_their_oddest_form()
    {
        var text =
            """
            INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
            TO :
             sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
            from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
              ;
              tag = 98asjd8
            MaX-fOrWaRdS: 0068
            Call-ID: wsinv.ndaksdj@192.0.2.1
            Content-Length   : 4
            cseq: 0009
              INVITE
            Via  : SIP  /   2.0
             /UDP
                192.0.2.2;branch=390skdjuw
            s :
            NewFangledHeader:   newfangled value
             continued newfangled value
            UnknownHeaderWithUnusualValue: ;;,,;;,;
            Content-Type: application/sdp
            Route:
             <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
            v:  SIP  / 2.0  / TCP     spindle.example.com   ;
              branch  =   z9hG4bK9ikj8  ,
             SIP  /    2.0   / UDP  192.168.255.111   ; branch=
             z9hG4bK30239
            m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
                  newvalue ;
              secondparam ; q = 0.33

            v=0

            """.ReplaceLineEndings("\r\n");

        var request = Assert.IsType<SipRequest>(SipTestMessages.Parse(text));

        Assert.Equal("1918181833n", request.To.Tag);
        Assert.Equal(("J Rosenberg \\\"", "98asjd8"), (request.From.DisplayName, request.From.Tag));
        Assert.Equal(new CSeq(9, SipMethod.Invite), request.CSeq);
        Assert.Equal(("UDP", "192.0.2.2", "390skdjuw"), (request.Via.Transport, request.Via.Host, request.Via.Branch));
        Assert.Equal(3, request.Headers.Values(SipHeaderNames.Via).Length);
        Assert.Equal("newfangled value continued newfangled value", request.Headers.First("NewFangledHeader"));
        Assert.Equal("v=0\r"u8.ToArray(), request.Body.ToArray());
    }

    [Fact] // RFC 3261 §7.3.1
    public void Unknown_header_fields_keep_their_order_and_their_spelling()
    {
        var text = $"OPTIONS sip:b@example.net SIP/2.0\r\nX-One: 1\r\n{Tail}x-TWO: 2\r\nCSeq: 1 OPTIONS\r\nX-One: 3\r\n\r\n";

        var request = SipTestMessages.Parse(text);

        Assert.Equal(["X-One=1", "x-TWO=2", "X-One=3"],
            request.Headers.Where(field => field.Name.StartsWith("x-", StringComparison.OrdinalIgnoreCase)).Select(field => $"{field.Name}={field.Value}"));
    }

    [Fact] // RFC 3261 §18.3
    public void Octets_behind_Content_Length_are_ignored_on_a_datagram()
    {
        var request = SipTestMessages.Parse($"OPTIONS sip:b@example.net SIP/2.0\r\n{Tail}CSeq: 1 OPTIONS\r\nContent-Length: 2\r\n\r\nabGARBAGE");

        Assert.Equal("ab"u8.ToArray(), request.Body.ToArray());
    }

    [Fact] // finding: one vendor's bodies are all bare LF
    public void Bare_LF_ends_header_lines_and_stays_untouched_in_the_body()
    {
        var text = $"OPTIONS sip:b@example.net SIP/2.0\r\n{Tail}CSeq: 1 OPTIONS\r\nContent-Length: 8\r\n\r\n".ReplaceLineEndings("\n") + "v=0\ns=-\n";

        Assert.Equal("v=0\ns=-\n"u8.ToArray(), SipTestMessages.Parse(text).Body.ToArray());
    }

    [Theory]
    [InlineData("OPTIONS sip:b@example.net SIP/7.0", "CSeq: 1 OPTIONS", 505)]                                      // RFC 4475 §3.1.2.16
    [InlineData("OPTIONS  sip:b@example.net  SIP/2.0", "CSeq: 1 OPTIONS", 400)]                                    // §3.1.2.9
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nContent-Length: 9999", 400)]              // §3.1.2.2
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\nl: 0", 400)]         // §3.3.9
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nContact: sip:c@h?Route=%3Csip:x%3E", 400)] // §3.1.2.13
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nContact: \"Joe\" <sip:c@h>;;;;", 400)]    // §3.1.2.1
    [InlineData("OPTIONS sip:b@[2001:db8:::192.0.2.1] SIP/2.0", "CSeq: 1 OPTIONS", 400)]                           // RFC 5118 §4.10
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 4294967296 OPTIONS", 400)]
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nMax-Forwards: 256", 400)]
    [InlineData("OPTIONS sip:b@example.net SIP/2.0", "CSeq: 1 OPTIONS\r\nNo colon here", 400)]
    public void A_fault_is_answered_with_its_status_and_a_reason(string line, string headers, int status)
    {
        var failure = SipTestMessages.Refuse($"{line}\r\n{Tail}{headers}\r\n\r\n");

        Assert.Equal(status, failure.Status);
        Assert.NotEmpty(failure.Why);
        var answer = Encoding.UTF8.GetString(SipResponses.ToMalformed(failure)!.Value.Span);
        Assert.StartsWith($"SIP/2.0 {status} {failure.Phrase}\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("branch=z9hG4bKx", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SIP/2.0 4294967301 better not break the receiver")] // RFC 4475 §3.1.2.19
    [InlineData("SIP/2.0 99 low")]
    [InlineData("SIP/2.0")]
    [InlineData("SIP/2.0 20")]   // once read behind its end
    public void A_malformed_status_line_is_discarded_without_an_answer(string line)
    {
        var failure = SipTestMessages.Refuse($"{line}\r\n{Tail}CSeq: 1 OPTIONS\r\n\r\n");

        Assert.Equal(SipParseError.StatusLine, failure.Error);
        Assert.Null(SipResponses.ToMalformed(failure));
    }

    [Fact] // RFC 4475 §3.1.1.2
    public void A_request_of_every_allowed_character_is_read()
    {
        const string Text =
            "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
            + "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\n"
            + "To: \"BEL:\\\u0007 NUL:\\\0 DEL:\\\u007F\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\n"
            + "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%=\"\u0440\u0430\u0431\";tag=_token~1'+`*%!-.\r\n"
            + "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
            + "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\n"
            + "extensionHeader-!.%*+_`'~: \uFEFF\u5927\u505C\u96FB\r\nContent-Length: 0\r\n\r\n";

        var request = Assert.IsType<SipRequest>(SipTestMessages.Parse(Text));

        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", request.Target!.User);
        Assert.Equal("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", request.Target.Password);
        Assert.Equal("_token~1'+`*%!-.", request.From.Tag);
    }

    [Fact]
    public void What_is_written_is_what_was_read()
    {
        var request = SipTestMessages.Request(SiprecText.Invite());

        var again = Assert.IsType<SipRequest>(SipTestMessages.Parse(SipWriter.Write(request)));

        Assert.Equal(request.Headers.Fields, again.Headers.Fields);
        Assert.Equal(request.Body.ToArray(), again.Body.ToArray());
        Assert.Equal(request.RequestUri, again.RequestUri);
    }

    [Fact]
    public void More_header_fields_than_the_ceiling_are_refused_as_too_large()
    {
        var many = string.Concat(Enumerable.Repeat("X: y\r\n", SipLimits.Default.MaxHeaders));

        Assert.Equal(513, SipTestMessages.Refuse($"OPTIONS sip:b@example.net SIP/2.0\r\n{Tail}CSeq: 1 OPTIONS\r\n{many}\r\n").Status);
    }

    [Fact]
    public void A_body_above_the_ceiling_is_refused_as_too_large()
    {
        var limits = new SipLimits { MaxBodyBytes = 10 };

        Assert.False(SipMessageParser.TryParse(SiprecText.Invite().ToBytes(), limits, out _, out var failure));

        Assert.Equal(513, failure.Status);
    }
}
