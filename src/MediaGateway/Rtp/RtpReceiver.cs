using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>What became of one RTP packet.</summary>
internal enum RtpOutcome
{
    Accepted = 0,
    Reordered,
    Duplicate,

    /// <summary>Its place was given up before it came.</summary>
    Late,

    /// <summary>A sequence number far from the others; the next one decides.</summary>
    Jump,

    /// <summary>A payload type that was not agreed.</summary>
    UnknownPayloadType,

    /// <summary>More than 200 ms of audio.</summary>
    Oversized,

    /// <summary>Another synchronisation source while the locked one still sends.</summary>
    OtherSource,
}

/// <summary>
/// The receiver of one RTP stream: from packets in any order to a line of PCM frames. One owner feeds it packets, then
/// takes frames until there are none, and does so again at <see cref="Deadline"/>. Allocates nothing per packet.
/// </summary>
internal sealed class RtpReceiver : IDisposable
{
    /// <summary>How long the locked source must be silent before another takes its place unannounced.</summary>
    private static readonly TimeSpan s_sourceSilence = TimeSpan.FromMilliseconds(100);

    /// <summary>The same while the locked source said that it is silent.</summary>
    private static readonly TimeSpan s_announcedSilence = TimeSpan.FromSeconds(2);

    /// <summary>How long an announced change of source may take to show.</summary>
    private static readonly TimeSpan s_announcement = TimeSpan.FromSeconds(5);

    /// <summary>How long packets of the formats before are still taken after a new answer.</summary>
    private static readonly TimeSpan s_oldFormats = TimeSpan.FromMilliseconds(200);

    private readonly AudioAssembler _assembler;
    private RtpStream _active;
    private RtpStream _candidate;
    private PayloadTypeMap _formats;
    private PayloadTypeMap _formatsBefore = PayloadTypeMap.Empty;
    private Instant _formatsBeforeUntil = new(long.MinValue);
    private Instant _announcedUntil = new(long.MinValue);
    private int? _activeName;
    private bool _promoting, _flushing;
    private long _otherSource;

    /// <param name="origin">Position 0 of the call's timeline.</param>
    /// <param name="depth">How long to wait for a missing packet at first; adapts between 20 and 120 ms.</param>
    /// <param name="formats">What the payload types mean.</param>
    public RtpReceiver(Instant origin, TimeSpan depth, PayloadTypeMap formats)
    {
        _active = new RtpStream(depth);
        _candidate = new RtpStream(depth);
        _formats = formats;
        _assembler = new AudioAssembler(origin);
    }

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    public long Late { get; private set; }

    public long Duplicate { get; private set; }

    public long Reordered { get; private set; }

    public long UnknownPayloadType { get; private set; }

    public long Oversized { get; private set; }

    /// <summary>Packets of a source that was not the locked one and did not become it.</summary>
    public long OtherSource => _otherSource + _active.Packets.Overflowed + _candidate.Packets.Overflowed;

    /// <summary>Packets that had not come when their turn was given up.</summary>
    public long Lost => _active.Packets.Lost + _candidate.Packets.Lost;

    /// <summary>In RTP clock units, of the source now locked.</summary>
    public double Jitter => _active.Statistics.Jitter;

    public Instant LastPacketAt { get; private set; } = Instant.Never;

    /// <summary>How long a packet behind a gap waits now.</summary>
    public TimeSpan Depth => _active.Depth;

    /// <summary>Length of the last audio packet.</summary>
    public TimeSpan PacketDuration => _assembler.PacketDuration;

    /// <summary>Event packets that were no key presses, or broken.</summary>
    public long UnknownEvents => _assembler.UnknownEvents;

    /// <summary>Two packets in sequence were seen, so this is a source (RFC 3550 §A.1).</summary>
    public bool HasSource => _active.IsValid || _candidate.IsValid;

    /// <summary>The source locked; 0 when there is none.</summary>
    public uint Ssrc => _active.InUse ? _active.Ssrc : 0;

    /// <summary>The source said goodbye and has not sent since.</summary>
    public bool Ended { get; private set; }

    /// <summary>When <see cref="TryTake"/> has something to give even if no packet comes.</summary>
    public Instant Deadline => Instant.Min(_active.Packets.Deadline(_active.Depth), _assembler.Deadline);

    /// <summary>Takes a packet; its payload is copied.</summary>
    public RtpOutcome OnPacket(in RtpPacketView packet, Instant arrivedAt)
    {
        Packets++;
        Bytes += packet.Payload.Length;
        LastPacketAt = arrivedAt;

        var format = Format(packet.PayloadType, arrivedAt);
        if (IsOversized(format, packet.Payload.Length))
        {
            Oversized++;
            return RtpOutcome.Oversized;
        }

        var known = _active.InUse && packet.Ssrc == _active.Ssrc;
        var outcome = known ? OnActive(packet, format, arrivedAt) : OnOther(packet, format, arrivedAt);
        if (format.Kind != PayloadKind.Unknown || outcome is RtpOutcome.OtherSource) return outcome;

        UnknownPayloadType++;
        return RtpOutcome.UnknownPayloadType;
    }

    /// <summary>Gives the next frame that is due.</summary>
    /// <param name="now">The time; becomes <see cref="PcmFrame.ForkedAt"/>.</param>
    /// <param name="pcm">Receives the samples; <see cref="AudioPipe.MaxFrameSamples"/> long.</param>
    /// <param name="frame">The frame's head.</param>
    public bool TryTake(Instant now, Span<short> pcm, out PcmFrame frame)
    {
        while (true)
        {
            if (_assembler.TryEmit(now, pcm, out frame)) return true;
            if (BeginNextPacket(now)) continue;
            if (_promoting) Promote();
            else if (_active.Packets.Count > 0 || !_assembler.FillSilence(now)) return false;
        }
    }

