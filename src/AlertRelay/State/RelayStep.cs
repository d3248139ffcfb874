using EdgeAssist.AlertRelay.Assist;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.State;

/// <summary>
/// One batch on its way to the journal: takes inputs in order, decides what they mean, and collects the events. Nothing it
/// did is visible to anybody until its owner has made the events durable and publishes <see cref="State"/>; when that
/// fails, the step is dropped and nothing happened.
/// </summary>
/// <param name="state">The newest durable state.</param>
/// <param name="policy">When alerts come and go.</param>
/// <param name="clock">Now.</param>
/// <param name="desk">Decides about prompts; null: there are none.</param>
internal sealed partial class RelayStep(RelayState state, AlertPolicy policy, ClockAnchor clock, AssistDesk? desk = null)
{
    private readonly List<RelayEvent> _events = [];

    private AssistStep? _assist;

    public RelayState State { get; set; } = state;

    /// <summary>Prompts and messages; null where there are none.</summary>
    public AssistStep? Assist => _assist ??= desk is null ? null : new AssistStep(this, desk, clock);

    /// <summary>In order; partial transcripts among them have offset 0 and are not journaled.</summary>
    public IReadOnlyList<RelayEvent> Events => _events;

    /// <summary>Takes what analysis says. The message becomes the step's own.</summary>
    public StepAnswer Accept(V1.CallEvent said)
    {
        said.EventTime ??= Timestamp.FromDateTimeOffset(clock.Wall);
        if (said.TraceId.Length == 0) said.TraceId = TraceIds.OfCall(said.CallId);

        var known = State.Calls.GetValueOrDefault(said.CallId);
        if (said.KindCase == V1.CallEvent.KindOneofCase.Started && known is null) return Start(said);
        if (known is null)
        {
            return new StepAnswer(StepVerdict.NotFound,
                Why: $"Call {said.CallId} is not open here (the relay may have restarted): say that it started, then go on.");
        }

        if (said.Rung == V1.Rung.Unspecified) said.Rung = known.Rung;
        said.Mode = known.Info.Mode;
        switch (said.KindCase)
        {
            case V1.CallEvent.KindOneofCase.Started:
                Update(said, known, said.Started);
                break;
            case V1.CallEvent.KindOneofCase.Updated:
                Update(said, known, said.Updated);
                break;
            case V1.CallEvent.KindOneofCase.Transcript:
                // A publisher that lost its receipt says the same again.
                if (!known.HasFinal(said.Transcript)) Add(said, JournalKind.Transcript, known.Info);
                break;
            case V1.CallEvent.KindOneofCase.Score when said.Score.Score is not null:
                Score(said, known);
                break;
            case V1.CallEvent.KindOneofCase.Gap:
                Add(said, JournalKind.Gap, known.Info);
                break;
            case V1.CallEvent.KindOneofCase.RungChange:
                Add(said, JournalKind.RungChange, known.Info);
                break;
            case V1.CallEvent.KindOneofCase.Speech:
                Assist?.OnSpeech(said.CallId, said.Speech);
                break;
            case V1.CallEvent.KindOneofCase.Ended:
                End(said, known);
                break;
        }

        return new StepAnswer(StepVerdict.Accepted);
    }

    /// <summary>Ends the calls that were live when the process before this one ended: nobody will end them otherwise.</summary>
    public void CloseLostCalls(IReadOnlySet<string> callIds)
    {
        foreach (var call in State.Calls.Values.Where(call => callIds.Contains(call.Info.CallId)).OrderBy(call => call.StartedOffset)) Lose(call);
    }

