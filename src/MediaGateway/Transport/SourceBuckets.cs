using System.Buffers.Binary;
using System.Net;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// A token bucket for each source, in a table of fixed size: when a generation is full, the one before it is forgotten, which
/// gives sources not heard of for long a full bucket again and those that keep sending nothing. One owner, no locks.
/// </summary>
/// <param name="perSecond">Tokens a second; twice as many are there at first.</param>
internal sealed class SourceBuckets(int perSecond)
{
    public const int MaxSources = 4096;

    private Dictionary<UInt128, (double Tokens, Instant At)> _current = [];
    private Dictionary<UInt128, (double Tokens, Instant At)> _previous = [];

    /// <summary>Sources remembered now.</summary>
    public int Count => _current.Count + _previous.Count;

    public bool TryTake(UInt128 source, Instant now)
    {
        var tokens = TokensOf(source, now);
        var taken = tokens >= 1;
        if (_current.Count >= MaxSources && !_current.ContainsKey(source)) (_previous, _current) = (_current, []);
        _current[source] = (taken ? tokens - 1 : tokens, now);
        return taken;
    }

    /// <summary>Time until the next token, zero when there is one.</summary>
    public TimeSpan TimeUntil(UInt128 source, Instant now)
    {
        var tokens = TokensOf(source, now);
        return tokens >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - tokens) / perSecond) + TimeSpan.FromTicks(1);
    }

    /// <summary>The address as a number: IPv4 whole, IPv6 by its network of 64 bits, since one host has all addresses of it.</summary>
    public static UInt128 KeyOf(IPAddress source)
    {
        Span<byte> octets = stackalloc byte[16];
        if (source.IsIPv4MappedToIPv6) source = source.MapToIPv4();
        source.TryWriteBytes(octets, out var length);
        return length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(octets) : (UInt128)BinaryPrimitives.ReadUInt64BigEndian(octets) << 64;
    }

    private double TokensOf(UInt128 source, Instant now)
    {
        double burst = 2 * perSecond;
        var (tokens, at) = _current.TryGetValue(source, out var bucket) || _previous.TryGetValue(source, out bucket) ? bucket : (burst, now);
        return Math.Min(burst, tokens + ((now - at).TotalSeconds * perSecond));
    }
}
