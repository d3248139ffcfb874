using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.State;

/// <summary>Supervisors on calls: who may, what the gateway made of it, and what that means for the alert.</summary>
internal sealed partial class RelayStep
{
    private const int MaxActions = 64;

    // Causes of steps that are the relay's own; every other step is one that the gateway reported.
    private const string Asked = "asked", RefusedByGateway = "refused_by_gateway", GatewayLost = "gateway_lost";

    private static readonly TimeSpan EndedMemory = TimeSpan.FromMinutes(1);

    /// <summary>Takes a supervisor's wish to be put on a call. What comes of it is told by the gateway.</summary>
    public StepAnswer Join(JoinAsk ask)
    {
        if (AnsweredBefore(ask.RequestKey, ask.RequestId, same => same.CallId == ask.CallId) is { } before) return before;
        if (State.Calls.GetValueOrDefault(ask.CallId) is not { } call) return new StepAnswer(StepVerdict.NotFound, Why: $"There is no live call {ask.CallId}.");
        if (call.Info.Mode == V1.PolicyMode.Observe)
            return new StepAnswer(StepVerdict.DoesNotFit, Why: "The call's team is observed: nobody is put on its calls, or the baseline would be none.", Reason: "OBSERVED");
        if (State.Interventions.Values.FirstOrDefault(other => other.CallId == ask.CallId && IsLive(other)) is { } there)
            return new StepAnswer(StepVerdict.DoesNotFit, Why: $"{there.Supervisor} is on this call already.", Reason: "SUPERVISED");
        var alert = StandingAlert(ask.CallId);
        if (alert is { Holder.Length: > 0 } && alert.Holder != ask.Actor && !ask.Overrides)
            return new StepAnswer(StepVerdict.DoesNotFit, Why: $"{alert.Holder} holds the alert of this call.", Reason: "ALERT_HELD");

        var intervention = new V1.Intervention
        {
            InterventionId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{State.Epoch}-i{State.Offset + 1}"),
            CallId = ask.CallId,
            Team = call.Info.Team,
            Agent = call.Info.Agent,
            Supervisor = ask.Actor,
            State = V1.InterventionState.Requested,
            Mode = ask.Mode,
            RequestedAt = Now,
            AlertId = alert?.AlertId ?? "",
        };
        Add(intervention, ask.Actor, ask.Reason, Asked, requestKey: ask.RequestKey);
        if (alert is { State: V1.AlertState.Open }) Change(alert, V1.AlertChange.Claimed, ask.Actor, "joined the call", copy =>
        {
            Acted(copy, ask.Actor);
            AlertLifecycle.Apply(copy, AlertAction.Claim, ask.Actor, "", clock.Wall, policy);
            copy.Outcome.ClaimedAt ??= Now;
        });
        return new StepAnswer(StepVerdict.Accepted, Intervention: intervention);
    }

    /// <summary>Takes a wish for another mode, or to leave. What comes of it is told by the gateway.</summary>
    public StepAnswer Change(ChangeAsk ask)
    {
        if (AnsweredBefore(ask.RequestKey, ask.RequestId, same => same.InterventionId == ask.InterventionId) is { } before) return before;
        if (State.Interventions.GetValueOrDefault(ask.InterventionId) is not { } known) return NoSuchIntervention(ask.InterventionId);
        if (known.Supervisor != ask.Actor && !(ask.Overrides && ask.Mode is null))
            return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The intervention is {known.Supervisor}'s.", Reason: "NOT_YOURS");
        if (!IsLive(known)) return new StepAnswer(StepVerdict.DoesNotFit, Why: "The intervention is over.", Reason: "ENDED");

        var changed = known.Clone();
        if (ask.Mode is { } mode) changed.Mode = mode;
        Add(changed, ask.Actor, ask.Reason, Asked, requestKey: ask.RequestKey);
        return new StepAnswer(StepVerdict.Accepted, Intervention: changed);
    }

    /// <summary>Takes what the gateway says of an intervention: the steps not known yet.</summary>
    public StepAnswer Observe(InterventionReport report)
    {
        if (State.Interventions.GetValueOrDefault(report.Id) is not { } known) return NoSuchIntervention(report.Id);
        var seen = known.Steps.Count(step => step.Cause is not (Asked or RefusedByGateway or GatewayLost));
        foreach (var step in report.Steps.Skip(seen))
        {
            if (!IsLive(known)) break;
            known = Observe(known, step);
        }

        return new StepAnswer(StepVerdict.Accepted, Intervention: known);
    }

