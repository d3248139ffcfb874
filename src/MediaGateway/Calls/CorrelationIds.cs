using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Siprec.Profiles;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>Keys that tie a recording to the same call in other systems.</summary>
internal static class CorrelationIds
{
    public const string SipCallId = "sip-call-id";
    public const string SessionId = "session-id";
    public const string RecordingSession = "recording-session";

    private const int MaxLength = 256;

    /// <summary>The keys every session has, and those its client's profile names.</summary>
    public static ImmutableSortedDictionary<string, string> Of(in ProfileSubject subject, VendorProfile profile)
    {
        var (invite, metadata) = (subject.Invite, subject.Metadata);
        var ids = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var rule in profile.Correlation) Put(ids, rule.Key, rule.Read(subject));
        Put(ids, SipCallId, invite.CallId);

        // The communication session's id is worth more than that of the recording session it travels in.
        var session = metadata.LiveSessions.LastOrDefault() ?? metadata.Sessions.LastOrDefault();
        Put(ids, RecordingSession, session?.Id);
        Put(ids, SessionId, First(session?.SipSessionIds is [var id, ..] ? id : invite.Headers.First("Session-ID")));
        return ids.ToImmutable();
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
