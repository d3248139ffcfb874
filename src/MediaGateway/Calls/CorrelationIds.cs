using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Keys that tie a recording to the same call in other systems.</summary>
internal static class CorrelationIds
{
    public const string SipCallId = "sip-call-id";
    public const string SessionId = "session-id";
    public const string RecordingSession = "recording-session";
    public const string Ucid = "ucid";
    public const string CiscoGuid = "cisco-guid";

    private const int MaxLength = 256;

    public static ImmutableSortedDictionary<string, string> Of(SipRequest invite, MetadataState metadata)
    {
        var ids = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        Put(ids, SipCallId, invite.CallId);
        Put(ids, CiscoGuid, invite.Headers.First("Cisco-Guid"));
        Put(ids, Ucid, invite.Headers.First("X-UCID") ?? UcidOf(invite.Headers.First(SipHeaderNames.UserToUser)));

        // The communication session's id is worth more than that of the recording session it travels in.
        var session = metadata.Sessions.LastOrDefault(candidate => candidate.StopTime.Length == 0) ?? metadata.Sessions.LastOrDefault();
        Put(ids, RecordingSession, session?.Id);
        Put(ids, SessionId, First(session?.SipSessionIds is [var id, ..] ? id : invite.Headers.First("Session-ID")));
        return ids.ToImmutable();
    }

    /// <summary>
    /// Avaya's Universal Call ID out of a User-to-User value (RFC 7433): octets FA 08, then node, sequence and time, printed
    /// as 5, 5 and 10 decimal digits. Null when there is none.
    /// </summary>
    public static string? UcidOf(string? userToUser)
    {
        var hex = First(userToUser);
        var start = hex?.IndexOf("FA08", StringComparison.OrdinalIgnoreCase) ?? -1;
        if (start < 0 || start % 2 != 0 || hex!.Length < start + 20) return null;
        var digits = hex.AsSpan(start + 4, 16);
        if (!ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return null;
        return string.Create(CultureInfo.InvariantCulture, $"{value >> 48:D5}{(value >> 32) & 0xFFFF:D5}{value & 0xFFFF_FFFF:D10}");
    }

    private static string? First(string? value)
    {
        var semicolon = value?.IndexOf(';', StringComparison.Ordinal) ?? -1;
        return semicolon < 0 ? value?.Trim() : value![..semicolon].Trim();
    }

    private static void Put(ImmutableSortedDictionary<string, string>.Builder ids, string key, string? value)
    {
        if (value is { Length: > 0 }) ids[key] = value.Length <= MaxLength ? value : value[..MaxLength];
    }
}
