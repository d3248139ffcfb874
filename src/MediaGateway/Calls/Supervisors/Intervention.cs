using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>One supervisor's way onto a call, from the order to its end. Belongs to the signalling loop.</summary>
internal sealed class Intervention(InterventionOrder order, SupervisorPhone phone, SupervisorDescription description, ISupervisorLeg leg)
{
    private ImmutableArray<InterventionStep> _steps = [];

    public InterventionOrder Order => order;

    public SupervisorPhone Phone => phone;

    public SupervisorDescription Description => description;

    /// <summary>The port the phone's media meets; taken down with the intervention, or when the call is taken over.</summary>
    public ISupervisorLeg Leg => leg;

    /// <summary>The dialog with the phone.</summary>
    public required SipSession Session { get; init; }

    /// <summary>Whom a whisper reaches; means nothing on a fork.</summary>
    public required RelaySide WhisperTo { get; init; }

    /// <summary>Both parties hear the tone.</summary>
    public required bool PlaysTone { get; init; }

    public InterventionMode Mode { get; private set; } = order.Mode;

    /// <summary>What the phone says of its media; null before it has answered.</summary>
    public RelaySidePlan? Side { get; private set; }

    /// <summary>When ringing ends; never once answered.</summary>
    public Instant RingsUntil { get; set; } = Instant.Never;

    public Instant AnsweredAt { get; private set; } = Instant.Never;

    public Instant EndedAt { get; private set; } = Instant.Never;

    /// <summary>The phone's last answer to our first INVITE.</summary>
    public SipResponse? LastAnswer { get; set; }

    /// <summary>A take-over whose offer the phone has not answered yet.</summary>
    public TaskCompletionSource<ControlAnswer>? TakingOver { get; set; }

    public InterventionPhase Phase => _steps.IsEmpty ? InterventionPhase.Calling : _steps[^1].Phase;

    public bool IsAnswered => !AnsweredAt.IsNever;

    public bool IsOver => !EndedAt.IsNever;

    public InterventionReport Report => new() { Id = order.Id, Call = order.Call, Steps = _steps };

    /// <summary>The phone answered.</summary>
    public void Answer(RelaySidePlan side, Instant now)
    {
        (AnsweredAt, RingsUntil) = (now, Instant.Never);
        Describe(side);
    }

    /// <summary>The phone's media has changed.</summary>
    public void Describe(RelaySidePlan side)
    {
        Side = side;
        Apply();
    }

    /// <summary>Another mode from here on.</summary>
    public void Become(InterventionMode mode)
    {
        Mode = mode;
        Apply();
    }

    public void Step(InterventionStep step) => _steps = _steps.Add(step);

    public void End(Instant now) => (EndedAt, RingsUntil) = (now, Instant.Never);

    /// <summary>The phase a mode brings an answered intervention to.</summary>
    public static InterventionPhase PhaseOf(InterventionMode mode) => mode switch
    {
        InterventionMode.Listen => InterventionPhase.Listening,
        InterventionMode.Whisper => InterventionPhase.Whispering,
        InterventionMode.Barge => InterventionPhase.Barged,
        _ => InterventionPhase.TakenOver,
    };

    public static SupervisionMode MediaModeOf(InterventionMode mode) => mode switch
    {
        InterventionMode.Listen => SupervisionMode.Listen,
        InterventionMode.Whisper => SupervisionMode.Whisper,
        _ => SupervisionMode.Barge,
    };

    private void Apply()
    {
        if (Side is { } side) leg.Update(new SupervisorPlan { Side = side, Mode = MediaModeOf(Mode), WhisperTo = WhisperTo, PlaysTone = PlaysTone });
    }
}
