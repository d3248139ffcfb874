using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>One leg of a bridged call: its session, and what its record will say.</summary>
internal sealed class BridgeLeg(RelaySide side)
{
    public RelaySide Side => side;

    /// <summary>Null before a target is asked.</summary>
    public SipSession? Session { get; set; }

    public Instant StartedAt { get; set; } = Instant.Never;

    public Instant AnsweredAt { get; private set; } = Instant.Never;

    public Instant EndedAt { get; private set; } = Instant.Never;

    public bool IsEnded => !EndedAt.IsNever;

    /// <summary>Final status of the INVITE, 0 when there was none.</summary>
    public int Status { get; set; }

    public SessionEnd End { get; private set; }

    /// <summary>The peer ended it, and not we.</summary>
    public bool EndedByPeer => End is SessionEnd.Bye or SessionEnd.Cancelled or SessionEnd.Lost;

    /// <summary>Reason header of the BYE or CANCEL (RFC 3326), or ours where we ended the call for a fault; empty without one.</summary>
    public string Reason { get; private set; } = "";

    public string Codec { get; private set; } = "";

    /// <summary>Its media was protected when the call ended.</summary>
    public bool IsProtected { get; private set; }

    /// <summary>Counts of the first relayed stream when the call ended.</summary>
    public RelaySideStatistics Media { get; private set; } = new();

    /// <summary>Why we end it.</summary>
    public void EndsFor(string reason) => Reason = reason;

    public void Answered(int status, Instant now) => (Status, AnsweredAt) = (status, now);

    public void Finish(SessionEnd end, SipRequest? last, Instant now)
    {
        (End, EndedAt) = (end, now);
        Reason = last?.Headers.First(SipHeaderNames.Reason) ?? Reason;
        if (Status == 0) Status = end == SessionEnd.Cancelled ? 487 : 0;
    }

    /// <summary>Keeps what the media counted, before it is closed.</summary>
    public void Note(BridgeMedia media, Instant now)
    {
        if (media.Audio is not { } line) return;
        Codec = line.Codec;
        IsProtected = line.IsProtected(side);
        Media = line.Stream.Statistics(side);
    }
}
