using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>What a datagram at a side's port was.</summary>
internal enum RelayIntake
{
    /// <summary>Not for us; counted.</summary>
    Refused = 0,

    /// <summary>An RTP packet of the side, now plain.</summary>
    Media,

    /// <summary>An RTCP compound of the side, now plain.</summary>
    Control,
}

/// <summary>
/// One side of a relayed stream as the packets need it: whom to listen to, where to send, the keys, the counts. Written by
/// its owner's thread only; the counts may be read by others, a count at a time.
/// </summary>
internal sealed class RelayEnd
{
    private SequenceTracker _sequence;
    private long _expected, _receivedOfSource, _lostBefore;
    private uint _ssrc;
    private Instant _dueSince = Instant.Never;

    /// <summary>Whom this side's ports listen to and where its packets go.</summary>
    public SourceGate Gate;

    /// <summary>Protection of what comes from and goes to the side; null: plain RTP.</summary>
    public RelayProtection? Protection { get; private set; }

    /// <summary>What signalling said last; null before it said anything.</summary>
    public RelaySidePlan? Plan { get; private set; }

    public bool RtcpMux { get; private set; }

    /// <summary>The side sends media, by its direction.</summary>
    public bool Sends { get; private set; }

    /// <summary>The side wants media, by its direction.</summary>
    public bool Receives { get; private set; }

    public Instant LastPacketAt { get; private set; } = Instant.Never;

    public long PacketsReceived, BytesReceived, PacketsSent, ControlReceived, ControlSent;
    public long WrongSource, Unauthenticated, Malformed, UnknownPayloadType, NotForwarded, SendFailed, ForkDropped;

    /// <summary>Packets the side sent that did not come (RFC 3550 §A.3).</summary>
    public long Lost => _lostBefore + Math.Max(0, _expected - _receivedOfSource);

    /// <summary>Formats the side sends.</summary>
    public ImmutableArray<MediaFormat> SentFormats => Plan is null ? [] : Plan.SentFormats.IsEmpty ? Plan.Formats : Plan.SentFormats;

    /// <summary>Formats the side wants to receive.</summary>
    public ImmutableArray<MediaFormat> ReceivedFormats => Plan is null ? [] : Plan.Formats;

    /// <summary>Applies what signalling says.</summary>
    /// <returns>True when the side's stream starts anew: another peer.</returns>
    public bool Update(RelaySidePlan plan, RelayProtection? protection)
    {
        Protection = protection;
        Plan = plan;
        RtcpMux = plan.RtcpMux;
        Sends = plan.Direction is SdpDirection.SendRecv or SdpDirection.SendOnly;
        var media = PeerAddress.From(plan.Remote);
        Receives = media.HasAddress && plan.Direction is (SdpDirection.SendRecv or SdpDirection.RecvOnly);   // c=0.0.0.0 is the old way to hold
        return Gate.Update(media, PeerAddress.From(plan.RemoteRtcp), plan.LearnPort);
    }

    /// <summary>Says whether media is expected from the side from now on.</summary>
    public void Expect(bool due, Instant now)
    {
        if (!due) _dueSince = Instant.Never;
        else if (_dueSince.IsNever) _dueSince = now;
    }

    /// <summary>How long media that is due has been missing.</summary>
    public TimeSpan SilentFor(Instant now)
    {
        if (_dueSince.IsNever) return TimeSpan.Zero;
        var since = LastPacketAt.IsNever ? _dueSince : Instant.Max(_dueSince, LastPacketAt);
        return now > since ? now - since : TimeSpan.Zero;
    }