    /// <summary>Lets time act: leases that ended, calm that lasted. Also forgets old request ids.</summary>
    public void Tick()
    {
        foreach (var alert in State.Alerts.Values.Where(alert => alert.State == V1.AlertState.Claimed && clock.Wall >= alert.LeaseUntil.ToDateTimeOffset() && !IsOnCall(alert)))
        {
            var holder = alert.Holder;
            Change(alert, V1.AlertChange.Released, SystemActor, $"the lease of {holder} ended", changed =>
                AlertLifecycle.Apply(changed, AlertAction.Release, holder, "", clock.Wall, policy));
        }


        foreach (var call in State.Calls.Values.Where(call => call.Episode.IsCalmDue(clock.Monotonic))) Calm(call);
        foreach (var alert in State.Alerts.Values.Where(alert => alert.SuppressedBy.Length > 0 && !alert.IsOver())) LetBeHeard(alert);
        foreach (var alert in State.Alerts.Values.Where(IsEscalationDue)) Escalate(alert, SystemActor, "nobody acted in time");
        foreach (var ended in State.Silences.Values.Where(silence => silence.Silence.EndsAt.ToDateTimeOffset() <= clock.Wall))
            State = State with { Silences = State.Silences.Remove(ended.Silence.SilenceId) };

        foreach (var old in State.Modes.DueToBeCarried(clock.Wall).ToList())
        {
            var carried = old.Clone();
            carried.Carried = true;
            Add(PolicyEvent(carried, requestKey: ""));
        }

        if (policy.SilentCallAfter is { } patience)
        {
            foreach (var call in State.Calls.Values.Where(call => clock.Monotonic - call.HeardAt >= patience)) Lose(call);
        }

        ForgetInterventions();
        Assist?.Tick();
        var forgotten = State.Requests.Where(request => clock.Wall - request.Value.At > policy.RequestMemory).Select(request => request.Key).ToList();
        if (forgotten.Count > 0) State = State with { Requests = State.Requests.RemoveRange(forgotten) };
    }

    /// <param name="request">What is asked for.</param>
    /// <param name="archived">The alert as the journal holds it, for one that is no longer in the live state.</param>
    public StepAnswer Act(ActionRequest request, V1.Alert? archived)
    {
        if (Remembered(request.RequestKey) is { } earlier)
        {
            return earlier.Change == request.Action.Change() && earlier.Alert?.AlertId == request.AlertId
                ? new StepAnswer(StepVerdict.Accepted, earlier.Alert)
                : RequestIdReused(request.RequestId);
        }

        if ((State.Alerts.GetValueOrDefault(request.AlertId) ?? archived) is not { } alert) return NoSuchAlert(request.AlertId);
        if (OfOtherVersion(request.ExpectedVersion, alert.Version) is { } changedSince) return changedSince;
        if (AlertLifecycle.Refuse(alert, request.Action, request.Actor, request.Overrides) is { } why)
            return new StepAnswer(StepVerdict.DoesNotFit, Why: why);

        if (request.Action == AlertAction.Escalate)
        {
            return Escalate(alert, request.Actor, request.Reason, request.RequestKey) is { } escalated
                ? new StepAnswer(StepVerdict.Accepted, escalated)
                : new StepAnswer(StepVerdict.DoesNotFit, Why: "The rota has no further tier with somebody on duty.");
        }

        var changed = Change(alert, request.Action.Change(), request.Actor, request.Reason, copy =>
        {
            Acted(copy, request.Actor);
            AlertLifecycle.Apply(copy, request.Action, request.Actor, request.Reason, clock.Wall, policy);
            if (request.Action == AlertAction.Claim) copy.Outcome.ClaimedAt ??= Now;
            if (request.Action is AlertAction.Resolve or AlertAction.Dismiss) Settle(copy);
        }, request.RequestKey);
        return new StepAnswer(StepVerdict.Accepted, changed);
    }

    /// <summary>Adds a note, and what came of the alert.</summary>
    public StepAnswer Annotate(NoteRequest request, V1.Alert? archived)
    {
        if (Remembered(request.RequestKey) is { } earlier)
        {
            return earlier.Change == V1.AlertChange.Annotated && earlier.Alert?.AlertId == request.AlertId
                ? new StepAnswer(StepVerdict.Accepted, earlier.Alert)
                : RequestIdReused(request.RequestId);
        }

        if ((State.Alerts.GetValueOrDefault(request.AlertId) ?? archived) is not { } alert) return NoSuchAlert(request.AlertId);
        if (OfOtherVersion(request.ExpectedVersion, alert.Version) is { } changedSince) return changedSince;
        if (alert.Notes.Count >= MaxNotes) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The alert has {MaxNotes} notes already.");

        var annotated = Change(alert, V1.AlertChange.Annotated, request.Actor, "", copy =>
        {
            Acted(copy, request.Actor);
            if (request.Note.Length > 0) copy.Notes.Add(new V1.Note { Author = request.Actor, At = Now, Text = request.Note });
            if (request.Disposition.Length > 0) copy.Outcome.Disposition = request.Disposition;
        }, request.RequestKey);
        return new StepAnswer(StepVerdict.Accepted, annotated);
    }

