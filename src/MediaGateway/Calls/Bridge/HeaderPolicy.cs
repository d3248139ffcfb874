using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.Messages;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// Which header fields go from one side to the other: those the trunk lists and no other, so that Via, Contact, Record-Route,
/// Warning and whatever else tells of one side's network stays there.
/// </summary>
internal sealed class HeaderPolicy
{
    // A list that named one of these would break the dialog of the other side.
    private static readonly ImmutableArray<string> s_neverPassed =
    [
        "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Route", "Record-Route", "Content-Length", "Content-Type", "Allow",
        "Supported", "Require", "Unsupported", "Session-Expires", "Min-SE", "RSeq", "RAck", "Replaces", "Refer-To", "Server", "User-Agent", "Accept",
    ];

    private readonly HashSet<string> _names;
    private readonly ImmutableArray<string> _beginnings;
    private readonly string _ownRealm;

    /// <param name="passed">Names of the fields that go on; a <c>*</c> at the end for any ending.</param>
    /// <param name="ownRealm">Credentials for this realm were meant for us and end here; empty for none.</param>
    public HeaderPolicy(ImmutableArray<string> passed, string ownRealm)
    {
        _ownRealm = ownRealm;
        _names = passed.Where(name => !name.EndsWith('*')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _beginnings = [.. passed.Where(name => name.EndsWith('*')).Select(name => name[..^1])];
    }

    /// <summary>The fields of a message that go on, in order.</summary>
    public ImmutableArray<SipHeader> Pass(SipMessage message) => [.. message.Headers.Where(field => Passes(field.Name) && !IsForUs(field))];

    private bool IsForUs(SipHeader field) => _ownRealm.Length > 0 && field.Is(SipHeaderNames.Authorization)
        && DigestFields.TryParse(field.Value, out var fields) && fields["realm"] == _ownRealm;

    private bool Passes(string name) =>
        !s_neverPassed.Contains(name, StringComparer.OrdinalIgnoreCase)
        && (_names.Contains(name) || _beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)));
}
