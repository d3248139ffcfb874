using System.Runtime.CompilerServices;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>What a datagram on a leg's ports was.</summary>
internal enum LegDatagram
{
    /// <summary>An RTP packet; the source behind it may be trusted once <see cref="LegReceiver.HasSource"/> says so.</summary>
    Media = 0,

    /// <summary>An RTCP compound.</summary>
    Control,

    /// <summary>Neither, or broken.</summary>
    Malformed,

    /// <summary>Not authentic, or seen before: says nothing about who sent it.</summary>
    Refused,

    /// <summary>Waits for the keys to read it.</summary>
    Held,
}

/// <summary>
/// One leg from datagram to fork: tells RTP from RTCP, runs the receiver and writes the frames it gives into the pipe. Pure:
/// bytes and time in, audio out; the owner has the sockets. Allocates nothing per packet.
/// </summary>
internal sealed class LegReceiver : IDisposable
{
    /// <summary>Room for the largest report, protected.</summary>
    public const int MaxReport = RtcpReporter.MaxLength + SrtpContext.MaxOverhead;

    /// <summary>The longest protected datagram that is read: 200 ms of L16 at 16 kHz and some.</summary>
    private const int MaxDatagram = 8_192;

    private readonly RtpReceiver _receiver;
    private readonly RtcpReporter _reporter;
    private readonly AudioPipe _audio;
    private readonly EarlyPackets _early = new();
    private SrtpLeg? _protection;
    private SenderClock _senderClock;
    private TimeSpan? _roundTrip;
    private int _clockRate;
    private long _malformed, _unauthentic, _replayed;

    /// <param name="plan">What signalling agreed.</param>
    /// <param name="jitterDepth">How long to wait for a missing packet.</param>
    /// <param name="audio">Where frames go.</param>
    /// <param name="reporter">Our reports about this leg.</param>
    public LegReceiver(MediaLegPlan plan, TimeSpan jitterDepth, AudioPipe audio, RtcpReporter reporter)
    {
        _receiver = new RtpReceiver(plan.Origin, jitterDepth, MapOf(plan));
        _audio = audio;
        _reporter = reporter;
        _clockRate = ClockOf(plan);
        Protect(plan, plan.Origin);
    }

    public bool HasSource => _receiver.HasSource;

    /// <summary>When the last RTP packet came; <see cref="Instant.Never"/> before the first.</summary>
    public Instant LastPacketAt => _receiver.LastPacketAt;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public Instant Deadline => _receiver.Deadline;

    /// <summary>When a report is due.</summary>
    public Instant ReportDeadline => _reporter.Deadline;

    /// <summary>Applies a new plan. Keys that come with it read what waited for them.</summary>
    public void Update(MediaLegPlan plan, Instant now)
    {
        _receiver.Update(MapOf(plan), now);
        _clockRate = ClockOf(plan);
        Protect(plan, now);
    }

    /// <summary>Takes a datagram of the locked source and writes what follows from it to the fork.</summary>
    public LegDatagram OnDatagram(ReadOnlySpan<byte> datagram, Instant arrivedAt) =>
        _protection is null ? OnPlain(datagram, arrivedAt) : OnProtected(_protection, datagram, arrivedAt);

    [SkipLocalsInit]
    private LegDatagram OnProtected(SrtpLeg protection, ReadOnlySpan<byte> datagram, Instant arrivedAt)
    {
        var kind = DatagramDemultiplexer.Classify(datagram);
        if (kind is not (DatagramKind.Rtp or DatagramKind.Rtcp) || datagram.Length > MaxDatagram)
        {
            _malformed++;
            return LegDatagram.Malformed;
        }

        if (!protection.HasKeys)
        {
            _early.Add(datagram, arrivedAt);
            return LegDatagram.Held;
        }

        Span<byte> plain = stackalloc byte[MaxDatagram];
        var result = kind == DatagramKind.Rtp
            ? protection.TryUnprotect(datagram, arrivedAt, plain, out var length)
            : protection.TryUnprotectControl(datagram, arrivedAt, plain, out length);
        if (result == SrtpResult.Ok) return OnPlain(plain[..length], arrivedAt);

        if (result == SrtpResult.Replayed) _replayed++;
        else _unauthentic++;
        return LegDatagram.Refused;
    }

    private LegDatagram OnPlain(ReadOnlySpan<byte> datagram, Instant arrivedAt)
    {
        switch (DatagramDemultiplexer.Classify(datagram))
        {
            case DatagramKind.Rtp when RtpPacketView.TryParse(datagram, out var packet) == RtpParseError.None:
                _receiver.OnPacket(packet, arrivedAt);
                _reporter.Start(arrivedAt);
                Drain(arrivedAt);
                return LegDatagram.Media;
            case DatagramKind.Rtcp when RtcpCompound.TryParse(datagram, out var compound) == RtcpParseError.None:
                OnControl(compound, arrivedAt);
                return LegDatagram.Control;
            default:
                _malformed++;
                return LegDatagram.Malformed;
        }
    }

    /// <summary>Writes what is due without a packet: what stood behind a gap, silence where nothing comes.</summary>
    public void Tick(Instant now)
    {
        _early.Expire(now);
        if (now >= _receiver.Deadline) Drain(now);
    }

    /// <summary>Writes everything still held, at the end of the leg.</summary>
    public void Flush(Instant now)
    {
        _receiver.Flush();
        Drain(now);
    }

