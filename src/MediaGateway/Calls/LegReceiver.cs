using System.Runtime.CompilerServices;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;

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
}

/// <summary>
/// One leg from datagram to fork: tells RTP from RTCP, runs the receiver and writes the frames it gives into the pipe. Pure:
/// bytes and time in, audio out; the owner has the sockets. Allocates nothing per packet.
/// </summary>
internal sealed class LegReceiver
{
    private readonly RtpReceiver _receiver;
    private readonly RtcpReporter _reporter;
    private readonly AudioPipe _audio;
    private long _malformed;

    /// <param name="plan">What signalling agreed.</param>
    /// <param name="jitterDepth">How long to wait for a missing packet.</param>
    /// <param name="audio">Where frames go.</param>
    /// <param name="reporter">Our reports about this leg.</param>
    public LegReceiver(MediaLegPlan plan, TimeSpan jitterDepth, AudioPipe audio, RtcpReporter reporter)
    {
        _receiver = new RtpReceiver(plan.Origin, jitterDepth, MapOf(plan));
        _audio = audio;
        _reporter = reporter;
    }

    public bool HasSource => _receiver.HasSource;

    /// <summary>When the last RTP packet came; <see cref="Instant.Never"/> before the first.</summary>
    public Instant LastPacketAt => _receiver.LastPacketAt;

    /// <summary>When <see cref="Tick"/> has something to do.</summary>
    public Instant Deadline => _receiver.Deadline;

    /// <summary>When a report is due.</summary>
    public Instant ReportDeadline => _reporter.Deadline;

    public void Update(MediaLegPlan plan, Instant now) => _receiver.Update(MapOf(plan), now);

    /// <summary>Takes a datagram of the locked source and writes what follows from it to the fork.</summary>
    public LegDatagram OnDatagram(ReadOnlySpan<byte> datagram, Instant arrivedAt)
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
        if (now >= _receiver.Deadline) Drain(now);
    }

    /// <summary>Writes everything still held, at the end of the leg.</summary>
    public void Flush(Instant now)
    {
        _receiver.Flush();
        Drain(now);
    }

    /// <summary>Writes the report that is due.</summary>
    /// <returns>Its length; 0 when there is nothing to report on.</returns>
    public int WriteReport(Instant now, Span<byte> destination) =>
        _receiver.Ssrc == 0 ? 0 : _reporter.WriteReport(_receiver.Ssrc, _receiver.Report(), now, destination);

    /// <summary>Writes our goodbye.</summary>
    /// <returns>Its length; 0 when the peer never heard of us.</returns>
    public int WriteBye(Span<byte> destination) => _reporter.HasReported ? _reporter.WriteBye(destination) : 0;

    public MediaLegStatistics Statistics(long wrongSource) => new()
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
        ForkDroppedSamples = _audio.DroppedSamples,
        JitterInRtpUnits = _receiver.Jitter,
        LastPacketAt = _receiver.LastPacketAt,
        Ended = _receiver.Ended,
    };

    private static PayloadTypeMap MapOf(MediaLegPlan plan) => plan.Formats.Aggregate(PayloadTypeMap.Empty,
        (map, format) => map.With(format.PayloadType, format.EncodingName, format.ClockRate, format.Channels));

    private void OnControl(in RtcpCompound compound, Instant now)
    {
        foreach (var packet in compound)
        {
            if (packet.TryReadSenderInfo(out var info)) _reporter.OnSenderReport(info, now);
            for (var i = 0; packet.TryReadByeSource(i, out var ssrc); i++) _receiver.OnBye(ssrc);
        }

        Drain(now);
    }

    [SkipLocalsInit]
    private void Drain(Instant now)
    {
        Span<short> pcm = stackalloc short[AudioPipe.MaxFrameSamples];
        while (_receiver.TryTake(now, pcm, out var frame)) _audio.Write(frame, pcm[..frame.SampleCount]);
    }
}
