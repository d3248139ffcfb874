using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>The two ends of a relayed stream. The names say who placed the call, nothing about roles.</summary>
internal enum RelaySide
{
    Caller = 0,
    Callee = 1,
}

/// <summary>What signalling knows of one side of a relayed stream: what that side's own description and ours to it say.</summary>
internal sealed record RelaySidePlan
{
    /// <summary>
    /// The address and port of the side's c= and m= lines: where media goes, and the only source media is taken from (symmetric
    /// RTP, RFC 4961). Address any: not known, nothing is sent to the side and nothing taken from it; during a hold the source
    /// known before is kept. Port 0: learnt from the first valid packet of the address.
    /// </summary>
    public required IPEndPoint Remote { get; init; }

    /// <summary>
    /// The side may send from another port of <see cref="Remote"/>'s address than it says (address translation): the first valid
    /// packet fixes it. Off, another port is a stranger. With <see cref="Keys"/> a verified packet is proof enough either way.
    /// </summary>
    public bool LearnPort { get; init; }

    /// <summary>The side's a=rtcp address (RFC 3605); null for the port after <see cref="Remote"/>'s.</summary>
    public IPEndPoint? RemoteRtcp { get; init; }

    /// <summary>Formats the side wants to receive: the payload types of its own description. What we send to it is numbered by them.</summary>
    public required ImmutableArray<MediaFormat> Formats { get; init; }

    /// <summary>
    /// Formats the side sends: the payload types of the description we sent it. Empty (the usual case): the same numbers as
    /// <see cref="Formats"/>.
    /// </summary>
    public ImmutableArray<MediaFormat> SentFormats { get; init; } = [];

    /// <summary>
    /// Direction as the side states it: <c>sendonly</c> takes its media and sends it none, <c>recvonly</c> the reverse,
    /// <c>inactive</c> neither. While it does not send, its silence is no fault.
    /// </summary>
    public SdpDirection Direction { get; init; } = SdpDirection.SendRecv;

    /// <summary>RTP and RTCP share one port on this side (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>
    /// SRTP keys of the side; null: plain RTP both ways. With keys, nothing unprotected or unverified is taken from the side and
    /// nothing unprotected is sent to it. Read while the plan is applied, not kept: they stay the maker's to dispose of.
    /// </summary>
    public SrtpLegKeys? Keys { get; init; }
}

/// <summary>One stream to relay.</summary>
internal sealed record RelayPlan
{
    /// <summary>Position 0 of the call's timeline, for the fork.</summary>
    public required Instant Origin { get; init; }

    /// <summary>What is known of the caller's side; null before its description is read (an INVITE without one).</summary>
    public RelaySidePlan? Caller { get; init; }

    /// <summary>What is known of the callee's side; null before it answers.</summary>
    public RelaySidePlan? Callee { get; init; }

    /// <summary>Local address of the caller's port; null for the configured one (<c>Relay:Address</c>).</summary>
    public IPAddress? CallerLocalAddress { get; init; }

    /// <summary>Local address of the callee's port; null for the configured one.</summary>
    public IPAddress? CalleeLocalAddress { get; init; }

    /// <summary>Decode both sides into <see cref="IRelayStream.Audio"/>. False relays only.</summary>
    public bool Fork { get; init; } = true;
}

/// <summary>Counts of one side of a relayed stream: what came from it and what went to it. A snapshot.</summary>
internal sealed record RelaySideStatistics
{
    /// <summary>RTP packets taken from the side.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Payload, headers and tags of them, as they came.</summary>
    public long BytesReceived { get; init; }

    /// <summary>RTP packets sent to the side.</summary>
    public long PacketsSent { get; init; }

    /// <summary>RTP packets the side sent that never came here (RFC 3550 §A.3).</summary>
    public long Lost { get; init; }

    /// <summary>Interarrival jitter of what the side sends (RFC 3550 §A.8), as it is now.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>RTCP datagrams taken from the side.</summary>
    public long ControlReceived { get; init; }

    /// <summary>RTCP datagrams sent to the side.</summary>
    public long ControlSent { get; init; }

    /// <summary>Datagrams at the side's ports from somewhere else than the side: an attack, or a stray. None was used for anything.</summary>
    public long WrongSource { get; init; }

    /// <summary>Datagrams refused because their protection was missing, wrong or a replay (RFC 3711 §3.3).</summary>
    public long Unauthenticated { get; init; }

    /// <summary>Datagrams of the side that are neither RTP nor RTCP, or broken.</summary>
    public long Malformed { get; init; }

    /// <summary>Packets of a payload type that has no meaning on the other side, not forwarded.</summary>
    public long UnknownPayloadType { get; init; }

    /// <summary>Packets not forwarded because the directions agreed do not allow it, or the other side has no address yet.</summary>
    public long NotForwarded { get; init; }

    /// <summary>Datagrams that the system refused to send to the side (a full buffer).</summary>
    public long SendFailed { get; init; }

    /// <summary>ICMP messages about what was sent to the side: nobody listens there.</summary>
    public long Unreachable { get; init; }