    /// <summary>The gateway did not do what was asked: a wish for another mode falls, one to join ends the intervention.</summary>
    public StepAnswer RefuseByGateway(string id, string whyNot, string sentence)
    {
        if (State.Interventions.GetValueOrDefault(id) is not { } known) return NoSuchIntervention(id);
        if (!IsLive(known)) return new StepAnswer(StepVerdict.Accepted, Intervention: known);
        var changed = known.Clone();
        if (known.State == V1.InterventionState.Requested) Close(changed, whyNot == "gateway_unreachable" ? GatewayLost : RefusedByGateway, 0, Now);
        else changed.Mode = ModeOf(known.State) ?? known.Mode;
        Add(changed, SystemActor, whyNot, RefusedByGateway, sentence: sentence);
        NoteOnAlert(changed);
        return new StepAnswer(StepVerdict.Accepted, Intervention: changed);
    }

    /// <summary>The gateway's answer to an order was lost. What it reported meanwhile counts: only a wish that it did not take falls.</summary>
    /// <param name="id">The intervention.</param>
    /// <param name="isTaken">Whether what is on record of it says that the wish was taken.</param>
    /// <param name="sentence">Why there is no answer.</param>
    /// <returns>With a count of 1 when the wish stands; then nothing is written.</returns>
    public StepAnswer LoseAnswer(string id, Func<V1.Intervention, bool> isTaken, string sentence)
    {
        if (State.Interventions.GetValueOrDefault(id) is not { } known) return NoSuchIntervention(id);
        return isTaken(known) ? new StepAnswer(StepVerdict.Accepted, Intervention: known, Count: 1) : RefuseByGateway(id, "gateway_unreachable", sentence);
    }

    /// <summary>The gateway does not know it any more: it was started anew.</summary>
    public StepAnswer Lose(string id)
    {
        if (State.Interventions.GetValueOrDefault(id) is not { } known) return NoSuchIntervention(id);
        if (!IsLive(known)) return new StepAnswer(StepVerdict.Accepted, Intervention: known);
        return new StepAnswer(StepVerdict.Accepted, Intervention: End(known, GatewayLost));
    }

    public static bool IsLive(V1.Intervention intervention) => intervention.State != V1.InterventionState.Ended;

    /// <summary>The gateway reported something of it: it took the order to join.</summary>
    public static bool IsJoined(V1.Intervention intervention) => intervention.State != V1.InterventionState.Requested;

    /// <summary>A wish for a mode (null: to leave) is met, or has nothing left to change.</summary>
    public static bool IsIn(V1.Intervention intervention, V1.SupervisionMode? mode) => !IsLive(intervention) || (mode is not null && ModeOf(intervention.State) == mode);

    private V1.Intervention Observe(V1.Intervention known, InterventionStep step)
    {
        var changed = known.Clone();
        var at = Timestamp.FromDateTimeOffset(step.At);
        changed.State = step.Phase switch
        {
            InterventionPhase.Calling => V1.InterventionState.Calling,
            InterventionPhase.Ringing => V1.InterventionState.Ringing,
            InterventionPhase.Listening => V1.InterventionState.Listening,
            InterventionPhase.Whispering => V1.InterventionState.Whispering,
            InterventionPhase.Barged => V1.InterventionState.Barged,
            InterventionPhase.TakenOver => V1.InterventionState.TakenOver,
            _ => V1.InterventionState.Ended,
        };
        if (ModeOf(changed.State) is { } mode)
        {
            changed.Mode = mode;
            changed.AnsweredAt ??= at;
        }

        if (step.Phase == InterventionPhase.Ended) Close(changed, step.Cause, step.SipStatus, at);
        if (changed.AlertId.Length == 0) changed.AlertId = StandingAlert(changed.CallId)?.AlertId ?? "";
        var actor = step.Cause switch
        {
            "order" or "left" => known.Steps.LastOrDefault(earlier => earlier.Cause == Asked)?.Actor ?? known.Supervisor,
            "key" or "phone_hung_up" => known.Supervisor,
            _ => SystemActor,
        };
        Add(changed, actor, "", step.Cause, at, step.SipStatus, step.Sentence);
        NoteOnAlert(changed);
        return changed;
    }