    /// <summary>Gives the next key press, each once; taken after the audio of <see cref="TryTake"/>.</summary>
    public bool TryTakeKeyPress(out KeyPress press) => _assembler.TryTakeKeyPress(out press);

    /// <summary>A source named itself (RFC 3550 §6.5.1): one that comes forward under the name of the locked one follows it.</summary>
    public void OnCname(uint ssrc, ReadOnlySpan<byte> cname, Instant now)
    {
        var hash = new HashCode();
        hash.AddBytes(cname);
        var name = hash.ToHashCode();
        if (_active.InUse && ssrc == _active.Ssrc) _activeName = name;
        else if (_activeName == name && _active.InUse && now - _active.LastPacketAt >= _assembler.PacketDuration) _announcedUntil = now + s_announcement;
    }

    /// <summary>Applies a new answer.</summary>
    /// <param name="formats">What the payload types mean now.</param>
    /// <param name="now">The time.</param>
    public void Update(PayloadTypeMap formats, Instant now)
    {
        (_formatsBefore, _formats) = (_formats, formats);
        _formatsBeforeUntil = now + s_oldFormats;
        _announcedUntil = now + s_announcement;
    }

    /// <summary>Releases everything held, last words included: the stream is over or about to be.</summary>
    public void Flush()
    {
        _flushing = true;
        if (_candidate.IsValid && (!_active.InUse || _candidate.LastPacketAt > _active.LastPacketAt)) _promoting = true;
    }

    /// <summary>RTCP BYE (RFC 3550 §6.6): the source is gone.</summary>
    public void OnBye(uint ssrc)
    {
        if (!_active.InUse || ssrc != _active.Ssrc) return;
        Ended = true;
        Flush();
    }

    /// <summary>Gives back what codecs hold outside of managed memory.</summary>
    public void Dispose() => _assembler.Dispose();

    /// <summary>What a receiver report says of the locked source; begins a new interval.</summary>
    public ReceptionReport Report() => _active.Report();

    private RtpOutcome OnActive(in RtpPacketView packet, PayloadFormat format, Instant arrivedAt)
    {
        _flushing = Ended = false;
        if (arrivedAt >= _announcedUntil) _otherSource += _candidate.Packets.DiscardUpTo(arrivedAt);
        switch (_active.Accept(packet, format, arrivedAt))
        {
            case null:
                return RtpOutcome.Jump;
            case InsertResult.Duplicate:
                Duplicate++;
                return RtpOutcome.Duplicate;
            case InsertResult.Late:
                Late++;
                return RtpOutcome.Late;
            case InsertResult.HeldReordered:
                Reordered++;
                return RtpOutcome.Reordered;
            default:
                return RtpOutcome.Accepted;
        }
    }

    /// <summary>A source that is not the locked one gathers packets beside it, so that none is lost if it turns out to follow it.</summary>
    private RtpOutcome OnOther(in RtpPacketView packet, PayloadFormat format, Instant arrivedAt)
    {
        if (!_candidate.InUse || _candidate.Ssrc != packet.Ssrc)
        {
            // The one that came forward first has the turn until it falls silent: two at once would else keep each other out.
            if (_candidate.InUse && arrivedAt - _candidate.LastPacketAt < s_sourceSilence)
            {
                _otherSource++;
                return RtpOutcome.OtherSource;
            }

            _otherSource += _candidate.Packets.Count;
            _candidate.Begin(packet.Ssrc);
        }

        switch (_candidate.Accept(packet, format, arrivedAt))
        {
            case InsertResult.Duplicate: Duplicate++; break;
            case InsertResult.HeldReordered: Reordered++; break;
        }

        if (_candidate.IsValid && MayReplace(arrivedAt)) _promoting = true;
        return _promoting || !_active.InUse ? RtpOutcome.Accepted : RtpOutcome.OtherSource;
    }

    private bool MayReplace(Instant now)
    {
        if (!_active.InUse || Ended || now < _announcedUntil) return true;

        var silence = _assembler.InAnnouncedSilence ? s_announcedSilence : s_sourceSilence;
        var packets = 1.5 * _assembler.PacketDuration;
        return now - _active.LastPacketAt >= (packets > silence ? packets : silence);
    }

    private void Promote()
    {
        if (_active.InUse && !Ended && !_active.LastPacketAt.IsNever) _otherSource += _candidate.Packets.DiscardUpTo(_active.LastPacketAt);
        (_active, _candidate) = (_candidate, _active);
        _candidate.End();
        _activeName = null;
        _assembler.StartSource();
        _promoting = Ended = false;
        _announcedUntil = new Instant(long.MinValue);
    }

    private bool BeginNextPacket(Instant now)
    {
        if (!_active.Packets.TryTake(now, _active.Depth, _flushing || _promoting, out var packet, out var lostBefore)) return false;
        _assembler.Begin(packet, lostBefore);
        return true;
    }

    private PayloadFormat Format(byte payloadType, Instant now)
    {
        var format = _formats[payloadType];
        return format.Kind == PayloadKind.Unknown && now < _formatsBeforeUntil ? _formatsBefore[payloadType] : format;
    }

    /// <summary>Formats that are not audio are short by nature; an unknown one is kept for its number only.</summary>
    private static bool IsOversized(PayloadFormat format, int length) => format.IsAudio
        ? format.Samples(length) > AudioAssembler.MaxPacketMilliseconds * format.ClockRate / 1000
        : length > 2_048;
}
