using System.Globalization;
using System.Text;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Conformance;

/// <summary>Whole recording sessions: one of each make, and what a session has to live through.</summary>
internal static class SiprecCases
{
    private const string Group = "siprec";
    private static readonly SiprecPersona s_plain = SiprecPersonas.All[0];

    public static IEnumerable<ConformanceCase> All =>
    [
        .. SiprecPersonas.All.Select(persona => new ConformanceCase(Group, persona.Name, persona.Reference, exchange => new SiprecDialog(exchange, persona).RunAsync())),
        Change("hold and resume by re-INVITE", "RFC 3264 §8.4", async dialog =>
            await dialog.ModifyAsync("INVITE", "application/sdp", s_plain.Description("inactive"), SdpDirection.Inactive)
            ?? await dialog.ModifyAsync("INVITE", "application/sdp", s_plain.Description(), SdpDirection.RecvOnly)),
        Change("hold and resume by UPDATE", "RFC 3311", async dialog =>
            await dialog.ModifyAsync("UPDATE", "application/sdp", s_plain.Description("inactive"), SdpDirection.Inactive)
            ?? await dialog.ModifyAsync("UPDATE", "application/sdp", s_plain.Description(), SdpDirection.RecvOnly)),
        Change("hold by 0.0.0.0", "RFC 3264 §8.4", dialog =>
            dialog.ModifyAsync("INVITE", "application/sdp", s_plain.Description().Replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", StringComparison.Ordinal), SdpDirection.Inactive)),
        Change("a refresh by UPDATE that says nothing", "RFC 4028 §7.4", dialog => dialog.ModifyAsync("UPDATE", "", "", null)),
        Change("a refresh by re-INVITE that says nothing", "RFC 3261 §14.1", dialog => dialog.ModifyAsync("INVITE", "", "", null)),
        Change("metadata alone by UPDATE", "RFC 7866 §9.1", dialog => dialog.ModifyAsync("UPDATE", "application/rs-metadata+xml", s_plain.Metadata, null)),
        Change("metadata alone by re-INVITE", "RFC 7866 §9.1, RFC 8068 §3.2.4", dialog => dialog.ModifyAsync("INVITE", "application/rs-metadata+xml", s_plain.Metadata, null)),
        Change("a partial update about something unknown", "RFC 7866 §9.2", dialog => dialog.ModifyAsync("UPDATE", "application/rs-metadata+xml",
            "<recording xmlns='urn:ietf:params:xml:ns:recording:1'><datamode>partial</datamode><participantstreamassoc participant_id='p9'><send>m9</send></participantstreamassoc></recording>", null)),
        Change("a line more and a line less", "RFC 3264 §8.1, §8.2", dialog => dialog.ModifyAsync("INVITE", "application/sdp",
            s_plain.Description().Replace("m=audio 41002", "m=audio 0", StringComparison.Ordinal) + "m=audio 41006 RTP/AVP 0\na=label:3\na=sendonly\n", null)),
        Change("INFO with key presses", "RFC 6086", dialog => dialog.InfoAsync("Content-Type: application/dtmf-relay\r\n", "Signal=5\r\nDuration=160\r\n")),
        Refuse("nothing that can be received", "RFC 3261 §21.4.26", "application/sdp", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 41000 RTP/AVP 31\r\na=sendonly\r\n", 488),
        Refuse("a multipart body without a boundary", "RFC 2046 §5.1.1", "multipart/mixed", "--x\r\n\r\n--x--", 400),
        Refuse("a body of a type nobody reads", "RFC 3261 §21.4.13", "application/unheard-of", "?", 415),
        .. Hostile(),
    ];

    /// <summary>XML that wants to be expanded or fetched: the call may be taken without it or refused, at once.</summary>
    private static IEnumerable<ConformanceCase> Hostile() => new (string Name, string Document)[]
    {
        ("metadata that expands to gigabytes", "<!DOCTYPE r [<!ENTITY a0 'ha'>" + string.Concat(Enumerable.Range(1, 30).Select(i => $"<!ENTITY a{i} '&a{i - 1};&a{i - 1};'>")) + "]><recording xmlns='urn:ietf:params:xml:ns:recording:1'>&a30;</recording>"),
        ("metadata that wants a file", "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><recording xmlns='urn:ietf:params:xml:ns:recording:1'>&x;</recording>"),
        ("metadata nested ten thousand deep", string.Concat(Enumerable.Repeat("<a>", 10_000))),
    }
    .Select(hostile => new ConformanceCase(Group, hostile.Name, "RELIABILITY S8", async exchange =>
    {
        var dialog = new SiprecDialog(exchange, s_plain with { Metadata = hostile.Document });
        var answer = await dialog.InviteAsync();
        if (answer is null) return "no answer";
        return answer.IsSuccess ? await dialog.EndAsync() : answer.Status is 400 or 413 or 415 or 488 or 513 ? null : $"{answer.Status} where the call without its metadata, or a refusal of it, is expected";
    }));

    private static ConformanceCase Change(string name, string reference, Func<SiprecDialog, Task<string?>> change) => new(Group, name, reference, async exchange =>
    {
        var dialog = new SiprecDialog(exchange, s_plain);
        return await dialog.StartAsync() ?? await change(dialog) ?? await dialog.EndAsync();
    });

    private static ConformanceCase Refuse(string name, string reference, string type, string body, int status) => new(Group, name, reference, async exchange =>
    {
        var dialog = new SiprecDialog(exchange, s_plain);
        var answer = await dialog.InviteAsync(type, body);
        return answer is null ? "no answer" : answer.Status == status ? null : $"{answer.Status} where {status.ToString(CultureInfo.InvariantCulture)} is expected";
    });
}

/// <summary>One recording session as a client sees it, with the checks RFC 7866 asks of the server's answers.</summary>
internal sealed class SiprecDialog(ConformanceExchange exchange, SiprecPersona persona)
{
    private int _cseq = 1;
    private string _to = "<sip:recorder@conformance.example>";
    private string _target = "";

    /// <summary>A whole session of this make.</summary>
    public async Task<string?> RunAsync()
    {
        if (await StartAsync() is { } fault) return fault;
        if (persona.StartsInactive && await ModifyAsync("INVITE", "application/sdp", persona.Description("sendonly"), SdpDirection.RecvOnly) is { } held) return held;
        if (persona.Info.Length > 0 && await InfoAsync(persona.Info, "") is { } info) return info;
        return await EndAsync();
    }

    /// <summary>INVITE, checks, ACK.</summary>
    public async Task<string?> StartAsync()
    {
        var answer = await InviteAsync();
        if (answer is null) return "no answer to the INVITE";
        if (!answer.IsSuccess) return $"{answer.Status} {answer.ReasonPhrase} to the INVITE";
        if (exchange.Provisional.Exists(status => status is > 100 and < 200)) return $"{exchange.Provisional.Find(status => status > 100)} from a recording server, which rings nowhere";

        var late = persona.Sdp.Length == 0;
        if (late) Ack("application/sdp", LateAnswer);
        else Ack("", "");
        if (CheckAnswer(answer) is { } fault) return fault;
        return late ? CheckOffer(answer) : CheckLines(answer, persona.Description(), persona.Taken, persona.StartsInactive ? SdpDirection.Inactive : SdpDirection.RecvOnly);
    }

    /// <summary>A re-INVITE or UPDATE with its checks; <paramref name="direction"/> is what the answer's used lines have to say, null for anything.</summary>
    public async Task<string?> ModifyAsync(string method, string type, string body, SdpDirection? direction)
    {
        _cseq++;
        var answer = await exchange.AskAsync(Request(method, "", type, body), method);
        if (answer is null) return $"no answer to the {method}";
        if (!answer.IsSuccess) return $"{answer.Status} {answer.ReasonPhrase} to the {method}";

        // A re-INVITE without an offer gets one, and the answer is owed in the ACK.
        var owed = method == "INVITE" && type != "application/sdp";
        if (method == "INVITE") Ack(owed ? "application/sdp" : "", owed ? persona.Description() : "");
        if (owed) return answer.Body.IsEmpty ? "no offer in the 200 to a re-INVITE without one" : null;
        return type == "application/sdp" ? CheckLines(answer, body, null, direction) : null;
    }

    public async Task<string?> InfoAsync(string headers, string body)
    {
        _cseq++;
        var answer = await exchange.AskAsync(Request("INFO", headers, "", body), "INFO");
        return answer is null ? "no answer to the INFO" : answer.Status is 200 or 415 ? null : $"{answer.Status} to the INFO";
    }

    public async Task<string?> EndAsync()
    {
        _cseq++;
        var answer = await exchange.AskAsync(Request("BYE", "", "", ""), "BYE");
        return answer is null ? "no answer to the BYE" : answer.IsSuccess ? null : $"{answer.Status} to the BYE";
    }

    public async Task<SipResponse?> InviteAsync()
    {
        var (type, body) = persona.Body();
        return await InviteAsync(type, body);
    }

    public async Task<SipResponse?> InviteAsync(string type, string body)
    {
        var branch = exchange.NewBranch();
        var answer = await exchange.AskAsync(Request("INVITE", persona.Headers, type, body, branch), "INVITE");
        if (answer is null) return null;
        _to = answer.To.ToString();
        if (answer.IsSuccess) _target = answer.Headers.Values(SipHeaderNames.Contact) is [var contact, ..] ? contact.Split('>')[0].TrimStart('<', ' ') : "";
        else exchange.Send(Request("ACK", "", "", "", branch));   // the ACK of a refusal belongs to its transaction (RFC 3261 §17.1.1.3)
        return answer;
    }

    private const string LateAnswer = "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 41002 RTP/AVP 0\r\na=label:1\r\na=sendonly\r\nm=audio 41004 RTP/AVP 0\r\na=label:2\r\na=sendonly\r\n";

    private void Ack(string type, string body) => exchange.Send(Request("ACK", "", type, body));

    private string Request(string method, string headers, string type, string body, string? branch = null)
    {
        var uri = _target.Length > 0 ? _target : "sip:recorder@" + exchange.Target;
        var lines = body.Contains('\r', StringComparison.Ordinal) || persona.LineEnd == "\n" ? body : body.ReplaceLineEndings("\r\n");
        var transport = exchange.IsReliable ? ";transport=" + exchange.Transport.ToLowerInvariant() : "";
        return $"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{exchange.Transport} {exchange.Local};branch={branch ?? exchange.NewBranch()};rport\r\n"
            + $"From: <sip:src@conformance.example>;tag={exchange.Token}\r\nTo: {_to}\r\nCall-ID: {exchange.Token}@conformance\r\n"
            + $"CSeq: {_cseq.ToString(CultureInfo.InvariantCulture)} {method}\r\nMax-Forwards: 70\r\nContact: <sip:src@{exchange.Local}{transport}>{persona.ContactMark}\r\n"
            + $"Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\n{headers}{(type.Length > 0 ? $"Content-Type: {type}\r\n" : "")}"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(lines).ToString(CultureInfo.InvariantCulture)}\r\n\r\n{lines}";
    }

    /// <summary>RFC 7866 §6.1.2: how a recording server shows itself.</summary>
    private static string? CheckAnswer(SipResponse answer) =>
        answer.Headers.Values(SipHeaderNames.Contact).Any(contact => contact.Contains("+sip.srs", StringComparison.OrdinalIgnoreCase)) ? null : "no +sip.srs in the Contact of the 200";

    private static string? CheckOffer(SipResponse answer)
    {
        if (SdpParser.TryParse(answer.Body.Span, out var offer) != SdpParseError.None || offer.Media.IsEmpty) return "no offer in the 200 to an INVITE without one";
        return offer.Media.All(line => line.DirectionIn(offer) is SdpDirection.RecvOnly or SdpDirection.Inactive) ? null : "the offer is not receive-only";
    }

    /// <summary>RFC 3264 §6: a line for a line, in order; RFC 7866 §7.1: a recording server never sends.</summary>
    private static string? CheckLines(SipResponse answer, string offered, IReadOnlyList<bool>? taken, SdpDirection? direction)
    {
        if (SdpParser.TryParse(answer.Body.Span, out var sdp) != SdpParseError.None) return "the answer has no readable SDP";
        SdpParser.TryParse(Encoding.UTF8.GetBytes(offered), out var offer);
        if (!offer.Media.Select(line => line.Kind).SequenceEqual(sdp.Media.Select(line => line.Kind)))
            return $"{sdp.Media.Length} media lines ({string.Join(", ", sdp.Media.Select(line => line.Kind))}) answer {offer.Media.Length}";
        for (var i = 0; i < sdp.Media.Length; i++)
        {
            var line = sdp.Media[i];
            if (offer.Media[i].Port == 0 && line.Port != 0) return $"line {i} was ended by the offer and has a port in the answer";
            if (taken is not null && taken[i] != (line.Port != 0)) return $"line {i} is {(taken[i] ? "refused" : "taken")}";
            if (line.Port == 0) continue;
            var said = line.DirectionIn(sdp);
            if (said is SdpDirection.SendRecv or SdpDirection.SendOnly) return $"line {i} is answered {said}: a recording server never sends";
            if (direction is { } wanted && said != wanted) return $"line {i} is answered {said} where {wanted} is expected";
        }

        return null;
    }
}
