using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Sip.Parsing;

/// <summary>The header fields every message must have (RFC 3261 §8.1.1), parsed, and the rules between them.</summary>
internal sealed record SipCoreHeaders(Via Via, NameAddress From, NameAddress To, string CallId, CSeq CSeq)
{
    /// <summary>Parses them.</summary>
    /// <param name="headers">All header fields.</param>
    /// <param name="method">Method of the request, null for a response.</param>
    /// <param name="parsed">The result.</param>
    /// <param name="why">What is wrong: fixed text, nothing of the peer's.</param>
    public static SipParseError TryParse(SipHeaders headers, SipMethod? method, out SipCoreHeaders? parsed, out string why)
    {
        parsed = null;
        foreach (var name in SipHeaderNames.Single)
            if (headers.Count(name) > 1) return Refuse(SipParseError.RepeatedHeader, $"more than one {name}", out why);
        foreach (var name in (ReadOnlySpan<string>)[SipHeaderNames.Via, SipHeaderNames.From, SipHeaderNames.To, SipHeaderNames.CallId, SipHeaderNames.CSeq])
            if (!headers.Has(name)) return Refuse(SipParseError.MissingHeader, $"{name} is missing", out why);

        if (!TryParseVias(headers, out var via)) return Refuse(SipParseError.Via, "Via is malformed", out why);
        if (!NameAddressParser.TryParse(headers.First(SipHeaderNames.From), out var from, out var fault))
            return Refuse(SipParseError.FromOrTo, $"From: {fault}", out why);
        if (!NameAddressParser.TryParse(headers.First(SipHeaderNames.To), out var to, out fault))
            return Refuse(SipParseError.FromOrTo, $"To: {fault}", out why);

        var callId = headers.First(SipHeaderNames.CallId)!;
        if (callId.Length == 0 || callId.AsSpan().ContainsAny(' ', '\t')) return Refuse(SipParseError.CallId, "Call-ID is malformed", out why);

        var error = TryParseCSeq(headers.First(SipHeaderNames.CSeq)!, method, out var cseq, out why);
        if (error == SipParseError.None) error = CheckOthers(headers, method, out why);
        if (error == SipParseError.None) parsed = new SipCoreHeaders(via!, from!, to!, callId, cseq);
        return error;
    }

    private static bool TryParseVias(SipHeaders headers, out Via? top)
    {
        top = null;
        foreach (var value in headers.Values(SipHeaderNames.Via))
        {
            if (!ViaParser.TryParse(value, out var via)) return false;
            top ??= via;
        }

        return top is not null;
    }

    private static SipParseError TryParseCSeq(string text, SipMethod? method, out CSeq cseq, out string why)
    {
        cseq = default;
        var space = text.AsSpan().IndexOfAny(' ', '\t');
        var name = space < 0 ? [] : SipGrammar.Trim(text.AsSpan(space));
        if (space < 0 || !SipGrammar.IsToken(name)) return Refuse(SipParseError.CSeq, "CSeq is malformed", out why);
        if (!SipGrammar.TryParseNumber(text.AsSpan(0, space), int.MaxValue, out var number))
            return Refuse(SipParseError.CSeq, "CSeq number is not between 0 and 2147483647", out why);

        cseq = new CSeq((uint)number, new SipMethod(name.ToString()));
        if (method is { } wanted && wanted != cseq.Method)
            return Refuse(SipParseError.MethodMismatch, "the method of CSeq is not that of the request", out why);
        why = "";
        return SipParseError.None;
    }

    private static SipParseError CheckOthers(SipHeaders headers, SipMethod? method, out string why)
    {
        why = "";
        if (headers.First(SipHeaderNames.MaxForwards) is { } hops && !SipGrammar.TryParseNumber(hops, 255, out _))
            return Refuse(SipParseError.MaxForwards, "Max-Forwards is not between 0 and 255", out why);
        foreach (var value in headers.Values(SipHeaderNames.Contact))
        {
            if (value is "*") continue;
            if (!NameAddressParser.TryParse(value, out _, out var fault)) return Refuse(SipParseError.Contact, $"Contact: {fault}", out why);
        }

        return SipParseError.None;
    }

    private static SipParseError Refuse(SipParseError error, string reason, out string why)
    {
        why = reason;
        return error;
    }
}
