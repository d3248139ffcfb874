using System.Globalization;

namespace EdgeAssist.MediaGateway.Siprec.Profiles;

/// <summary>
/// Avaya's Universal Call ID out of a User-to-User value (RFC 7433): octets FA 08, then node, sequence and time, printed as 5, 5
/// and 10 decimal digits.
/// </summary>
internal static class UniversalCallId
{
    /// <summary>The id, null when there is none.</summary>
    public static string? Of(string userToUser)
    {
        var hex = userToUser.Split(';')[0].Trim();
        var start = hex.IndexOf("FA08", StringComparison.OrdinalIgnoreCase);
        if (start < 0 || start % 2 != 0 || hex.Length < start + 20) return null;
        var digits = hex.AsSpan(start + 4, 16);
        if (!ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return null;
        return string.Create(CultureInfo.InvariantCulture, $"{value >> 48:D5}{(value >> 32) & 0xFFFF:D5}{value & 0xFFFF_FFFF:D10}");
    }
}
