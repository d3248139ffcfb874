using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sdp;

namespace EdgeAssist.MediaGateway.Relay;

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
    public long WrongSource, Unauthenticated, Malformed, UnknownPayloadType, NotForwarded, SendFailed, Unreachable, ForkDropped;

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

    /// <summary>Counts a valid packet of the side.</summary>
    public void Count(in RtpPacketView packet, int length, Instant now)
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