    /// <summary>Notes that somebody was told of alerts, or that they were shown to them. What is noted already stays as it is.</summary>
    public StepAnswer Note(V1.ReceiptKind kind, IEnumerable<Delivery> deliveries)
    {
        var noted = 0;
        foreach (var ofAlert in deliveries.GroupBy(delivery => delivery.AlertId, StringComparer.Ordinal))
        {
            if ((State.Alerts.GetValueOrDefault(ofAlert.Key) ?? ofAlert.First().Archived) is not { } alert) continue;
            var copy = alert.Clone();
            var added = ofAlert.Count(delivery => Receipts.Add(copy, kind, delivery.Subject, delivery.At));
            if (added == 0) continue;
            noted += added;
            var shown = kind == V1.ReceiptKind.Shown;
            AddChange(copy, shown ? V1.AlertChange.Shown : V1.AlertChange.Told, shown ? ofAlert.First().Subject : SystemActor, "", "");
        }

        return new StepAnswer(StepVerdict.Accepted, Count: noted);
    }

    /// <summary>Takes a new silence, or one that ends early.</summary>
    public StepAnswer Keep(V1.Silence silence, string requestKey, string requestId)
    {
        if (Remembered(requestKey) is { } earlier)
            return earlier.Silence is { } same ? new StepAnswer(StepVerdict.Accepted, Silence: same) : RequestIdReused(requestId);

        var kept = silence.Clone();
        if (kept.SilenceId.Length == 0)
        {
            if (State.Silences.Count >= MaxSilences) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"There are {MaxSilences} silences already. End some.");
            kept.SilenceId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{State.Epoch}-s{State.Offset + 1}");
        }
        else if (!State.Silences.ContainsKey(kept.SilenceId)) return new StepAnswer(StepVerdict.NotFound, Why: $"There is no silence {kept.SilenceId} in force.");
        else if (kept.EndsAt.ToDateTimeOffset() > clock.Wall) kept.EndsAt = Now;

