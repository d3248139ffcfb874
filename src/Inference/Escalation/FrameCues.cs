using EdgeAssist.Contracts;
using EdgeAssist.Inference.Features;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// What the legs' frames of one call tell without words: a raised voice, one party talking over the other, nobody talking.
/// Allocates only when a leg is heard for the first time.
/// </summary>
internal sealed class FrameCues(EscalationOptions options, IArousalModel arousal, CueLedger ledger)
{
    private const double OverlapStrength = 0.5;
    private const double SilenceStrength = 0.5;
    private const double FrameSeconds = 0.032;

    private readonly List<Leg> _legs = [];
    private TimeSpan _tellSilenceFrom;
    private double _customerTalk;
    private double _agentTalk;
    private double _heard;

    /// <summary>When somebody was last heard to speak.</summary>
    public TimeSpan QuietSince { get; private set; }

    public void OnFrame(LegId id, PartyRole role, TimeSpan at, ReadOnlySpan<float> frame, float speechProbability)
    {
        var leg = LegOf(id);
        leg.Role = role;
        if (role != PartyRole.Agent || options.AgentVoiceCounts) HearVoice(leg, at, frame, speechProbability);

        leg.Floor.OnFrame(at, speechProbability);
        foreach (var other in _legs)
        {
            if (other != leg && leg.Floor.BreaksInto(other.Floor, at)) TellOverlap(leg, other, at);
        }

        TellShare(leg, at);
        TellSilence(at);
    }

    private void HearVoice(Leg leg, TimeSpan at, ReadOnlySpan<float> frame, float speechProbability)
    {
        var raised = leg.Voice.OnFrame(frame, speechProbability);
        if (raised > 0) ledger.Hold(Cue.RaisedVoice, raised * TrustIn(leg.Role), at, leg.Role);
    }

    /// <summary>An unknown party counts as a customer who is not sure to be one, never as the agent.</summary>
    private void TellOverlap(Leg speaker, Leg other, TimeSpan at)
    {
        speaker.Floor.OverlapOpen = false;
        if (speaker.Role == PartyRole.Agent) ledger.Add(Cue.Interrupted, OverlapStrength * TrustIn(other.Role), at, PartyRole.Agent, "");
        else ledger.Add(Cue.TalksOver, OverlapStrength * TrustIn(speaker.Role), at, speaker.Role, "");
    }

    /// <summary>Talk of both parties, fading; told while the customer has nearly all of it.</summary>
    private void TellShare(Leg leg, TimeSpan at)
    {
        if (!leg.Floor.Speaking || leg.Role is not (PartyRole.Customer or PartyRole.Agent)) return;

        var kept = Math.Exp(-FrameSeconds / options.Dynamics.TalkWindow.TotalSeconds);
        (_customerTalk, _agentTalk) = (_customerTalk * kept, _agentTalk * kept);
        if (leg.Role == PartyRole.Customer) _customerTalk += FrameSeconds;
        else _agentTalk += FrameSeconds;
        _heard += FrameSeconds;

        // A leg nobody is heard on says nothing about how the talk is shared.
        if (_heard < options.Dynamics.LeastTalk.TotalSeconds || _agentTalk < 1) return;
        var share = _customerTalk / (_customerTalk + _agentTalk);
        if (share >= options.Dynamics.HeldShare) ledger.Hold(Cue.HoldsTheFloor, 1, at, PartyRole.Customer);
    }

    private void TellSilence(TimeSpan at)
    {
        foreach (var leg in _legs)
        {
            if (!leg.Floor.Speaking) continue;
            QuietSince = _tellSilenceFrom = at;
            return;
        }

        if (at - _tellSilenceFrom < options.Dynamics.Silence) return;

        _tellSilenceFrom = at;
        ledger.Add(Cue.LongSilence, SilenceStrength, at, PartyRole.Unknown, "");
    }

    private double TrustIn(PartyRole role) => role is PartyRole.Customer or PartyRole.Agent ? 1 : options.UncertainRole;

    private Leg LegOf(LegId id)
    {
        foreach (var leg in _legs)
        {
            if (leg.Id == id) return leg;
        }

        var added = new Leg(id, options, arousal);
        _legs.Add(added);
        return added;
    }

    private sealed class Leg(LegId id, EscalationOptions options, IArousalModel arousal)
    {
        public LegId Id { get; } = id;

        public PartyRole Role { get; set; }

        public VoiceTracker Voice { get; } = new(options.Voice, arousal);

        public FloorTracker Floor { get; } = new(options.Dynamics);
    }
}
