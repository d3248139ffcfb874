using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>One accepted m= line of a call and the stream behind it.</summary>
internal sealed class CallLine(int index, int position, LegId leg, IMediaLeg media)
{
    /// <summary>Position among the m= lines.</summary>
    public int Index => index;

    /// <summary>Position among the audio lines.</summary>
    public int Position => position;

    public LegId Leg => leg;

    public IMediaLeg Media => media;

    public string Label { get; set; } = "";

    public string Codec { get; set; } = "";

    /// <summary>False while the stream is held.</summary>
    public bool ExpectsMedia { get; set; }

    /// <summary>What was agreed last, null before the answer to an offer of ours.</summary>
    private LinePlan? Agreed { get; set; }

    /// <summary>Whether a plan says what was agreed already.</summary>
    public bool IsPlannedAs(LinePlan plan) => Agreed is { } agreed
        && agreed.Direction == plan.Direction && agreed.RtcpMux == plan.RtcpMux && agreed.Label == plan.Label
        && agreed.Remote.Equals(plan.Remote) && agreed.Formats.SequenceEqual(plan.Formats);

    public static MediaLegPlan PlanOf(LinePlan plan, LegId leg, Instant origin) => new()
    {
        Leg = leg,
        Origin = origin,
        Remote = plan.Remote,
        Formats = plan.Formats,
        ExpectMedia = plan.Direction == SdpDirection.RecvOnly,
        RtcpMux = plan.RtcpMux,
    };

    public void Apply(LinePlan plan)
    {
        Agreed = plan;
        Label = plan.Label;
        Codec = plan.Formats[0].EncodingName;
        ExpectsMedia = plan.Direction == SdpDirection.RecvOnly;
    }
}
