using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// Knows the INVITEs we sent: one that comes back to us unchanged in Call-ID and From tag went in a circle (RFC 3261 §16.3).
/// Round another back-to-back user agent Max-Forwards ends it.
/// </summary>
internal sealed class LoopGuard
{
    private readonly HashSet<(string CallId, string Tag)> _sent = [];

    public void Add(SipRequest invite) => _sent.Add(KeyOf(invite));

    public void Remove(SipRequest invite) => _sent.Remove(KeyOf(invite));

    public bool IsOurs(SipRequest invite) => _sent.Contains(KeyOf(invite));

    private static (string CallId, string Tag) KeyOf(SipRequest invite) => (invite.CallId, invite.From.Tag ?? "");
}
