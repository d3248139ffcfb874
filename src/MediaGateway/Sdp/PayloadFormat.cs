using System.Globalization;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Sdp;

/// <summary>Gives payload types their meaning: rtpmap and fmtp (RFC 8866 §6.6, §6.15), or the static table (RFC 3551 §6).</summary>
internal static class PayloadFormat
{
    private static readonly Dictionary<byte, (string Name, int Rate)> Static = new()
    {
        [0] = ("PCMU", 8000), [3] = ("GSM", 8000), [4] = ("G723", 8000), [8] = ("PCMA", 8000), [9] = ("G722", 8000),
        [10] = ("L16", 44_100), [11] = ("L16", 44_100), [13] = ("CN", 8000), [15] = ("G728", 8000), [18] = ("G729", 8000),

        // 19 is reserved; Cisco gateways send comfort noise under it.
        [19] = ("CN", 8000),
    };

    /// <summary>The lookup for one media description; null for a format that is no payload type or has no meaning.</summary>
    public static Func<string, MediaFormat?> Find(MediaDescription media) => text =>
    {
        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var type) || type > 127) return null;

        var parameters = ValueFor(media, "fmtp", text) ?? "";
        if (ValueFor(media, "rtpmap", text) is { } map) return FromMap(type, map, parameters);
        return Static.TryGetValue(type, out var known)
            ? new MediaFormat(type, known.Name, known.Rate, type == 10 ? 2 : 1, parameters)
            : null;
    };

    private static MediaFormat? FromMap(byte type, string map, string parameters)
    {
        var parts = map.Split('/');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0) return null;
        if (!int.TryParse(parts[1].AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var rate) || rate is < 1 or > 192_000) return null;
        var channels = 1;
        if (parts.Length == 3 && (!int.TryParse(parts[2].AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out channels) || channels is < 1 or > 8)) return null;
        return new MediaFormat(type, parts[0].Trim(), rate, channels, parameters);
    }

    /// <summary>The rest of <c>a=name:type rest</c>, trimmed.</summary>
    private static string? ValueFor(MediaDescription media, string name, string type)
    {
        foreach (var attribute in media.Attributes)
        {
            if (!attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || attribute.Value is not { } value) continue;
            var space = value.AsSpan().IndexOfAny(' ', '\t');
            if (space > 0 && value.AsSpan(0, space).SequenceEqual(type)) return value.AsSpan(space).Trim().ToString();
        }

        return null;
    }
}