    /// <summary>Judges a datagram at the RTP port and, where the side is protected, opens it.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="buffer">The datagram and room behind it; holds the plain packet afterwards.</param>
    /// <param name="length">Of the datagram, then of the plain packet.</param>
    /// <param name="scratch">As long as <paramref name="buffer"/>.</param>
    /// <param name="now">When it came.</param>
    public RelayIntake Take(in PeerAddress source, Span<byte> buffer, ref int length, Span<byte> scratch, Instant now)
    {
        var verdict = Gate.JudgeMedia(source, Protection is not null);
        if (verdict == SourceVerdict.Stranger)
        {
            WrongSource++;
            return RelayIntake.Refused;
        }

        switch (DatagramDemultiplexer.Classify(buffer[..length]))
        {
            case DatagramKind.Rtp:
                if (!TryTakeMedia(buffer, ref length, scratch, now)) return RelayIntake.Refused;
                if (verdict == SourceVerdict.Candidate) Gate.Latch(source);
                return RelayIntake.Media;
            case DatagramKind.Rtcp when RtcpMux:
                return TakeControl(buffer, ref length, scratch, now);
            default:
                Malformed++;
                return RelayIntake.Refused;
        }
    }

    /// <summary>Judges a datagram at the RTCP port.</summary>
    /// <inheritdoc cref="Take"/>
    public RelayIntake TakeControl(in PeerAddress source, Span<byte> buffer, ref int length, Span<byte> scratch, Instant now)
    {
        if (Gate.AdmitsControl(source)) return TakeControl(buffer, ref length, scratch, now);
        WrongSource++;
        return RelayIntake.Refused;
    }

    /// <summary>Protects an RTP packet for the side, where it wants that.</summary>
    /// <returns>False when it must not be sent; counted.</returns>
    public bool TryProtect(Span<byte> buffer, ref int length)
    {
        if (Protection is null || Protection.TryProtect(buffer, ref length) == SrtpResult.Ok) return true;
        SendFailed++;
        return false;
    }

    private bool TryTakeMedia(Span<byte> buffer, ref int length, Span<byte> scratch, Instant now)
    {
        var received = length;
        if (Protection is not null)
        {
            if (Protection.TryUnprotect(buffer[..length], scratch, now, out var plain) != SrtpResult.Ok)
            {
                Unauthenticated++;
                return false;
            }

            scratch[..plain].CopyTo(buffer);
            length = plain;
        }

        if (RtpPacketView.TryParse(buffer[..length], out var packet) != RtpParseError.None)
        {
            Malformed++;
            return false;
        }

        Count(packet, received, now);
        return true;
    }

    private RelayIntake TakeControl(Span<byte> buffer, ref int length, Span<byte> scratch, Instant now)
    {
        if (Protection is not null)
        {
            if (Protection.TryUnprotectControl(buffer[..length], scratch, now, out var plain) != SrtpResult.Ok)
            {
                Unauthenticated++;
                return RelayIntake.Refused;
            }

            scratch[..plain].CopyTo(buffer);
            length = plain;
        }

        if (RtcpCompound.TryParse(buffer[..length], out _) != RtcpParseError.None)
        {
            Malformed++;
            return RelayIntake.Refused;
        }

        ControlReceived++;
        return RelayIntake.Control;
    }

    private void Count(in RtpPacketView packet, int length, Instant now)
    {
        PacketsReceived++;
        BytesReceived += length;
        LastPacketAt = now;
        if (packet.Ssrc != _ssrc) BeginSource(packet.Ssrc);

        var verdict = _sequence.Update(packet.SequenceNumber, out _);
        if (verdict is SequenceVerdict.Restarted or SequenceVerdict.ProbationRestarted)
        {
            // The numbers began again: what was missing until now stays counted. The packet that leapt first was taken for one of the old line.
            _lostBefore += Math.Max(0, _expected - _receivedOfSource + 1);
            _receivedOfSource = 0;
        }

        _receivedOfSource++;
        _expected = _sequence.Highest - _sequence.Base + 1;
    }

    private void BeginSource(uint ssrc)
    {
        _lostBefore = Lost;
        (_ssrc, _sequence, _receivedOfSource, _expected) = (ssrc, default, 0, 0);
    }
}
