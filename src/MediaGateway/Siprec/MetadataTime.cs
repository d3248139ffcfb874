using System.Globalization;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>
/// Times of metadata (RFC 7865 §10, xs:dateTime) as clients write them: with a zone, without one (taken as UTC), and years after
/// the epoch of a device whose clock was never set.
/// </summary>
internal static class MetadataTime
{
    public static DateTimeOffset? Parse(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var time)
            ? time
            : null;

    /// <summary>Whether a stay has ended: it says when it did, and nothing later says that it began again.</summary>
    public static bool HasEnded(string associated, string disassociated) =>
        disassociated.Length > 0 && !(Parse(associated) is { } from && Parse(disassociated) is { } to && from > to);
}
