using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;
using EdgeAssist.MediaGateway.Siprec.Profiles;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>
/// One call from INVITE to BYE: joins what signalling says, the streams and the way into analysis. Belongs to the signalling
/// loop; media runs on threads of its own and is only started, changed and stopped from here.
/// </summary>
internal sealed class RecordedCall(CallId id, string gateway, Trunk trunk, SipRequest invite, CallMedia media, ClockAnchor origin)
{
    private readonly MetadataState _metadata = new();
    private readonly HashSet<LegId> _announced = [];
    private readonly Dictionary<LegId, PartyRole> _corrections = [];
    private SessionDescription? _offer;
    private ICallAudio? _audio;
    private bool _awaitsAnswer;

    public CallInfo Info { get; private set; } = new()
    {
        Id = id, Origin = origin.Monotonic, StartedAt = origin.Wall, Source = "siprec", Gateway = gateway, Trunk = trunk.Name, Team = trunk.Team,
    };

    public CallMedia Media => media;

    public Trunk Trunk => trunk;

    /// <summary>The make of the client, as its trunk says or its first request shows.</summary>
    public VendorProfile Profile { get; private set; } = trunk.Profile ?? VendorProfiles.Common;

    /// <summary>Whether audio reaches analysis.</summary>
    public RecordingState Recording { get; private set; }

    public MetadataDialect? Dialect => _metadata.Dialect;

    /// <summary>Metadata referred to something unknown: a snapshot should be asked for.</summary>
    public bool WantsSnapshot { get; set; }

    public Instant SnapshotAskedAt { get; set; } = new(long.MinValue / 2);

    /// <summary>Last time signalling said something about this call.</summary>
    public Instant SignalledAt { get; private set; } = origin.Monotonic;

    /// <summary>Answers the initial INVITE.</summary>
    public SessionDecision Start(RecordingBody body, IPAddress source, ImmutableArray<MediaFormat> ownFormats, ICallAudioSink sink)
    {
        if (body.Metadata is { } metadata) WantsSnapshot = !_metadata.Apply(metadata);   // a partial one before any whole one is not enough
        _offer = body.Sdp;
        if (trunk.Profile is null) Profile = VendorProfiles.Detect(Subject);
        _awaitsAnswer = body.Sdp is null;
        var outcome = body.Sdp is { } offer ? media.TakeOffer(offer, source) : media.MakeOffer(ownFormats);
        if (outcome != OfferOutcome.Taken) return Refuse(outcome);

        Describe();
        _audio = sink.Open(Info);
        Announce();
        return SessionDecision.Accept(media.Description);
    }

    /// <summary>Answers a re-INVITE or UPDATE: a description, metadata, both, or neither.</summary>
    public SessionDecision Modify(SipRequest request, RecordingBody body, IPAddress source, Instant now)
    {
        SignalledAt = now;
        if (body.Sdp is { } offer && media.TakeOffer(offer, source) is var outcome and not OfferOutcome.Taken) return Refuse(outcome);
        Learn(body);

        // A re-INVITE without a description asks for our offer: what we agreed on already. An UPDATE then has none.
        _awaitsAnswer = body.Sdp is null && request.Method == SipMethod.Invite;
        return SessionDecision.Accept(body.Sdp is not null || _awaitsAnswer ? media.Description : default);
    }

    /// <summary>Takes an ACK; it carries the answer when the offer was ours.</summary>
    /// <returns>False when the call cannot go on.</returns>
    public bool Acknowledge(RecordingBody body, IPAddress source, Instant now)
    {
        SignalledAt = now;
        if (!_awaitsAnswer) return true;

        _awaitsAnswer = false;
        if (body.Sdp is not { } answer || media.TakeAnswer(answer, source) != OfferOutcome.Taken) return false;
        Learn(body);
        return true;
    }

    /// <summary>Takes metadata that came without anything to answer.</summary>
    public void Learn(RecordingBody body)
    {
        if (body.Metadata is { } metadata && !_metadata.Apply(metadata)) WantsSnapshot = true;
        Publish();
    }

    /// <summary>Starts, pauses, resumes or stops analysis.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Control(RecordingAction action)
    {
        var next = Recording.After(action);
        if (next == Recording) return false;
        Recording = next;
        foreach (var line in media.Lines) line.Media.Audio.IsWithheld = next != RecordingState.On;
        Publish();
        return true;
    }

