using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// Payload types from one side to the other: the number a format has where it comes from to the number it has where it goes.
/// Immutable; a lookup for each packet, made anew for each offer/answer.
/// </summary>
internal sealed class PayloadTypeBridge
{
    /// <summary>The payload type means nothing to the receiver.</summary>
    public const byte None = 0xFF;

    /// <summary>The receiver's number and the clock rate side by side: one look into memory for each packet.</summary>
    private readonly (byte Type, int ClockRate)[] _table = new (byte, int)[128];

    /// <summary>Knows nothing but comfort noise.</summary>
    public static PayloadTypeBridge Empty { get; } = new([], []);

    /// <param name="sent">Formats of the sender, by the numbers it uses.</param>
    /// <param name="received">Formats of the receiver, by the numbers it wants.</param>
    public PayloadTypeBridge(ImmutableArray<MediaFormat> sent, ImmutableArray<MediaFormat> received)
    {
        Array.Fill(_table, (None, 8_000));
        Formats = sent.Aggregate(PayloadTypeMap.Empty, (map, format) => map.With(format.PayloadType, format.EncodingName, format.ClockRate, format.Channels));

        // What neither side gave a meaning passes under its own number, for comfort noise comes without being negotiated.
        foreach (var type in (ReadOnlySpan<byte>)[13, 19]) _table[type].Type = type;
        foreach (var format in sent)
        {
            if (format.PayloadType > 127) continue;
            _table[format.PayloadType] = (Find(format, received), format.ClockRate);
        }
    }

    /// <summary>Meaning of the sender's payload types, as far as they can be decoded here.</summary>
    public PayloadTypeMap Formats { get; }

    /// <summary>The receiver's number for a sender's payload type; <see cref="None"/> when it has none.</summary>
    public byte this[byte payloadType] => _table[payloadType & 0x7F].Type;

    public int ClockRate(byte payloadType) => _table[payloadType & 0x7F].ClockRate;

    private static byte Find(MediaFormat format, ImmutableArray<MediaFormat> received)
    {
        // The same number first: a receiver may list one format twice with different parameters.
        foreach (var candidate in received)
            if (candidate.PayloadType == format.PayloadType && IsSame(candidate, format)) return candidate.PayloadType;
        foreach (var candidate in received)
            if (candidate.PayloadType <= 127 && IsSame(candidate, format)) return candidate.PayloadType;
        return None;
    }

    private static bool IsSame(MediaFormat a, MediaFormat b) =>
        a.EncodingName.Equals(b.EncodingName, StringComparison.OrdinalIgnoreCase) && a.ClockRate == b.ClockRate && a.Channels == b.Channels;
}

/// <summary>
/// Bridges by what they bridge: most calls have the same formats, and one table for all of them stays in the processor's cache.
/// One owner.
/// </summary>
internal sealed class PayloadTypeBridges
{
    /// <summary>Descriptions vary without end; beyond this many kinds a call has a table of its own.</summary>
    private const int Max = 256;

    private readonly Dictionary<Key, PayloadTypeBridge> _known = [];

    public PayloadTypeBridge Of(ImmutableArray<MediaFormat> sent, ImmutableArray<MediaFormat> received)
    {
        var key = new Key(sent, received);
        if (_known.TryGetValue(key, out var bridge)) return bridge;
        bridge = new PayloadTypeBridge(sent, received);
        if (_known.Count < Max) _known.Add(key, bridge);
        return bridge;
    }

    private readonly record struct Key(ImmutableArray<MediaFormat> Sent, ImmutableArray<MediaFormat> Received)
    {
        public bool Equals(Key other) => Sent.AsSpan().SequenceEqual(other.Sent.AsSpan()) && Received.AsSpan().SequenceEqual(other.Received.AsSpan());

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var format in Sent) hash.Add(format);
            hash.Add(0);
            foreach (var format in Received) hash.Add(format);
            return hash.ToHashCode();
        }
    }
}
