using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Srtp.Sdes;

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
        && agreed.Remote.Equals(plan.Remote) && ReferenceEquals(agreed.Crypto, plan.Crypto) && agreed.Dtls == plan.Dtls && agreed.Formats.SequenceEqual(plan.Formats);

    /// <summary>Keys agreed last, null on a plain line.</summary>
    public SdesAgreement? Crypto => Agreed?.Crypto;

    /// <summary>The association agreed last, null on any other line.</summary>
    public DtlsPlan? Dtls => Agreed?.Dtls;

    /// <param name="plan">What was agreed.</param>
    /// <param name="leg">The leg.</param>
    /// <param name="origin">Position 0 of the call's timeline.</param>
    /// <param name="keys">Keys of a protected line; the leg copies what it needs.</param>
    public static MediaLegPlan PlanOf(LinePlan plan, LegId leg, Instant origin, SrtpLegKeys? keys) => new()
    {
        Leg = leg,
        Origin = origin,
        Remote = plan.Remote,
        Formats = plan.Formats,
        ExpectMedia = plan.Direction == SdpDirection.RecvOnly,
        RtcpMux = plan.RtcpMux,
        IsProtected = plan.IsProtected,
        Keys = keys,
        Dtls = plan.Dtls,
    };

    public void Apply(LinePlan plan)
    {
        if (!ReferenceEquals(Crypto, plan.Crypto)) Crypto?.Dispose();
        Agreed = plan;
        Label = plan.Label;
        Codec = plan.Formats[0].EncodingName;
        ExpectsMedia = plan.Direction == SdpDirection.RecvOnly;
    }
}
