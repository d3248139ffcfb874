using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>One payload format of a stream (RFC 8866 §6.6 rtpmap and fmtp).</summary>
/// <param name="PayloadType">0…127.</param>
/// <param name="EncodingName">As registered, compared without case: <c>PCMU</c>, <c>PCMA</c>, <c>telephone-event</c>, <c>CN</c>.</param>
/// <param name="ClockRate">RTP clock in Hz (8000 for G.722, by RFC 3551 §4.5.2).</param>
/// <param name="Channels">1 unless the rtpmap says otherwise.</param>
/// <param name="Parameters">The fmtp value, empty when absent.</param>
internal sealed record MediaFormat(byte PayloadType, string EncodingName, int ClockRate, int Channels, string Parameters)
{
    /// <summary>Carries voices: neither keys nor comfort noise.</summary>
    public bool IsVoice => !IsNamed("telephone-event") && !IsNamed("CN");

    /// <summary>The same encoding, whatever its payload type and parameters.</summary>
    public bool IsSameAs(MediaFormat other) => IsNamed(other.EncodingName) && ClockRate == other.ClockRate && Channels == other.Channels;

    private bool IsNamed(string name) => EncodingName.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What signalling agreed for one receive stream.</summary>
internal sealed record MediaLegPlan
{
    public required LegId Leg { get; init; }

    /// <summary>Position 0 of the call's timeline.</summary>
    public required Instant Origin { get; init; }

    /// <summary>Where the peer said it sends from; the address the source lock starts with. Port 0 or address any: not said.</summary>
    public required IPEndPoint Remote { get; init; }

    /// <summary>Formats answered, the codec first; telephone-event and CN may follow.</summary>
    public required ImmutableArray<MediaFormat> Formats { get; init; }

    /// <summary>False while the stream is inactive or held: then silence is not an alarm.</summary>
    public required bool ExpectMedia { get; init; }

    /// <summary>RTCP on the RTP port (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>
    /// The line is SAVP or SAVPF: nothing unprotected is read, ever. A leg that was protected once stays so, whatever later
    /// plans say. Without <see cref="Keys"/> what comes is held for half a second (<see cref="EarlyPackets"/>).
    /// </summary>
    public bool IsProtected { get; init; }

    /// <summary>Keys agreed, null while there are none. Belong to whoever made the plan; the leg copies what it needs.</summary>
    public SrtpLegKeys? Keys { get; init; }

    /// <summary>The keys come by DTLS instead (RFC 5763): role and fingerprint. RTCP is then on the RTP port. Null: by SDES, or none.</summary>
    public DtlsPlan? Dtls { get; init; }
}

/// <summary>Counts of one receive stream; a snapshot.</summary>
internal sealed record MediaLegStatistics
{
    public long Packets { get; init; }
    public long Bytes { get; init; }

    /// <summary>Packets that never came in time, by RFC 3550 sequence accounting.</summary>
    public long Lost { get; init; }
    public long Late { get; init; }
    public long Duplicate { get; init; }
    public long Reordered { get; init; }

    /// <summary>Datagrams refused before they were RTP: malformed.</summary>
    public long Malformed { get; init; }

    /// <summary>Datagrams from another source than the negotiated one.</summary>
    public long WrongSource { get; init; }

    /// <summary>Packets of a payload type that was not negotiated.</summary>
    public long UnknownPayloadType { get; init; }

    /// <summary>Protected packets whose tag was wrong, unprotected ones on a protected leg among them.</summary>
    public long Unauthentic { get; init; }

    /// <summary>Protected packets that came twice, or too late to tell.</summary>
    public long Replayed { get; init; }

    /// <summary>Packets given up because the keys to read them did not come in time.</summary>
    public long WithoutKeys { get; init; }

    /// <summary>Samples at 16 kHz dropped at the fork because analysis was behind.</summary>
    public long ForkDroppedSamples { get; init; }

    /// <summary>Interarrival jitter in RTP clock units (RFC 3550 §6.4.1).</summary>
    public double JitterInRtpUnits { get; init; }