        Add(new RelayEvent
        {
            Offset = State.Offset + 1,
            Kind = JournalKind.Silence,
            CallId = "",
            Team = "",
            Agent = "",
            Time = clock.Wall,
            RequestKey = requestKey,
            Silence = kept,
        });
        return new StepAnswer(StepVerdict.Accepted, Silence: kept);
    }

    /// <summary>
    /// Switches a team. To observe: at once, also for calls that live. To assist: for calls that begin afterwards.
    /// </summary>
    public StepAnswer Switch(V1.PolicySwitch asked, string requestKey)
    {
        if (Remembered(requestKey) is { } earlier)
        {
            return earlier.Policy is { } same && same.Team == asked.Team && same.Mode == asked.Mode
                ? new StepAnswer(StepVerdict.Accepted, Policy: same)
                : RequestIdReused(asked.RequestId);
        }

        if (!State.Modes.Knows(asked.Team) && State.Modes.Count >= MaxTeams)
            return new StepAnswer(StepVerdict.DoesNotFit, Why: $"{MaxTeams} teams have a mode of their own already. Switch «{TeamModes.Others}» instead.");

        var made = asked.Clone();
        (made.From, made.At) = (State.Modes.Of(asked.Team), Now);
        var after = State.Modes.With(made, State.Offset + 1, clock.Wall);
        var silenced = State.Calls.Values
            .Where(call => call.Info.Mode != V1.PolicyMode.Observe && after.Of(call.Info.Team) == V1.PolicyMode.Observe)
            .OrderBy(call => call.StartedOffset)
            .ToList();
        made.CallsSilenced = silenced.Count;
        Add(PolicyEvent(made, requestKey));
        foreach (var call in silenced) Fall(call);
        return new StepAnswer(StepVerdict.Accepted, Policy: made);
    }

    private const string SystemActor = "system";
    private const int MaxNotes = 50, MaxSilences = 200, MaxTeams = 1000;

    private Timestamp Now => Timestamp.FromDateTimeOffset(clock.Wall);

    private void Lose(CallRecord call) => Accept(new V1.CallEvent
    {
        CallId = call.Info.CallId,
        Ended = new V1.Call { CallId = call.Info.CallId, EndedAt = Now, EndReason = "lost" },
    });

    private StepAnswer Start(V1.CallEvent said)
    {
        said.Started.CallId = said.CallId;
        said.Started.Version = Math.Max(1, said.Started.Version);
        said.Started.Rung = said.Rung = said.Rung == V1.Rung.Unspecified ? V1.Rung.Full : said.Rung;
        said.Started.StartedAt ??= said.EventTime;
        said.Mode = said.Started.Mode = State.Modes.Of(said.Started.Team);
        said.Started.ModeChanged = false;
        Add(said, JournalKind.CallStarted, said.Started);
        return new StepAnswer(StepVerdict.Accepted);
    }

    private void Update(V1.CallEvent said, CallRecord known, V1.Call info)
    {
        info.CallId = said.CallId;
        info.Version = Math.Max(info.Version, known.Info.Version + 1);
        info.StartedAt = known.Info.StartedAt;
        info.Rung = known.Rung;
        SetMode(info, known);
        said.Mode = info.Mode;
        if (info.Team != known.Info.Team) said.LeftTeam = known.Info.Team;
        if (info.Agent != known.Info.Agent) said.LeftAgent = known.Info.Agent;
        said.Updated = info;
        Add(said, JournalKind.CallUpdated, info);
        if (said.LeftAgent.Length > 0) Assist?.Withdraw(said.CallId);
        if (info.Mode == V1.PolicyMode.Observe && known.Info.Mode != V1.PolicyMode.Observe) Withdraw(said.CallId);
    }

    // Before the first score nothing was shown and nothing kept back: the call takes the mode of its team. Later it may become
    // silent and never the reverse, or the baseline would hold calls that somebody was helped with.
    private void SetMode(V1.Call info, CallRecord known)
    {
        var scored = known.Scores.Count > 0;
        var ofTeam = State.Modes.Of(info.Team);
        info.Mode = scored && known.Info.Mode == V1.PolicyMode.Observe ? V1.PolicyMode.Observe : ofTeam;
        info.ModeChanged = known.Info.ModeChanged || (scored && info.Mode != known.Info.Mode && info.Mode == V1.PolicyMode.Observe);
    }

    // A live call becomes silent.
    private void Fall(CallRecord call)
    {
        var info = call.Info.Clone();
        (info.Version, info.Mode, info.ModeChanged) = (info.Version + 1, V1.PolicyMode.Observe, call.Scores.Count > 0);
        Add(new V1.CallEvent
        {
            CallId = info.CallId,
            EventTime = Now,
            TraceId = TraceIds.OfCall(info.CallId),
            Rung = call.Rung,
            Mode = V1.PolicyMode.Observe,
            Updated = info,
        }, JournalKind.CallUpdated, info);
        Withdraw(info.CallId);
    }

    private void Withdraw(string callId)
    {
        Assist?.Withdraw(callId);
        foreach (var alert in State.Alerts.Values.Where(alert => alert.CallId == callId && !alert.IsOver()).OrderBy(alert => alert.OpenedAt.ToDateTimeOffset()))
        {
            Change(alert, V1.AlertChange.Withdrawn, SystemActor, "the team is observed", withdrawn =>
            {
                withdrawn.Mode = V1.PolicyMode.Observe;
                withdrawn.LeaseUntil = null;
                if (withdrawn.State == V1.AlertState.Claimed) (withdrawn.State, withdrawn.Holder) = (V1.AlertState.Open, "");
            });
        }
    }

    private RelayEvent PolicyEvent(V1.PolicySwitch policySwitch, string requestKey) => new()
    {
        Offset = State.Offset + 1,
        Kind = JournalKind.PolicySwitch,
        CallId = "",
        Team = policySwitch.Team,
        Agent = "",
        Time = clock.Wall,
        RequestKey = requestKey,
        Policy = policySwitch,
    };

    private void End(V1.CallEvent said, CallRecord known)
    {
        var ended = known.ToWire();
        ended.Version++;
        ended.EndedAt = said.Ended.EndedAt ?? said.EventTime;
        ended.EndReason = said.Ended.EndReason.Length == 0 ? "lost" : said.Ended.EndReason;
        said.Ended = ended;
        EndInterventions(said.CallId);
        foreach (var alert in State.Alerts.Values.Where(alert => alert.CallId == said.CallId && !alert.IsOver()).OrderBy(alert => alert.OpenedAt))
        {
            Change(alert, V1.AlertChange.CallEnded, SystemActor, "the call ended: " + ended.EndReason, changed =>
            {
                changed.CallEndedAt = ended.EndedAt;
                Settle(changed);
            });
        }

        Assist?.OnEnd(said.CallId);
        Add(said, JournalKind.CallEnded, ended);
    }

    private void Score(V1.CallEvent said, CallRecord known)
    {
        var score = said.Score.Score;
        score.At ??= new Duration();
        if (known.Scores.Count > 0 && known.Scores[^1].Equals(score)) return;   // said again after a lost receipt

        var step = known.Episode.Decide(score, clock.ToInstant(said.EventTime.ToDateTimeOffset()), policy);
        Add(said, JournalKind.Score, known.Info);
        switch (step)
        {
            case EpisodeStep.Open:
                Open(said, known);
                break;
            case EpisodeStep.Raise:
                Raise(said, known);
                break;
            case EpisodeStep.Calm:
                Calm(State.Calls[said.CallId]);
                break;
        }

        Assist?.OnScore(said.CallId, said.EventTime.ToDateTimeOffset());
    }

    private void Open(V1.CallEvent said, CallRecord known)
    {
        var alert = new V1.Alert
        {
            AlertId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{State.Epoch}-a{State.Offset + 1}"),
            CallId = said.CallId,
            State = V1.AlertState.Open,
            Level = said.Score.Score.Level,
            Score = said.Score.Score,
            OpenedAt = said.EventTime,
            Latency = said.Score.Latency?.Clone(),
            Team = known.Info.Team,
            Agent = known.Info.Agent,
            Customer = known.Info.Customer,
            TraceId = said.TraceId,
            WaitingSince = Now,
            Mode = known.Info.Mode,
        };
        alert.GroupId = Quiet.GroupHead(alert, State.Alerts.Values)?.GroupId ?? alert.AlertId;
        alert.SuppressedBy = CauseOfQuiet(alert);
        if (alert.Mode != V1.PolicyMode.Observe && policy.Rota.Next(alert.Team, -1, clock.Wall, RotaNeed.Of(known.Info)) is { } first) (alert.Tier, _) = (first.Index, Assign(alert, first));
        Change(alert, V1.AlertChange.Opened, SystemActor, TopCue(said.Score.Score), _ => { });
    }

    private void Raise(V1.CallEvent said, CallRecord known)
    {
        if (!State.Alerts.TryGetValue(known.Episode.AlertId, out var alert)) return;
        var score = said.Score.Score;
        Change(alert, V1.AlertChange.Raised, SystemActor, TopCue(score), raised =>
        {
            raised.Level = score.Level > raised.Level ? score.Level : raised.Level;
            raised.Score = score;
            raised.Latency = said.Score.Latency?.Clone();
            raised.CalmSince = null;
        });
    }

    private void Calm(CallRecord call)
    {
        if (!State.Alerts.TryGetValue(call.Episode.AlertId, out var alert)) return;
        var since = call.Info.StartedAt.ToDateTimeOffset() + (call.Episode.CalmSince ?? TimeSpan.Zero);
        Change(alert, V1.AlertChange.Calmed, SystemActor, "the call stayed calm", calmed =>
        {
            calmed.CalmSince = Timestamp.FromDateTimeOffset(since);
            calmed.Outcome?.CalmAt ??= calmed.CalmSince;
            Settle(calmed);
        });
    }

    // A silence that ended, or a graver alert that is over, lets it be heard; another cause may take its place unheard.
    private void LetBeHeard(V1.Alert alert)
    {
        var cause = CauseOfQuiet(alert);
        if (cause == alert.SuppressedBy) return;
        Change(alert, V1.AlertChange.Unsilenced, SystemActor, cause.Length == 0 ? "what kept it quiet is over" : "something else keeps it quiet", heard =>
        {
            heard.SuppressedBy = cause;
            heard.WaitingSince = Now;
        });
    }

    private string CauseOfQuiet(V1.Alert alert) => Quiet.Cause(
        alert, State.Silences.Values.Select(each => each.Silence), State.Alerts.Values, policy.InhibitWithinGroup, clock.Wall);

    private bool IsEscalationDue(V1.Alert alert) =>
        alert.State == V1.AlertState.Open && alert.Mode != V1.PolicyMode.Observe && alert.SuppressedBy.Length == 0 && !alert.IsOver() && alert.WaitingSince is { } since
        && policy.Rota.Patience(alert.Team, alert.Tier) is { } patience && clock.Wall - since.ToDateTimeOffset() >= patience
        && NextTier(alert) is not null;

    private V1.Alert? Escalate(V1.Alert alert, string actor, string reason, string requestKey = "")
    {
        if (NextTier(alert) is not { } next) return null;
        return Change(alert, V1.AlertChange.Escalated, actor, reason, copy =>
        {
            if (actor != SystemActor) Acted(copy, actor);
            AlertLifecycle.Apply(copy, AlertAction.Escalate, actor, reason, clock.Wall, policy);
            copy.Tier = next.Index;
            Assign(copy, next);
        }, requestKey);
    }

    private TierDuty? NextTier(V1.Alert alert) =>
        policy.Rota.Next(alert.Team, alert.Tier, clock.Wall, RotaNeed.Of(State.Calls.GetValueOrDefault(alert.CallId)?.Info));

    private static V1.Alert Assign(V1.Alert alert, TierDuty duty)
    {
        alert.AssignedTo.Clear();
        alert.AssignedTo.AddRange(duty.Subjects);
        return alert;
    }

    // The first hand on the alert begins the cycle that its outcome tells of.
    private void Acted(V1.Alert alert, string actor)
    {
        Receipts.Add(alert, V1.ReceiptKind.Acted, actor, clock.Wall);
        alert.Outcome ??= new V1.Outcome { ActedAt = Now, RiskBefore = RiskNow(alert) };
    }

    private void Settle(V1.Alert alert)
    {
        if (alert.Outcome is { SettledAt: null } outcome) (outcome.SettledAt, outcome.RiskAfter) = (Now, RiskNow(alert));
    }

    private double RiskNow(V1.Alert alert) =>
        State.Calls.GetValueOrDefault(alert.CallId)?.Scores is { Count: > 0 } scores ? scores[^1].Risk : alert.Score?.Risk ?? 0;

    /// <summary>What was answered to a request id, as long as it is remembered.</summary>
    public RequestOutcome? Remembered(string requestKey) =>
        State.Requests.GetValueOrDefault(requestKey) is { } earlier && clock.Wall - earlier.At <= policy.RequestMemory ? earlier : null;

    public static StepAnswer RequestIdReused(string requestId) =>
        new(StepVerdict.RequestIdReused, Why: $"The request id {requestId} was used for another action. Make a new one for each.");

    private static StepAnswer NoSuchAlert(string alertId) => new(StepVerdict.NotFound, Why: $"There is no alert {alertId}.");

    /// <summary>The refusal, when what the client saw is not how it is.</summary>
    public static StepAnswer? OfOtherVersion(int expected, int version, string what = "alert") => expected == 0 || expected == version
        ? null
        : new StepAnswer(StepVerdict.VersionChanged, Why: $"The {what} is in version {version} by now, not {expected}. Look at it again.");

    private V1.Alert Change(V1.Alert alert, V1.AlertChange change, string actor, string reason, Action<V1.Alert> edit, string requestKey = "")
    {
        var copy = alert.Clone();
        copy.Version++;
        edit(copy);
        return AddChange(copy, change, actor, reason, requestKey);
    }

    private V1.Alert AddChange(V1.Alert copy, V1.AlertChange change, string actor, string reason, string requestKey)
    {
        Add(new RelayEvent
        {
            Offset = State.Offset + 1,
            Kind = change == V1.AlertChange.Opened ? JournalKind.AlertOpened : JournalKind.AlertChanged,
            CallId = copy.CallId,
            Team = copy.Team,
            Agent = copy.Agent,
            Time = clock.Wall,
            RequestKey = requestKey,
            Alert = new V1.AlertEvent { EventTime = Now, TraceId = copy.TraceId, Change = change, Actor = actor, Reason = reason, Alert = copy },
        });
        return copy;
    }

    private void Add(V1.CallEvent said, JournalKind kind, V1.Call scope)
    {
        var journaled = kind != JournalKind.Transcript || said.Transcript.Final;
        Add(new RelayEvent
        {
            Offset = journaled ? State.Offset + 1 : 0,
            Kind = kind,
            CallId = said.CallId,
            Team = scope.Team,
            Agent = scope.Agent,
            Time = said.EventTime.ToDateTimeOffset(),
            Call = said,
        });
    }

    /// <summary>Takes a decided event in.</summary>
    public void Add(RelayEvent next)
    {
        RelayEventCodec.Place(next, State.Epoch);
        State = State.Apply(next, policy, clock);
        _events.Add(next);
    }

    private static string TopCue(V1.Score score) => score.Reasons.Count == 0 ? "risk" : score.Reasons[0].Cue;
}
