namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>
/// An address of record taken apart as far as rules need it: <c>sip:</c>, <c>sips:</c>, <c>tel:</c>, or bare
/// <c>user@host</c> as Ribbon writes it. Personal data.
/// </summary>
internal readonly record struct AddressOfRecord(string Text, string User, string Host)
{
    public static AddressOfRecord Parse(string text)
    {
        var rest = text.AsSpan().Trim();
        foreach (var scheme in (ReadOnlySpan<string>)["sip:", "sips:", "tel:"])
            if (rest.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) rest = rest[scheme.Length..];

        var at = rest.LastIndexOf('@');
        var user = at < 0 ? rest : rest[..at];
        var host = at < 0 ? [] : rest[(at + 1)..];
        return new AddressOfRecord(text, Uri.UnescapeDataString(Cut(user, ";").ToString()), Cut(host, ";:?>").ToString());
    }

    private static ReadOnlySpan<char> Cut(ReadOnlySpan<char> text, ReadOnlySpan<char> ends)
    {
        var end = text is ['[', ..] ? text.IndexOf(']') + 1 : text.IndexOfAny(ends);
        return end <= 0 ? text : text[..end];
    }
}
