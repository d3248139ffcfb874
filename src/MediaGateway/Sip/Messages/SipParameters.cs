using System.Collections.Immutable;
using System.Text;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>One <c>;name=value</c>; the value is null for a flag, and keeps its quotes when it was quoted.</summary>
internal readonly record struct SipParameter(string Name, string? Value);

/// <summary>Semicolon-separated parameters in order (RFC 3261 §25.1 generic-param). Names are compared without case.</summary>
internal sealed class SipParameters(ImmutableArray<SipParameter> items)
{
    private const int MaxParameters = 64;

    public static SipParameters None { get; } = new([]);

    public ImmutableArray<SipParameter> Items { get; } = items;

    public bool Has(string name) => Items.Any(item => item.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value, "" for a flag, null when absent.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var item in Items)
                if (item.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return item.Value ?? "";
            return null;
        }
    }

    public SipParameters With(string name, string? value)
    {
        for (var i = 0; i < Items.Length; i++)
            if (Items[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return new SipParameters(Items.SetItem(i, new SipParameter(Items[i].Name, value)));
        return new SipParameters(Items.Add(new SipParameter(name, value)));
    }

    /// <summary>Parses what follows an address: nothing, or <c>;a=b;c</c> with white space around every separator.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SipParameters parameters)
    {
        parameters = None;
        var items = ImmutableArray.CreateBuilder<SipParameter>();
        text = SipGrammar.TrimStart(text);
        while (!text.IsEmpty)
        {
            if (text[0] != ';' || items.Count >= MaxParameters) return false;
            text = SipGrammar.TrimStart(text[1..]);
            if (!TryParseOne(ref text, out var item)) return false;
            items.Add(item);
            text = SipGrammar.TrimStart(text);
        }

        parameters = new SipParameters(items.ToImmutable());
        return true;
    }

    private static bool TryParseOne(ref ReadOnlySpan<char> text, out SipParameter item)
    {
        item = default;
        var length = SipGrammar.TokenLength(text);
        if (length == 0) return false;
        var name = text[..length].ToString();
        text = SipGrammar.TrimStart(text[length..]);
        if (text.IsEmpty || text[0] != '=')
        {
            item = new SipParameter(name, null);
            return true;
        }

        text = SipGrammar.TrimStart(text[1..]);
        var valueLength = text is ['"', ..] ? SipGrammar.QuotedLength(text) : SipGrammar.ParameterValueLength(text);
        if (valueLength == 0) return false;
        item = new SipParameter(name, text[..valueLength].ToString());
        text = text[valueLength..];
        return true;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var item in Items)
        {
            text.Append(';').Append(item.Name);
            if (item.Value is not null) text.Append('=').Append(item.Value);
        }

        return text.ToString();
    }
}