    /// <summary>Writes the report that is due, protected where the leg is.</summary>
    /// <param name="now">The time.</param>
    /// <param name="destination"><see cref="MaxReport"/> octets.</param>
    /// <returns>Its length; 0 when there is nothing to report on.</returns>
    public int WriteReport(Instant now, Span<byte> destination)
    {
        if (_receiver.Ssrc == 0) return 0;
        var length = _reporter.WriteReport(_receiver.Ssrc, _receiver.Report(), now, destination);
        length += _reporter.WriteReferenceTime(now, destination[length..]);
        return Protected(destination, length);
    }

    /// <summary>Writes our goodbye.</summary>
    /// <param name="destination"><see cref="MaxReport"/> octets.</param>
    /// <returns>Its length; 0 when the peer never heard of us.</returns>
    public int WriteBye(Span<byte> destination) => _reporter.HasReported ? Protected(destination, _reporter.WriteBye(destination)) : 0;

    /// <summary>Wipes the keys and gives back what codecs hold. The leg reads nothing more.</summary>
    public void Dispose()
    {
        _protection?.Dispose();
        _receiver.Dispose();
    }

    /// <summary>What was counted so far.</summary>
    /// <param name="wrongSource">Datagrams that the owner kept from the receiver.</param>
    public MediaLegStatistics Statistics(long wrongSource)
    {
        var counts = Counts(wrongSource);
        if (counts.Packets == 0) return counts;

        var delay = (_roundTrip ?? TimeSpan.Zero) / 2 + _receiver.Depth + _receiver.PacketDuration;
        return counts with { MeanOpinionScore = VoiceQuality.Mos(VoiceQuality.Rating(counts.LossRatio, delay)) };
    }

    private MediaLegStatistics Counts(long wrongSource) => new()
    {
        Packets = _receiver.Packets,
        Bytes = _receiver.Bytes,
        Lost = _receiver.Lost,
        Late = _receiver.Late,
        Duplicate = _receiver.Duplicate,
        Reordered = _receiver.Reordered,
        Malformed = _malformed + _receiver.Oversized,
        WrongSource = wrongSource + _receiver.OtherSource,
        UnknownPayloadType = _receiver.UnknownPayloadType,
        Unauthentic = _unauthentic,
        Replayed = _replayed,
        WithoutKeys = _early.GivenUp,
        ForkDroppedSamples = _audio.DroppedSamples,
        JitterInRtpUnits = _receiver.Jitter,
        Jitter = _clockRate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(_receiver.Jitter / _clockRate),
        RoundTrip = _roundTrip,
        ClockPartsPerMillion = _senderClock.PartsPerMillion,
        ReorderDepth = _receiver.Depth,
        UnknownEvents = _receiver.UnknownEvents,
        LastPacketAt = _receiver.LastPacketAt,
        Ended = _receiver.Ended,
    };

    /// <summary>Gives the next key press; to be taken whenever a datagram or a tick was.</summary>
    public bool TryTakeKeyPress(out KeyPress press) => _receiver.TryTakeKeyPress(out press);

    private static PayloadTypeMap MapOf(MediaLegPlan plan) => plan.Formats.Aggregate(PayloadTypeMap.Empty,
        (map, format) => map.With(format.PayloadType, format.EncodingName, format.ClockRate, format.Channels));

    private static int ClockOf(MediaLegPlan plan) => plan.Formats.IsDefaultOrEmpty ? 0 : plan.Formats[0].ClockRate;

    /// <summary>Turns protection on, never off: a plan without it is not obeyed in that (no silent downgrade).</summary>
    private void Protect(MediaLegPlan plan, Instant now)
    {
        if (plan.IsProtected) _protection ??= new SrtpLeg();
        if (plan.Keys is { } keys && _protection is not null) TakeKeys(keys, now);
    }

    /// <summary>Takes keys, those of a plan or those of a handshake, and reads what waited for them.</summary>
    public void TakeKeys(SrtpLegKeys keys, Instant now)
    {
        _protection ??= new SrtpLeg();
        _protection.Update(keys, now);
        _early.Expire(now);
        while (_early.TryTake(out var datagram, out var arrivedAt)) OnProtected(_protection, datagram, arrivedAt);
    }

    private int Protected(Span<byte> report, int length)
    {
        if (_protection is null) return length;
        return _protection.TryProtectControl(report[..length], report, out var protectedLength) ? protectedLength : 0;
    }

    private void OnControl(in RtcpCompound compound, Instant now)
    {
        foreach (var packet in compound)
        {
            if (packet.TryReadSenderInfo(out var info)) OnSenderReport(info, now);
            if (packet.TryReadCname(out var named, out var cname)) _receiver.OnCname(named, cname, now);
            if (packet.TryReadDelaySinceReference(_reporter.Ssrc, out var reference, out var delay))
                _roundTrip = CompactNtp.RoundTrip(CompactNtp.Of(now), reference, delay) ?? _roundTrip;
            for (var i = 0; packet.TryReadByeSource(i, out var ssrc); i++) _receiver.OnBye(ssrc);
        }

        Drain(now);
    }

    private void OnSenderReport(SenderInfo info, Instant now)
    {
        _reporter.OnSenderReport(info, now);
        if (info.Ssrc == _receiver.Ssrc) _senderClock.OnReport(info, _clockRate);
    }

    [SkipLocalsInit]
    private void Drain(Instant now)
    {
        Span<short> pcm = stackalloc short[AudioPipe.MaxFrameSamples];
        while (_receiver.TryTake(now, pcm, out var frame)) _audio.Write(frame, pcm[..frame.SampleCount]);
    }
}
