using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>Which payload type carries what (RFC 3551 §3), as one offer/answer agreed it. Immutable.</summary>
internal sealed class PayloadTypeMap
{
    private readonly PayloadFormat[] _formats;

    private PayloadTypeMap(PayloadFormat[] formats) => _formats = formats;

    /// <summary>Knows comfort noise only, which comes without having been negotiated: 13 (RFC 3389) and 19 (before it).</summary>
    public static PayloadTypeMap Empty { get; } = new(NewTable());

    /// <summary>The format of a payload type; <see cref="PayloadKind.Unknown"/> when it was not agreed.</summary>
    public PayloadFormat this[byte payloadType] => _formats[payloadType & 0x7F];

    /// <summary>The map with one more format; one that cannot be received here changes nothing.</summary>
    /// <param name="payloadType">0…127.</param>
    /// <param name="encodingName">Registered name, in any case.</param>
    /// <param name="clockRate">Hz.</param>
    /// <param name="channels">Only 1 is received, except for Opus.</param>
    public PayloadTypeMap With(byte payloadType, string encodingName, int clockRate, int channels)
    {
        var kind = KindOf(encodingName, clockRate, channels);
        if (kind == PayloadKind.Unknown || payloadType > 127) return this;

        var formats = (PayloadFormat[])_formats.Clone();
        formats[payloadType] = new PayloadFormat(kind, clockRate);
        return new PayloadTypeMap(formats);
    }

    private static PayloadKind KindOf(string name, int clockRate, int channels) => (name.ToUpperInvariant(), clockRate, channels) switch
    {
        ("PCMU", 8_000, 1) => PayloadKind.Pcmu,
        ("PCMA", 8_000, 1) => PayloadKind.Pcma,
        ("L16", 8_000 or 16_000 or 48_000, 1) => PayloadKind.L16,
        ("G722", 8_000, 1) => PayloadKind.G722,
        ("OPUS", 48_000, 1 or 2) when OpusLibrary.IsAvailable => PayloadKind.Opus,   // 2 always (RFC 7587 §7); some write 1
        ("TELEPHONE-EVENT", > 0, _) => PayloadKind.TelephoneEvent,
        ("CN", > 0, 1) => PayloadKind.ComfortNoise,
        _ => PayloadKind.Unknown,
    };

    private static PayloadFormat[] NewTable()
    {
        var table = new PayloadFormat[128];
        table[13] = table[19] = new PayloadFormat(PayloadKind.ComfortNoise, 8_000);
        return table;
    }
}