    /// <summary>Puts a role right for the rest of the call.</summary>
    /// <returns>Whether the call has such a leg.</returns>
    public bool Correct(LegId leg, PartyRole role)
    {
        if (Info.Leg(leg) is null) return false;
        _corrections[leg] = role;
        Publish();
        return true;
    }

    /// <summary>Tells analysis what has changed, if anything has.</summary>
    private void Publish()
    {
        var before = Info;
        Describe();
        if (Same(before, Info))
        {
            Info = before;
            return;
        }

        Info = Info with { Version = before.Version + 1 };
        Announce();
        _audio?.Update(Info);
    }

    /// <summary>Whether every stream that should carry media has been silent for longer than <paramref name="limit"/>.</summary>
    public bool IsSilent(Instant now, TimeSpan limit)
    {
        var expected = media.Lines.Where(line => line.ExpectsMedia).ToList();
        return expected.Count > 0 && now - SignalledAt > limit && expected.All(line => IsSilent(line.Media.Statistics.LastPacketAt));

        bool IsSilent(Instant last) => last.IsNever || now - last > limit;
    }

    /// <summary>Ends the streams, which completes their pipes, then waits until analysis has taken the last of them.</summary>
    public async Task CloseAsync(CallEndReason reason, CancellationToken cancellationToken)
    {
        media.EndAll();
        foreach (var leg in media.TakeEnded()) await leg.DisposeAsync();
        if (_audio is not null) await _audio.CloseAsync(reason, cancellationToken);
    }

    private static SessionDecision Refuse(OfferOutcome outcome) => outcome == OfferOutcome.NoPort
        ? SessionDecision.Reject(503, "no RTP port is free") with { Headers = [new SipHeader(SipHeaderNames.RetryAfter, "10")] }
        : SessionDecision.Reject(488, "no media line with a codec and a transport that are received here");

    /// <summary>Makes <see cref="Info"/> say what is known now.</summary>
    private void Describe()
    {
        var legs = media.Lines.Select(Describe).ToImmutableArray();
        Info = Info with
        {
            Legs = legs,
            Agent = IdentityOf(legs, PartyRole.Agent),
            Customer = IdentityOf(legs, PartyRole.Customer),
            CorrelationIds = CorrelationIds.Of(Subject, Profile),
        };
    }

    private LegInfo Describe(CallLine line)
    {
        var speaker = _metadata.SpeakerOf(line.Label, line.Position);
        var (role, evidence) = RoleOf(line, speaker);
        return new LegInfo
        {
            Id = line.Leg, Label = line.Label, Codec = line.Codec, Role = role, RoleEvidence = evidence,
            IsPaused = Recording != RecordingState.On,
            Party = speaker.Names is [var name, ..] ? new Party(name.Aor, name.Name) : Party.Unknown,
        };
    }

    private (PartyRole Role, RoleEvidence Evidence) RoleOf(CallLine line, StreamSpeaker speaker)
    {
        if (_corrections.TryGetValue(line.Leg, out var corrected)) return (corrected, RoleEvidence.Correction);
        var resolved = trunk.Roles.Resolve(speaker, line.Label, line.Position);
        if (resolved.Role != PartyRole.Unknown || media.Lines.Count != 1) return resolved;

        // A client that opens one session a side marks the session: a convention of its make, like a label's.
        var marked = Profile.RoleOf(Subject);
        return marked == PartyRole.Unknown ? resolved : (marked, RoleEvidence.Label);
    }

    private ProfileSubject Subject => new(invite, _offer, _metadata);

    private static string IdentityOf(ImmutableArray<LegInfo> legs, PartyRole role)
    {
        var aor = legs.FirstOrDefault(leg => leg.Role == role)?.Party.Aor ?? "";
        var user = AddressOfRecord.Parse(aor).User;
        return user.Length > 0 ? user : aor;
    }

    private void Announce()
    {
        foreach (var line in media.Lines)
        {
            if (!_announced.Add(line.Leg)) continue;
            line.Media.Audio.IsWithheld = Recording != RecordingState.On;
            _audio!.AddLeg(Info.Leg(line.Leg)!, line.Media.Audio);
        }
    }

    private static bool Same(CallInfo a, CallInfo b) =>
        a.Agent == b.Agent && a.Customer == b.Customer && a.Legs.SequenceEqual(b.Legs) && a.CorrelationIds.SequenceEqual(b.CorrelationIds);
}