    /// <summary>What the supervisor does now, in the outcome of the alert; a claim gets its lease anew when they leave.</summary>
    private void NoteOnAlert(V1.Intervention intervention)
    {
        if (State.Alerts.GetValueOrDefault(intervention.AlertId) is not { } alert) return;
        var kind = intervention.State switch
        {
            V1.InterventionState.Listening => "listen",
            V1.InterventionState.Whispering => "whisper",
            V1.InterventionState.Barged => "barge",
            V1.InterventionState.TakenOver => "take_over",
            _ => "",
        };
        var open = alert.Outcome?.Actions.LastOrDefault(action => action.Until is null && action.InterventionId == intervention.InterventionId);
        if (kind.Length == 0 && (IsLive(intervention) || open is null)) return;
        if (kind.Length > 0 && open?.Kind == kind) return;

        Change(alert, V1.AlertChange.Intervened, intervention.Supervisor, kind.Length > 0 ? kind : intervention.EndCause, copy =>
        {
            Acted(copy, intervention.Supervisor);
            foreach (var action in copy.Outcome.Actions.Where(action => action.Until is null && action.InterventionId == intervention.InterventionId)) action.Until = Now;
            if (kind.Length > 0)
            {
                copy.Outcome.IntervenedAt ??= Now;
                if (copy.Outcome.Actions.Count < MaxActions)
                    copy.Outcome.Actions.Add(new V1.OutcomeAction { Kind = kind, Actor = intervention.Supervisor, At = Now, Risk = RiskNow(copy), InterventionId = intervention.InterventionId });
            }
            else if (copy.State == V1.AlertState.Claimed && copy.Holder == intervention.Supervisor) copy.LeaseUntil = Timestamp.FromDateTimeOffset(clock.Wall + policy.Lease);
        });
    }

    private void EndInterventions(string callId)
    {
        foreach (var live in State.Interventions.Values.Where(live => live.CallId == callId && IsLive(live)).ToList()) End(live, "call_ended");
    }

    private V1.Intervention End(V1.Intervention live, string cause)
    {
        var ended = live.Clone();
        Close(ended, cause, 0, Now);
        Add(ended, SystemActor, "", cause);
        NoteOnAlert(ended);
        return ended;
    }

    private static void Close(V1.Intervention intervention, string cause, int sipStatus, Timestamp at)
    {
        intervention.State = V1.InterventionState.Ended;
        intervention.EndedAt = at;
        intervention.EndCause = cause;
        intervention.SipStatus = sipStatus;
    }

    /// <summary>The holder of an alert is on its call: the claim needs no renewing.</summary>
    private bool IsOnCall(V1.Alert alert) => State.Interventions.Values.Any(live => IsLive(live) && live.CallId == alert.CallId && live.Supervisor == alert.Holder);

    private V1.Alert? StandingAlert(string callId) => State.Alerts.Values.Where(alert => alert.CallId == callId && !alert.IsOver() && alert.Mode != V1.PolicyMode.Observe).MaxBy(alert => alert.OpenedAt.ToDateTimeOffset());

    private void ForgetInterventions()
    {
        var old = State.Interventions.Values.Where(known => !IsLive(known) && clock.Wall - known.EndedAt.ToDateTimeOffset() > EndedMemory).Select(known => known.InterventionId).ToList();
        if (old.Count > 0) State = State with { Interventions = State.Interventions.RemoveRange(old) };
    }

    private StepAnswer? AnsweredBefore(string requestKey, string requestId, Func<V1.Intervention, bool> isSame)
    {
        if (Remembered(requestKey) is not { } earlier) return null;
        if (earlier.InterventionId.Length == 0) return RequestIdReused(requestId);
        return State.Interventions.GetValueOrDefault(earlier.InterventionId) is not { } known
            ? new StepAnswer(StepVerdict.Accepted, Intervention: new V1.Intervention { InterventionId = earlier.InterventionId, State = V1.InterventionState.Ended })
            : isSame(known) ? new StepAnswer(StepVerdict.Accepted, Intervention: known, Count: 1) : RequestIdReused(requestId);
    }

    private static StepAnswer NoSuchIntervention(string id) => new(StepVerdict.NotFound, Why: $"There is no intervention {id} that goes on or ended in the last minute.");

    private static V1.SupervisionMode? ModeOf(V1.InterventionState state) => state switch
    {
        V1.InterventionState.Listening => V1.SupervisionMode.Listen,
        V1.InterventionState.Whispering => V1.SupervisionMode.Whisper,
        V1.InterventionState.Barged => V1.SupervisionMode.Barge,
        V1.InterventionState.TakenOver => V1.SupervisionMode.TakeOver,
        _ => null,
    };

    private void Add(V1.Intervention intervention, string actor, string reason, string cause, Timestamp? at = null, int sipStatus = 0, string sentence = "", string requestKey = "")
    {
        intervention.Version++;
        intervention.Steps.Add(new V1.InterventionChange
        {
            State = intervention.State, At = at ?? Now, Actor = actor, Reason = reason, Cause = cause, SipStatus = sipStatus, Sentence = sentence,
        });
        Add(new RelayEvent
        {
            Offset = State.Offset + 1,
            Kind = JournalKind.Intervention,
            CallId = intervention.CallId,
            Team = intervention.Team,
            Agent = intervention.Agent,
            Time = clock.Wall,
            RequestKey = requestKey,
            Intervention = intervention,
        });
    }
}
