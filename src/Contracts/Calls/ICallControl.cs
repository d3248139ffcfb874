using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>
/// What a supervisor may do to live calls, at the gateway that carries them: in the same process, or over gRPC in another.
/// Nothing here touches the media of a call that goes on without a supervisor, and nothing that fails here ends a call.
/// </summary>
public interface ICallControl
{
    /// <summary>Which modes are possible on a call for a supervisor; null when no such call is live at this gateway.</summary>
    ValueTask<CallCapabilities?> CapabilitiesAsync(CallId call, string supervisor, CancellationToken cancellationToken);

    /// <summary>Calls a supervisor's phone and puts it on a call. The same order again is answered with the report of the first.</summary>
    ValueTask<ControlAnswer> JoinAsync(InterventionOrder order, CancellationToken cancellationToken);

    /// <summary>Changes the mode of an intervention whose phone has answered; <see cref="InterventionMode.TakeOver"/> releases the agent.</summary>
    ValueTask<ControlAnswer> ChangeAsync(string intervention, InterventionMode mode, CancellationToken cancellationToken);

    /// <summary>Ends an intervention; the call goes on, unless it was taken over, in which case it ends with it.</summary>
    ValueTask<ControlAnswer> LeaveAsync(string intervention, CancellationToken cancellationToken);

    /// <summary>
    /// Everything this gateway knows of interventions, whole, at once and after every change: those that go on, and those that ended
    /// in the last minutes. A slow reader misses lists, never steps: each report has all of its own.
    /// </summary>
    IAsyncEnumerable<ImmutableArray<InterventionReport>> WatchAsync(CancellationToken cancellationToken);
}

/// <summary>How a supervisor takes part in a call.</summary>
public enum InterventionMode
{
    /// <summary>Hears both parties, is heard by none.</summary>
    Listen = 0,

    /// <summary>Hears both parties, is heard by the agent only.</summary>
    Whisper = 1,

    /// <summary>Hears both parties and is heard by both.</summary>
    Barge = 2,

    /// <summary>Takes the agent's place; the agent is released.</summary>
    TakeOver = 3,
}

/// <summary>How far an intervention is.</summary>
public enum InterventionPhase
{
    /// <summary>The phone's INVITE is out.</summary>
    Calling = 0,
    Ringing = 1,
    Listening = 2,
    Whispering = 3,
    Barged = 4,
    TakenOver = 5,
    Ended = 6,
}

/// <summary>What is asked for.</summary>
public sealed record InterventionOrder
{
    /// <summary>Given by the relay, unique; the same id is the same order.</summary>
    public required string Id { get; init; }

    public required CallId Call { get; init; }

    /// <summary>Not <see cref="InterventionMode.TakeOver"/>: that follows once the supervisor is on the call.</summary>
    public required InterventionMode Mode { get; init; }

    /// <summary>The supervisor's subject; says which phone is called.</summary>
    public required string Supervisor { get; init; }

    /// <summary>Another phone than the configured one, as a SIP URI; empty for that one.</summary>
    public string Phone { get; init; } = "";
}

/// <summary>One step of an intervention.</summary>
/// <param name="Phase">What it came to.</param>
/// <param name="At">When.</param>
/// <param name="Cause">A stable word for what brought it there: <c>order</c>, <c>key</c>, <c>answered</c>, or why it ended; see the MediaGateway README.</param>
/// <param name="SipStatus">Status of the phone's last answer where that is the cause, else 0.</param>
/// <param name="Sentence">For people; empty where the cause says it all.</param>
public sealed record InterventionStep(InterventionPhase Phase, DateTimeOffset At, string Cause, int SipStatus = 0, string Sentence = "");

/// <summary>An intervention as its gateway knows it.</summary>
public sealed record InterventionReport
{
    public required string Id { get; init; }

    public required CallId Call { get; init; }

    /// <summary>All of them, in order; not empty.</summary>
    public required ImmutableArray<InterventionStep> Steps { get; init; }

    public InterventionPhase Phase => Steps[^1].Phase;
}

/// <summary>The answer to an order.</summary>
/// <param name="Report">The intervention as it is now; null when the order was refused.</param>
/// <param name="WhyNot">A stable word for why it was refused, empty when it was not.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record ControlAnswer(InterventionReport? Report, string WhyNot = "", string Sentence = "")
{
    public static ControlAnswer Refused(string whyNot, string sentence) => new(null, whyNot, sentence);
}

/// <summary>Whether a mode is possible.</summary>
/// <param name="Mode">Which.</param>
/// <param name="WhyNot">A stable word for what stands against it, empty when it is possible: <c>siprec_only</c>, <c>codec</c>, <c>policy</c>, <c>not_answered</c>, <c>emergency</c>, <c>srtp</c>, <c>no_phone</c>, <c>no_route</c>, <c>roles</c>.</param>
/// <param name="Sentence">The same for people.</param>
public sealed record ModeCapability(InterventionMode Mode, string WhyNot = "", string Sentence = "")
{
    public bool IsPossible => WhyNot.Length == 0;
}

/// <summary>What is possible on a call.</summary>
public sealed record CallCapabilities
{
    public required CallId Call { get; init; }

    /// <summary>One for each mode, in the order of <see cref="InterventionMode"/>.</summary>
    public required ImmutableArray<ModeCapability> Modes { get; init; }

    /// <summary>The supervisor's configured phone as a SIP URI; empty when there is none.</summary>
    public string Phone { get; init; } = "";

    /// <summary>An order may name another phone.</summary>
    public bool AnyPhone { get; init; }

    /// <summary>A tone tells both parties that somebody is on the call.</summary>
    public bool PlaysTone { get; init; }

    /// <summary>The policy profile these answers come from.</summary>
    public string Profile { get; init; } = "";

    public ModeCapability Of(InterventionMode mode) => Modes[(int)mode];
}

/// <summary>The gateway cannot be reached. Whether it took the order is not known: the same order again is safe.</summary>
public sealed class CallControlException(string message, Exception inner) : Exception(message, inner);