    /// <summary>When the last packet came; <see cref="Instant.Never"/> before the first.</summary>
    public Instant LastPacketAt { get; init; } = Instant.Never;

    /// <summary>The same as time.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Packets lost of those expected, 0 to 1.</summary>
    public double LossRatio => Lost == 0 ? 0 : (double)Lost / (Packets - Duplicate - Late + Lost);

    /// <summary>To the peer and back, when it answers our reference times (RFC 3611); null else.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Listening quality as estimated by <see cref="Rtcp.VoiceQuality"/>, 1 to 4.41; 0 before the first packet.</summary>
    public double MeanOpinionScore { get; init; }

    /// <summary>How fast the sender's media clock runs against its wall clock, in parts per million, by its own reports; null when it sends none.</summary>
    public double? ClockPartsPerMillion { get; init; }

    /// <summary>How long a packet behind a gap waits now: 20 to 120 ms by what the network does.</summary>
    public TimeSpan ReorderDepth { get; init; }

    /// <summary>Event packets that were no key press, or broken.</summary>
    public long UnknownEvents { get; init; }

    /// <summary>Datagrams that the kernel dropped because its buffer was full, both sockets.</summary>
    public long KernelDropped { get; init; }

    /// <summary>The peer ended the stream (RTCP BYE) and has sent nothing since.</summary>
    public bool Ended { get; init; }
}

/// <summary>One receive stream of a call: a port, a receiver, a fork.</summary>
internal interface IMediaLeg : IAsyncDisposable
{
    /// <summary>Even port for RTP; RTCP is the next one.</summary>
    int LocalPort { get; }

    /// <summary>Where decoded audio goes; completed when the leg is disposed.</summary>
    AudioPipe Audio { get; }

    /// <summary>Applies a new offer/answer: formats, source, direction. The port stays.</summary>
    void Update(MediaLegPlan plan);

    MediaLegStatistics Statistics { get; }

    /// <summary>Keys that the party pressed (RFC 4733), each once; completed when the leg is disposed. A reader that is 64 keys behind loses the oldest.</summary>
    ChannelReader<KeyPress> KeyPresses { get; }
}

/// <summary>Opens receive streams. Implemented in Transport.</summary>
internal interface IMediaTransport
{
    /// <summary>Encoding names (with clock rate, for example <c>PCMU/8000</c>) that can be received here, best first.</summary>
    ImmutableArray<string> Codecs { get; }

    /// <summary>Of our certificate, for <c>a=fingerprint</c>; null where DTLS is not done.</summary>
    DtlsFingerprint? Fingerprint => null;

    /// <summary>Takes a port pair and starts receiving. Null when no port of the range is free.</summary>
    IMediaLeg? TryOpen(MediaLegPlan plan);
}

/// <summary>One stream to send: the recording client's side, for calls placed by us.</summary>
/// <param name="Remote">Where to.</param>
/// <param name="PayloadType">Payload type answered by the peer.</param>
/// <param name="Encoded">G.711 octets, one a sample at 8 kHz.</param>
/// <param name="Ssrc">Synchronisation source.</param>
internal sealed record PlayoutStream(IPEndPoint Remote, byte PayloadType, ReadOnlyMemory<byte> Encoded, uint Ssrc);

/// <summary>How a playout went for one stream.</summary>
/// <param name="Packets">Packets sent.</param>
/// <param name="StartedAt">Wall-clock time of the first packet's first sample.</param>
internal sealed record PlayoutResult(long Packets, DateTimeOffset StartedAt);

/// <summary>Bound sockets that can play encoded audio in real time. Implemented in Transport.</summary>
internal interface IRtpPlayout : IAsyncDisposable
{
    /// <summary>The local RTP port of each stream, to be put into the offer.</summary>
    ImmutableArray<int> LocalPorts { get; }

    /// <summary>Sends all streams in step, a packet each 20 ms, until the longest ends or the token says stop.</summary>
    Task<ImmutableArray<PlayoutResult>> PlayAsync(ImmutableArray<PlayoutStream> streams, CancellationToken cancellationToken);
}
