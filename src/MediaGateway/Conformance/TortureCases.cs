using System.Text;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>
/// Messages that try a parser, written from the facts of RFC 4475, RFC 5118 and the advisories of this class of servers. Most are
/// OPTIONS: they ask for nothing and change nothing.
/// </summary>
internal static class TortureCases
{
    private const string Group = "torture";

    public static IEnumerable<ConformanceCase> All =>
    [
        // Valid, however odd: whatever is answered, it must have been understood.
        Understood("odd spaces, folding, compact and mixed-case names", "RFC 4475 §3.1.1.1",
            "OPTIONS sip:vivekg@$T SIP/2.0\r\nTO :\r\n sip:vivekg@chair.example.com ;   tag    = 1918181833n\r\nfrom   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = $F\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: $I\r\ncseq: 9\r\n  OPTIONS\r\nVIA  : SIP  /   2.0\r\n /$P\r\n    $L ;rport;branch=$B\r\nNewFangledHeader:   newfangled value\r\n continued newfangled value\r\nUnknownHeaderWithUnusualValue: ;;,,;;,;\r\nl: 0\r\n\r\n"),
        Understood("a second Via of an unknown transport", "RFC 4475 §3.1.1.10", Options("", "Via: SIP/2.0/UNKNOWN host.example.com;branch=z9hG4bKu\r\n")),
        Understood("escapes in the user part, NUL among them", "RFC 4475 §3.1.1.3, §3.1.1.4", Options("sip:null-%00-null@example.com", "")),
        Understood("a semicolon in the user part", "RFC 4475 §3.1.1.9", Options("sip:user;par=u%40example.net@example.com", "")),
        Understood("a value of 4000 characters", "RFC 4475 §3.1.1.7", Options("", $"X-Long: {new string('x', 4000)}\r\n")),
        Understood("sixty header fields nobody knows", "RFC 4475 §3.1.1.7", Options("", string.Concat(Enumerable.Range(0, 60).Select(i => $"X-{i}-!.%*+_`'~: {i}\r\n")))),
        Understood("no reason to look into an opaque body", "RFC 4475 §3.1.1.11", Options("", "Content-Type: application/octet-stream\r\n", "\0\r\n\r\n\u0001--b\n")),
        Understood("an IPv6 address in a Via parameter, without brackets", "RFC 5118 §4.5", Options("", "Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKsix\r\n")),
        Understood("an IPv6 reference with a port", "RFC 5118 §4.1, §4.4", Options("sip:user@[2001:db8::10]:5070", "")),
        Understood("escaped header fields inside a Contact", "RFC 4475 §3.3.14", Options("", "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\r\n")),
        Understood("Max-Forwards of 0", "RFC 3261 §8.2.2", Options("", "").Replace("Max-Forwards: 70", "Max-Forwards: 0", StringComparison.Ordinal)),
        Refused("a method made of punctuation", "RFC 4475 §3.1.1.2", Options("", "").Replace("OPTIONS", "!interesting-Method0123456789_*+`.%indeed'~", StringComparison.Ordinal), 405, 501),
        Refused("% that is no escape", "RFC 4475 §3.1.1.5", Options("", "").Replace("OPTIONS", "RE%47IST%45R", StringComparison.Ordinal), 405, 501),

        // Broken: must be refused, and the server must live.
        Refused("a Contact full of semicolons", "RFC 4475 §3.1.2.1", Options("", "Contact: \"Joe\" <sip:joe@example.org>;;;;\r\n"), 400),
        Refused("a negative Content-Length", "RFC 4475 §3.1.2.3", Options("", "").Replace("Content-Length: 0", "Content-Length: -999", StringComparison.Ordinal), 400),
        Refused("a CSeq number beyond 32 bits", "RFC 4475 §3.1.2.4", Options("", "").Replace("CSeq: 1 ", "CSeq: 36893488147419103232 ", StringComparison.Ordinal), 400),
        Refused("a quote that is never closed", "RFC 4475 §3.1.2.6", Options("", "").Replace("To: <sip:user@example.com>", "To: \"Mr. J. User <sip:j.user@example.com>", StringComparison.Ordinal), 400),
        Refused("angle brackets around the Request-URI", "RFC 4475 §3.1.2.7", Options("<sip:user@example.com>", ""), 400),
        Refused("white space inside the Request-URI", "RFC 4475 §3.1.2.8", Options("sip:user@example.com; lr", ""), 400),
        Lenient("white space at the end of the request line", "RFC 4475 §3.1.2.10", Options("", "").Replace(" SIP/2.0\r\nVia", " SIP/2.0  \r\nVia", StringComparison.Ordinal)),
        Lenient("header fields in the Request-URI", "RFC 4475 §3.1.2.11", Options("sip:user@example.com?Route=%3Csip:example.com%3E", "")),
        Lenient("spaces within an address", "RFC 4475 §3.1.2.14", Options("", "").Replace("<sip:user@example.com>", "\"Watson\" < sip:user@example.org >", StringComparison.Ordinal)),
        Lenient("a comma in a name without quotes", "RFC 4475 §3.1.2.15", Options("", "").Replace("To: <", "To: Bell, Alexander <", StringComparison.Ordinal)),
        Refused("a version from the future", "RFC 4475 §3.1.2.16", Options("", "").Replace(" SIP/2.0\r\nVia", " SIP/7.0\r\nVia", StringComparison.Ordinal), 505, 400),
        Refused("the method of CSeq is another", "RFC 4475 §3.1.2.17", Options("", "").Replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", StringComparison.Ordinal), 400),
        Refused("an unknown method, and the method of CSeq is another", "RFC 4475 §3.1.2.18", Options("", "").Replace("OPTIONS sip", "NEWMETHOD sip", StringComparison.Ordinal), 400, 501),
        Refused("no Call-ID, From or To", "RFC 4475 §3.3.1", "OPTIONS sip:user@$T SIP/2.0\r\nVia: SIP/2.0/$P $L;branch=$B;rport\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", 400),
        Refused("a scheme nobody serves", "RFC 4475 §3.3.2", Options("nobodyKnowsThisScheme:totallyopaquecontent", ""), 416, 404),
        Refused("an extension nobody has", "RFC 4475 §3.3.3", Options("", "Require: nothingSupportsThis, nothingSupportsThisEither\r\n"), 420),
        Refused("two Call-IDs", "RFC 4475 §3.3.8", Options("", "Call-ID: another\r\n"), 400),
        Refused("two Content-Lengths that disagree", "RFC 4475 §3.3.9", Options("", "Content-Length: 4\r\n"), 400),
        Refused("an IPv6 address without brackets", "RFC 5118 §4.2", Options("sip:user@2001:db8::10", ""), 400),
        Refused("a request inside a dialog that is not there", "RFC 3261 §12.2.2", Options("", "").Replace("OPTIONS", "BYE", StringComparison.Ordinal).Replace("To: <sip:user@example.com>", "To: <sip:user@example.com>;tag=nobody", StringComparison.Ordinal), 481),
        Refused("a CANCEL of nothing", "RFC 3261 §9.2", Options("", "").Replace("OPTIONS", "CANCEL", StringComparison.Ordinal), 481),
        Refused("a name with a blank before the colon is the same name", "CVE-2020-28361", Options("", "Call-ID : another\r\n"), 400),

        // Nothing may come back, or anything: the server must live.
        Silent("a response to no request", "RFC 3261 §18.1.2", "SIP/2.0 200 OK\r\nVia: SIP/2.0/$P $L;branch=$B\r\nFrom: <sip:a@b>;tag=$F\r\nTo: <sip:a@b>;tag=x\r\nCall-ID: $I\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"),
        Silent("an ACK of nothing", "RFC 3261 §17.2.1", Options("", "").Replace("OPTIONS", "ACK", StringComparison.Ordinal)),
        Survives("line ends alone", "RFC 5626 §3.5.1", "\r\n\r\n\r\n\r\n"),
        Survives("octets that are no text", "advisories", "\u0000\u0001\u0002\uFFFD\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"),
        Survives("a start line of 40 000 characters", "advisories", new string('A', 40_000) + " sip:a@b SIP/2.0\r\n\r\n"),
        Survives("four thousand header fields", "advisories", Options("", string.Concat(Enumerable.Repeat("a:b\r\n", 4000)))),
        Survives("five hundred Accepts", "CVE-2018-7284", Options("", string.Concat(Enumerable.Repeat("Accept: a/b\r\n", 500)))),
    ];

    private static string Options(string uri, string headers, string body = "") =>
        $"OPTIONS {(uri.Length == 0 ? "sip:user@$T" : uri)} SIP/2.0\r\nVia: SIP/2.0/$P $L;branch=$B;rport\r\n{(headers.StartsWith("Via", StringComparison.Ordinal) ? headers : "")}"
        + "From: <sip:caller@example.net>;tag=$F\r\nTo: <sip:user@example.com>\r\nCall-ID: $I\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
        + (headers.StartsWith("Via", StringComparison.Ordinal) ? "" : headers) + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    private static ConformanceCase Understood(string name, string reference, string text) => Make(name, reference, text, async (exchange, bytes) =>
        await exchange.AskAsync(bytes) is not { } answer ? "no answer" : IsUnderstood(answer.Status) ? null : $"{answer.Status} {answer.ReasonPhrase}: it is valid");

    private static ConformanceCase Lenient(string name, string reference, string text) => Make(name, reference, text, async (exchange, bytes) =>
        await exchange.AskAsync(bytes) is not { } answer ? "no answer" : answer.Status == 400 || IsUnderstood(answer.Status) ? null : $"{answer.Status} where 400, or leniency, is expected");

    private static ConformanceCase Refused(string name, string reference, string text, params int[] statuses) => Make(name, reference, text, async (exchange, bytes) =>
    {
        var answer = await exchange.AskAsync(bytes);
        if (answer is null && exchange.IsClosed && statuses.Contains(400)) return null;   // a stream that cannot be framed any more is closed (RFC 3261 §18.3)
        if (answer is null) return "no answer";
        if (!statuses.Contains(answer.Status)) return $"{answer.Status} where {string.Join(" or ", statuses)} is expected";
        return answer.Status == 420 && !answer.Headers.Has(SipHeaderNames.Unsupported) ? "420 without Unsupported" : null;
    });

    private static ConformanceCase Silent(string name, string reference, string text) => Make(name, reference, text, async (exchange, bytes) =>
    {
        exchange.Send(bytes);
        return await exchange.ReceiveAsync(TimeSpan.FromMilliseconds(400)) is SipResponse answer ? $"{answer.Status} where silence is expected" : null;
    });

    private static ConformanceCase Survives(string name, string reference, string text) => Make(name, reference, text, async (exchange, bytes) =>
    {
        exchange.Send(bytes);
        await exchange.ReceiveAsync(TimeSpan.FromMilliseconds(200));
        return null;   // whether it lives is asked after every case
    });

    private static ConformanceCase Make(string name, string reference, string text, Func<ConformanceExchange, ReadOnlyMemory<byte>, Task<string?>> run) =>
        new(Group, name, reference, exchange => run(exchange, Encoding.UTF8.GetBytes(Fill(exchange, text))));

    /// <summary>Puts our addresses and tokens in: $L host and port of ours, $T of the server, $P transport, $B branch, $I Call-ID, $F tag.</summary>
    private static string Fill(ConformanceExchange exchange, string text) => text
        .Replace("$L", exchange.Local, StringComparison.Ordinal).Replace("$T", exchange.Target, StringComparison.Ordinal)
        .Replace("$P", exchange.Transport, StringComparison.Ordinal).Replace("$B", exchange.NewBranch(), StringComparison.Ordinal)
        .Replace("$I", exchange.Token + "@conformance", StringComparison.Ordinal).Replace("$F", exchange.Token, StringComparison.Ordinal);

    internal static bool IsUnderstood(int status) => status is not (400 or 500 or 505 or 513);
}
