using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EdgeAssist.MediaGateway.Sip.Parsing;

namespace EdgeAssist.MediaGateway.Sip.Messages;

/// <summary>
/// The header fields of a message, in order, unknown ones included. A small ordered array rather than a hash table: a
/// message has a few dozen fields at most (<see cref="SipLimits.MaxHeaders"/>), and equal-hash names cost nothing here.
/// </summary>
[CollectionBuilder(typeof(SipHeaders), nameof(Create))]
internal sealed class SipHeaders(ImmutableArray<SipHeader> fields) : IEnumerable<SipHeader>
{
    public static SipHeaders Empty { get; } = new([]);

    public ImmutableArray<SipHeader> Fields { get; } = fields;

    public static SipHeaders Create(ReadOnlySpan<SipHeader> fields) => new([.. fields]);

    /// <summary>The first field's value, or null.</summary>
    public string? First(string name)
    {
        foreach (var field in Fields)
            if (field.Is(name)) return field.Value;
        return null;
    }

    public bool Has(string name) => First(name) is not null;

    public int Count(string name) => Fields.Count(field => field.Is(name));

    /// <summary>All values of a list header, over all its fields, split at the commas between them and trimmed; empty elements are skipped.</summary>
    public ImmutableArray<string> Values(string name)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var field in Fields)
            if (field.Is(name)) SipGrammar.SplitList(field.Value, values);
        return values.ToImmutable();
    }

    /// <summary>Whether a list header names the token, without case.</summary>
    public bool HasToken(string name, string token) =>
        Values(name).Any(value => value.Equals(token, StringComparison.OrdinalIgnoreCase));

    public SipHeaders Add(string name, string value) => new(Fields.Add(new SipHeader(name, value)));

    /// <summary>Replaces the first field of this name and drops the others; adds it when there was none.</summary>
    public SipHeaders With(string name, string value)
    {
        var changed = ImmutableArray.CreateBuilder<SipHeader>(Fields.Length + 1);
        var replaced = false;
        foreach (var field in Fields)
        {
            if (!field.Is(name)) changed.Add(field);
            else if (!replaced) changed.Add(new SipHeader(name, value));
            replaced |= field.Is(name);
        }

        if (!replaced) changed.Add(new SipHeader(name, value));
        return new SipHeaders(changed.ToImmutable());
    }

    public SipHeaders Without(string name) => new(Fields.RemoveAll(field => field.Is(name)));

    /// <summary>Replaces the first value of the first Via field and leaves what follows it, in this field and the others.</summary>
    public SipHeaders WithTopVia(Via via)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (!Fields[i].Is(SipHeaderNames.Via)) continue;
            var rest = SipGrammar.SplitList(Fields[i].Value).Skip(1);
            return new SipHeaders(Fields.SetItem(i, new SipHeader(SipHeaderNames.Via, string.Join(", ", rest.Prepend(via.ToString())))));
        }

        return this;
    }

    public IEnumerator<SipHeader> GetEnumerator() => ((IEnumerable<SipHeader>)Fields).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