    /// <summary>Datagrams that came for the side's ports and met a full kernel buffer.</summary>
    public long KernelDropped { get; init; }

    /// <summary>Times the side's media came from another SSRC than before and was joined on (RFC 3550 §8).</summary>
    public long SourceChanges { get; init; }

    /// <summary>Packets of the side that the fork did not get because it was behind; they were relayed all the same.</summary>
    public long ForkDropped { get; init; }

    /// <summary>Samples at 16 kHz that analysis did not get because it was behind.</summary>
    public long ForkDroppedSamples { get; init; }

    /// <summary>When the last RTP packet of the side came; <see cref="Instant.Never"/> before the first.</summary>
    public Instant LastPacketAt { get; init; } = Instant.Never;

    /// <summary>
    /// How long media that is due from the side has been missing: since its last packet or since it became due, whichever is
    /// later. Zero while none is due (hold, inactive, not answered yet): a time-out reads this and never fires on hold.
    /// </summary>
    public TimeSpan SilentFor { get; init; }
}

/// <summary>What a supervisor does to a call.</summary>
internal enum SupervisionMode
{
    /// <summary>Hears both sides, is heard by none.</summary>
    Listen = 0,

    /// <summary>Hears both sides, is heard by <see cref="SupervisorPlan.WhisperTo"/> only.</summary>
    Whisper = 1,

    /// <summary>Hears both sides and is heard by both.</summary>
    Barge = 2,
}

/// <summary>A supervisor's leg on a relayed stream. Its codec is PCMU or PCMA at 8 kHz, and so must be both sides' to be mixed; a leg on a fork may have G.722 too.</summary>
internal sealed record SupervisorPlan
{
    /// <summary>What the supervisor's description says, as for a side of the call.</summary>
    public required RelaySidePlan Side { get; init; }

    public required SupervisionMode Mode { get; init; }

    /// <summary>The agent's side: the only one that hears a whisper.</summary>
    public required RelaySide WhisperTo { get; init; }

    /// <summary>Local address of the port; null for the configured one.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Both sides hear a short tone now and then: somebody is on the call.</summary>
    public bool PlaysTone { get; init; }

    /// <summary>Told of every key pressed at the supervisor's phone (RFC 4733), on the media's thread: must return at once. That of the first plan is used.</summary>
    public Action<char> KeyPressed { get; init; } = _ => { };
}

/// <summary>A supervisor on a call. Disposing it gives both sides back their plain relay.</summary>
internal interface ISupervisorLeg : IAsyncDisposable
{
    /// <summary>RTP port for the supervisor's description; RTCP is the next one.</summary>
    IPEndPoint LocalEndPoint { get; }

    RelaySideStatistics Statistics { get; }

    /// <summary>Changes the mode, or applies a new description of the supervisor.</summary>
    void Update(SupervisorPlan plan);
}

/// <summary>
/// One relayed stream: two ports, each for one side; what comes in on one goes out of the other. Members may be called from
/// any thread; a change reaches the packets at once or with the next batch, a few milliseconds later.
/// </summary>
internal interface IRelayStream : IAsyncDisposable
{
    /// <summary>The port for the description sent to the side, even; its RTCP port is the next one. Fixed for the stream's life.</summary>
    IPEndPoint LocalEndPoint(RelaySide side);

    /// <summary>What the side says, decoded for analysis; completed when the stream is disposed. Empty when the plan has no fork.</summary>
    AudioPipe Audio(RelaySide side);

    RelaySideStatistics Statistics(RelaySide side);

    /// <summary>
    /// Applies an offer or answer of the side. The ports stay. A changed <see cref="RelaySidePlan.Remote"/> lets the source be
    /// learnt anew; the other side keeps hearing one SSRC with sequence numbers and timestamps that go on. A changed
    /// key starts a new cryptographic context, an equal one keeps the old.
    /// </summary>
    void Update(RelaySide side, RelaySidePlan plan);

    /// <summary>Whether a supervisor can be mixed into the call as it is now.</summary>
    bool IsMixable { get; }

    /// <summary>
    /// Puts a supervisor on the call. Null when no port is free, when one is there already, when the supervisor's formats have no
    /// G.711, and when the call's codec is not G.711 or not agreed yet: its packets would pass unmixed.
    /// </summary>
    ISupervisorLeg? TryAttach(SupervisorPlan plan);
}

/// <summary>Relays media between the two sides of a call. Implemented in Transport.</summary>
internal interface IMediaRelay
{
    /// <summary>Takes a port pair for each side and starts. Null when no port of the range is free.</summary>
    IRelayStream? TryOpen(RelayPlan plan);

    /// <summary>
    /// Lets a supervisor hear a call from its fork, whatever its codec; the call itself is not touched, the mode of the plan means
    /// nothing. Null when no port is free or the supervisor's formats have none of PCMU, PCMA and G.722.
    /// </summary>
    /// <param name="heard">The pipes of the call's legs; nobody else may have tapped them.</param>
    /// <param name="plan">The supervisor.</param>
    ISupervisorLeg? TryListen(IReadOnlyList<AudioPipe> heard, SupervisorPlan plan);
}
