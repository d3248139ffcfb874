using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>Who is on a bridged call, by what signalling says, and what analysis is told of it.</summary>
internal sealed class BridgeParties
{
    private readonly Trunk _trunk;
    private readonly PartyRole _callerRole;
    private readonly Party[] _parties = [Party.Unknown, Party.Unknown];
    private string _codec = "";
    private string? _agent;          // fixed once somebody took the call over
    private RelaySide? _takenOver;
    private ImmutableArray<(PartyRole Role, RoleEvidence Evidence)> _roles = [];

    /// <param name="id">The call.</param>
    /// <param name="gateway">Name of this gateway.</param>
    /// <param name="trunk">Its trunk.</param>
    /// <param name="callerRole">Role of the caller where no rule on addresses says.</param>
    /// <param name="invite">The caller's INVITE.</param>
    /// <param name="origin">When it came.</param>
    public BridgeParties(CallId id, string gateway, Trunk trunk, PartyRole callerRole, SipRequest invite, ClockAnchor origin)
    {
        (_trunk, _callerRole) = (trunk, callerRole);
        _parties[(int)RelaySide.Caller] = AssertedIn(invite) ?? new Party(invite.From.Address, invite.From.DisplayName);
        _parties[(int)RelaySide.Callee] = new Party(invite.Target is null ? invite.RequestUri : invite.To.Address, invite.To.DisplayName);
        Info = new CallInfo
        {
            Id = id, Origin = origin.Monotonic, StartedAt = origin.Wall, Source = "inline", Gateway = gateway, Trunk = trunk.Name, Team = trunk.Team,
            CorrelationIds = CorrelationIds.Of(new ProfileSubject(invite, null, new MetadataState()), trunk.Profile ?? VendorProfiles.Common),
        };
        Describe();
    }

    public CallInfo Info { get; private set; }

    public Party PartyOf(RelaySide side) => _parties[(int)side];

    /// <summary>
    /// Takes what a later message says of its sender: the asserted identity (RFC 3325 §9.1), which changes when a transfer behind
    /// the peer put somebody else on its leg.
    /// </summary>
    /// <returns>Whether something analysis should know has changed.</returns>
    public bool Learn(RelaySide side, SipMessage message)
    {
        if (AssertedIn(message) is not { } party || party == _parties[(int)side]) return false;
        _parties[(int)side] = party;
        return Describe();
    }

    /// <summary>
    /// A supervisor took a party's place: the leg keeps its role and has another party, and the call stays that of the agent it
    /// was, for whoever asks later whose call it was.
    /// </summary>
    public void TakenOver(RelaySide side, Party supervisor)
    {
        _agent = Info.Agent;
        _takenOver = side;
        _roles = [.. Info.Legs.Select(leg => (leg.Role, leg.RoleEvidence))];
        _parties[(int)side] = supervisor;
        Describe();
    }

    /// <summary>The codec both legs speak.</summary>
    public bool SpeaksCodec(string codec)
    {
        _codec = codec;
        return Describe();
    }

    /// <summary>Ties the callee's dialog to the call, for systems that know only that one.</summary>
    public void Correlate(string calleeCallId) =>
        Info = Info with { CorrelationIds = Info.CorrelationIds.SetItem("sip-call-id-callee", calleeCallId) };

    private bool Describe()
    {
        ImmutableArray<LegInfo> legs = [LegOf(RelaySide.Caller, "caller"), LegOf(RelaySide.Callee, "callee")];
        if (!Info.Legs.IsEmpty && Info.Legs.SequenceEqual(legs)) return false;
        var version = Info.Legs.IsEmpty ? 1 : Info.Version + 1;
        Info = Info with { Version = version, Legs = legs, Agent = _agent ?? IdentityOf(legs, PartyRole.Agent), Customer = IdentityOf(legs, PartyRole.Customer) };
        return true;
    }

    private LegInfo LegOf(RelaySide side, string label)
    {
        var party = _parties[(int)side];
        if (_takenOver == side) return new LegInfo { Id = new LegId((int)side), Label = label, Codec = _codec, Role = _roles[(int)side].Role, RoleEvidence = _roles[(int)side].Evidence, Party = party };
        var speaker = new StreamSpeaker([new MetadataName(party.Aor, party.DisplayName)], IsMixed: false);
        var (role, evidence) = _trunk.Roles.Resolve(speaker, label, (int)side);
        if (role == PartyRole.Unknown && _callerRole is PartyRole.Agent or PartyRole.Customer)
        {
            var other = _callerRole == PartyRole.Agent ? PartyRole.Customer : PartyRole.Agent;
            (role, evidence) = (side == RelaySide.Caller ? _callerRole : other, RoleEvidence.Position);
        }

        return new LegInfo { Id = new LegId((int)side), Label = label, Codec = _codec, Role = role, RoleEvidence = evidence, Party = party };
    }

    private static Party? AssertedIn(SipMessage message) =>
        message.Headers.Values("P-Asserted-Identity") is [var first, ..] && NameAddressParser.TryParse(first, out var address, out _)
            ? new Party(address!.Address, address.DisplayName)
            : null;

    private static string IdentityOf(ImmutableArray<LegInfo> legs, PartyRole role)
    {
        var aor = legs.FirstOrDefault(leg => leg.Role == role)?.Party.Aor ?? "";
        var user = AddressOfRecord.Parse(aor).User;
        return user.Length > 0 ? user : aor;
    }
}
