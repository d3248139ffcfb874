using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.Assist;

/// <summary>
/// The part of a batch that is about prompts and messages: what calls for one, whether the budget lets it through, what becomes of
/// it. Pure as the batch is: it decides on the state, and what it decided is an event.
/// </summary>
internal sealed class AssistStep(RelayStep step, AssistDesk desk, ClockAnchor clock)
{
    private const string SystemActor = "system";
    private const int MostMessages = 50;

    // A falling risk within this is taken for standing still.
    private const double StandingStill = 0.02;

    private static readonly TimeSpan LatestShown = TimeSpan.FromSeconds(10);

    private readonly List<Withheld> _withheld = [];

    /// <summary>What was kept back in this batch.</summary>
    public IReadOnlyList<Withheld> KeptBack => _withheld;

    private AssistPolicy Policy => desk.Policy;

    private DateTimeOffset Now => clock.Wall;

    private CallAssist Of(string callId) => step.State.Assists.GetValueOrDefault(callId, CallAssist.None);

    /// <summary>A score was taken in.</summary>
    public void OnScore(string callId, DateTimeOffset at)
    {
        if (!step.State.Calls.TryGetValue(callId, out var call) || call.Scores is not [.., var score]) return;
        var assist = Keep(callId, Of(callId) with { IsHeardHere = true });
        if (score.Level < Policy.From)
        {
            if (assist.Waiting is not null) Keep(callId, assist with { Waiting = null });   // it passed by itself
            return;
        }

        if (assist.Waiting is null)
        {
            if (!(score.Risk >= Policy.ConfidenceFloor))
            {
                CountGuess(callId, score);
                return;
            }

            if (!CallsForOne(score, assist)) return;
            NoteMoment(callId, score);
        }

        Try(callId, at);
    }

    /// <summary>Somebody begins or ceases to speak.</summary>
    public void OnSpeech(string callId, V1.SpeechActivity speech)
    {
        if (!step.State.Calls.TryGetValue(callId, out var call)) return;
        var role = call.Info.Legs.FirstOrDefault(leg => leg.Id == speech.Leg)?.Role ?? speech.Role;

        // Who is not known to be the customer may be the agent.
        var assist = Of(callId);
        var speaking = speech.Speaking && role != V1.PartyRole.Customer ? assist.Speaking.Add(speech.Leg) : assist.Speaking.Remove(speech.Leg);
        assist = Keep(callId, assist with { Speaking = speaking, SpeechIsTold = true, IsHeardHere = true });
        if (assist.Waiting is not null) Try(callId, Now);
    }

    /// <summary>Takes the prompt away: the call has another agent, or nothing of it may be shown any more.</summary>
    public void Withdraw(string callId)
    {
        foreach (var prompt in Of(callId).Prompts.Where(prompt => prompt.IsAlive())) Settle(prompt, V1.PromptState.Superseded);
    }

    /// <summary>The call is about to end.</summary>
    public void OnEnd(string callId)
    {
        if (!step.State.Assists.ContainsKey(callId)) return;
        foreach (var prompt in Of(callId).Prompts.Where(prompt => prompt.IsAlive())) Settle(prompt, V1.PromptState.CallEnded);
        Keep(callId, Of(callId) with { Waiting = null, Moments = [], Speaking = [], IsHeardHere = false });
    }

    /// <summary>Lets time act.</summary>
    public void Tick()
    {
        foreach (var (callId, assist) in step.State.Assists)
        {
            if (!step.State.Calls.ContainsKey(callId))
            {
                if (Now - assist.ChangedAt > Policy.Memory) step.State = step.State with { Assists = step.State.Assists.Remove(callId) };
                continue;
            }

            foreach (var prompt in assist.Prompts.Where(prompt => prompt.IsOpen() && prompt.ExpiresAt.ToDateTimeOffset() <= Now)) Settle(prompt, V1.PromptState.Expired);
            if (!assist.IsHeardHere) continue;
            foreach (var prompt in assist.Prompts.Where(prompt => prompt.State == V1.PromptState.Snoozed && prompt.SnoozedUntil.ToDateTimeOffset() <= Now)) Wake(prompt);
            if (Of(callId).Waiting is not null) Try(callId, Now);
            Measure(callId);
        }
    }

    /// <summary>The agent does something with a prompt.</summary>
    public StepAnswer Act(PromptRequest request)
    {
        if (step.Remembered(request.RequestKey) is { } earlier)
        {
            return earlier.Assist?.Prompt is { } same && same.PromptId == request.PromptId && same.State == StateOf(request.Action)
                ? new StepAnswer(StepVerdict.Accepted, Assist: earlier.Assist)
                : RelayStep.RequestIdReused(request.RequestId);
        }

        if (Of(request.CallId).Prompts.Find(known => known.PromptId == request.PromptId) is not { } prompt)
            return new StepAnswer(StepVerdict.NotFound, Why: $"There is no prompt {request.PromptId}.");
        if (RelayStep.OfOtherVersion(request.ExpectedVersion, prompt.Version, "prompt") is { } changedSince) return changedSince;
        if (request.Action == PromptAction.Show && prompt.State != V1.PromptState.Offered) return new StepAnswer(StepVerdict.Accepted, Assist: new V1.AssistEvent { Prompt = prompt });
        if (!prompt.IsOpen()) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The prompt is {prompt.State.ToString().ToLowerInvariant()} already.");

        var changed = Change(prompt, copy =>
        {
            copy.State = StateOf(request.Action);
            copy.ShownAt ??= Timestamp.FromDateTimeOffset(Now);   // who acts on it has seen it
            copy.Reason = request.Reason;
            if (request.Action == PromptAction.Snooze) copy.SnoozedUntil = Timestamp.FromDateTimeOffset(Now + request.SnoozeFor);
            if (request.Action != PromptAction.Show) copy.SettledAt = Timestamp.FromDateTimeOffset(Now);
        }, request.RequestKey);
        return new StepAnswer(StepVerdict.Accepted, Assist: changed);
    }

    /// <summary>A supervisor writes to the call's agent.</summary>
    public StepAnswer Send(MessageRequest request)
    {
        if (step.Remembered(request.RequestKey) is { } earlier)
        {
            return earlier.Assist?.Message is { } same && same.CallId == request.CallId && same.Text == request.Text
                ? new StepAnswer(StepVerdict.Accepted, Assist: earlier.Assist)
                : RelayStep.RequestIdReused(request.RequestId);
        }

        if (!step.State.Calls.TryGetValue(request.CallId, out var call)) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The call {request.CallId} is over.");
        if (call.Info.Agent.Length == 0) return new StepAnswer(StepVerdict.DoesNotFit, Why: "The call has no known agent to write to.");
        if (!Leaves(call.Info)) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The team {call.Info.Team} is only observed: nothing reaches its agents.");
        if (Of(request.CallId).Messages.Count >= MostMessages) return new StepAnswer(StepVerdict.DoesNotFit, Why: $"The call has {MostMessages} messages already.");

        var message = new V1.AgentMessage
        {
            MessageId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{step.State.Epoch}-m{step.State.Offset + 1}"),
            CallId = request.CallId,
            Team = call.Info.Team,
            Agent = call.Info.Agent,
            Author = request.Author,
            Text = request.Text,
            SentAt = Timestamp.FromDateTimeOffset(Now),
        };
        return new StepAnswer(StepVerdict.Accepted, Assist: Put(message, request.RequestKey));
    }

    /// <summary>A message reached its agent's stream, or was read. What is noted already stays as it is.</summary>
    public StepAnswer Note(string callId, string messageId, bool read)
    {
        if (Of(callId).Messages.Find(known => known.MessageId == messageId) is not { } message)
            return new StepAnswer(StepVerdict.NotFound, Why: $"There is no message {messageId}.");
        if (read ? message.ReadAt is not null : message.DeliveredAt is not null) return new StepAnswer(StepVerdict.Accepted, Assist: new V1.AssistEvent { Message = message });

        var noted = message.Clone();
        noted.DeliveredAt ??= Timestamp.FromDateTimeOffset(Now);
        if (read) noted.ReadAt = Timestamp.FromDateTimeOffset(Now);
        return new StepAnswer(StepVerdict.Accepted, Assist: Put(noted, ""));
    }

    /// <summary>Somebody decides about an entry.</summary>
    public StepAnswer Decide(V1.EntryUseChange use, string requestKey, string requestId)
    {
        if (step.Remembered(requestKey) is { } earlier)
        {
            return earlier.Assist?.Record?.Use is { } same && same.Equals(use)
                ? new StepAnswer(StepVerdict.Accepted, Assist: earlier.Assist)
                : RelayStep.RequestIdReused(requestId);
        }

        return new StepAnswer(StepVerdict.Accepted, Assist: Put(new V1.AssistEvent { Record = new V1.AssistRecord { Use = use } }, null, requestKey));
    }

    // The one place that asks whether anything may be put in front of an agent. The call's own mode is fixed once it was scored;
    // the switch of its team may have moved on since.
    private bool Leaves(V1.Call call) => call.Mode != V1.PolicyMode.Observe && desk.Disclosure.For(call.Team) == Disclosure.Assist;

    // The first time, when it got worse, when it is about something else now, or when what was tried has not helped.
    private bool CallsForOne(V1.Score score, CallAssist assist) =>
        assist.Last is not { } last
        || score.Level > last.Level
        || assist.Prompts.TrueForAll(prompt => prompt.Situation != PromptSelector.Situation(score))
        || (assist.LastOfferAt is { } offered && Now - offered >= Policy.Gap && score.Risk >= last.Confidence - StandingStill);

    private void Try(string callId, DateTimeOffset triggeredAt)
    {
        var call = step.State.Calls[callId];
        var assist = Of(callId);
        var score = call.Scores[^1];
        var waiting = assist.Waiting ?? new WaitingPrompt(Now, Withheld.No);
        var cause = AttentionBudget.Refuse(assist, call.Info.Agent, score.Risk, AgentSpeaks(call, assist), Now, Policy);
        if (cause.MayPass() && Now - waiting.Since < Policy.Patience)
        {
            Keep(callId, assist with { Waiting = waiting with { Cause = cause } });
            return;
        }

        Keep(callId, assist with { Waiting = null });
        if (cause == Withheld.No) Offer(call, score, assist.Waiting is null ? triggeredAt : Now);

        // Of what waited and came to nothing, what kept it is the cause, and not that its time ran out.
        else Withhold(call, score, cause.MayPass() || waiting.Cause == Withheld.No ? cause : waiting.Cause);
    }

    private static bool AgentSpeaks(CallRecord call, CallAssist assist) => assist.SpeechIsTold
        ? !assist.Speaking.IsEmpty
        : call.Partials.Values.Any(partial => partial.Role != V1.PartyRole.Customer);

    private void Offer(CallRecord call, V1.Score score, DateTimeOffset triggeredAt)
    {
        var callId = call.Info.CallId;
        if (new PromptSelector(desk, step.State.Effects, Now).Select(call, Of(callId), score) is not { } chosen)
        {
            Withhold(call, score, Withheld.NoEntry);
            return;
        }

        foreach (var older in Of(callId).Prompts.Where(prompt => prompt.IsAlive())) Settle(older, V1.PromptState.Superseded);
        var prompt = new V1.Prompt
        {
            PromptId = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{step.State.Epoch}-p{step.State.Offset + 1}"),
            CallId = callId,
            Team = call.Info.Team,
            Agent = call.Info.Agent,
            Situation = PromptSelector.Situation(score),
            Phrase = chosen.Phrase,
            Option = chosen.Option,
            Why = chosen.Why,
            Locale = chosen.Locale,
            LocaleWanted = chosen.LocaleWanted,
            History = chosen.History,
            TraceId = TraceIds.OfCall(callId),
        };
        PutInFront(prompt, score, triggeredAt);
        var assist = Of(callId);
        Keep(callId, assist with { Moments = assist.Moments.Add(new Moment(Now, prompt.PromptId, prompt.Situation, score.Level, score.Risk)) });
    }

    // Also what comes back after a snooze: it asks for the agent's attention once more.
    private void PutInFront(V1.Prompt prompt, V1.Score score, DateTimeOffset triggeredAt)
    {
        var leaves = Leaves(step.State.Calls[prompt.CallId].Info);
        var offered = Change(prompt, copy =>
        {
            copy.State = leaves ? V1.PromptState.Offered : V1.PromptState.WouldBe;
            copy.Number = Of(prompt.CallId).Offers + 1;
            copy.Confidence = score.Risk;
            copy.Level = score.Level;
            copy.Score = score;
            copy.TriggeredAt = Timestamp.FromDateTimeOffset(triggeredAt);
            copy.OfferedAt = Timestamp.FromDateTimeOffset(Now);
            copy.ExpiresAt = Timestamp.FromDateTimeOffset(Now + Policy.PromptLife);
            (copy.ShownAt, copy.SettledAt, copy.SnoozedUntil, copy.Reason) = (null, null, null, "");
        }, "");
        if (leaves) offered.Latency = new V1.Latency { WordsEndedAt = offered.Prompt.TriggeredAt };
    }

    private void Wake(V1.Prompt prompt)
    {
        var call = step.State.Calls[prompt.CallId];
        var assist = Of(prompt.CallId);
        if (call.Scores is not [.., var score]) return;
        var cause = score.Level < Policy.From
            ? Withheld.LowConfidence
            : AttentionBudget.Refuse(assist, call.Info.Agent, score.Risk, AgentSpeaks(call, assist), Now, Policy);
        if (cause == Withheld.No) PutInFront(prompt, score, Now);
        else if (!cause.MayPass() || Now - prompt.SnoozedUntil.ToDateTimeOffset() >= Policy.Patience) Settle(prompt, V1.PromptState.Expired);
    }

    private void Withhold(CallRecord call, V1.Score score, Withheld cause)
    {
        if (IsRepeated(Of(call.Info.CallId), score, cause)) return;
        _withheld.Add(cause);
        Put(new V1.AssistEvent { CallId = call.Info.CallId, Record = new V1.AssistRecord { Withheld = Describe(score, cause) } }, call.Info, "");
    }

    // A risk that falls below the floor while the level still stands: common, and of no consequence. Counted and not journaled.
    private void CountGuess(string callId, V1.Score score)
    {
        var assist = Of(callId);
        if (IsRepeated(assist, score, Withheld.LowConfidence)) return;
        _withheld.Add(Withheld.LowConfidence);
        Keep(callId, assist.With(Describe(score, Withheld.LowConfidence), Now));
    }

    private bool IsRepeated(CallAssist assist, V1.Score score, Withheld cause) =>
        assist.LastWithheld == CallAssist.WithheldKey(cause.Word(), PromptSelector.Situation(score)) && Now - assist.LastWithheldAt < Policy.Gap;

    private static V1.WithheldPrompt Describe(V1.Score score, Withheld cause) =>
        new() { Situation = PromptSelector.Situation(score), Cause = cause.Word(), Confidence = score.Risk, Level = score.Level };

    // One moment at a time without a prompt: those that overlap would count the same course twice.
    private void NoteMoment(string callId, V1.Score score)
    {
        var assist = Of(callId);
        if (assist.Moments.Exists(moment => moment.PromptId.Length == 0)) return;
        Keep(callId, assist with { Moments = assist.Moments.Add(new Moment(Now, "", PromptSelector.Situation(score), score.Level, score.Risk)) });
    }

    private void Measure(string callId)
    {
        var assist = Of(callId);
        var due = assist.Moments.FindAll(moment => Now - moment.At >= Policy.MeasureAfter);
        if (due.IsEmpty || step.State.Calls[callId].Scores is not [.., var score]) return;
        Keep(callId, assist with { Moments = assist.Moments.RemoveRange(due) });
        foreach (var moment in due)
        {
            if (Seen(moment, assist) is not { } seen) continue;
            var measured = new V1.MeasuredMoment
            {
                WithPrompt = seen.Length > 0,
                Situation = moment.Situation,
                Level = moment.Level,
                RiskBefore = moment.Risk,
                RiskAfter = score.Risk,
                Span = Duration.FromTimeSpan(Now - moment.At),
            };
            measured.Entries.AddRange(seen);
            Put(new V1.AssistEvent { Record = new V1.AssistRecord { Moment = measured } }, null, "");
        }
    }

    // The entries that the agent had before them; none: a moment without; null: neither one nor the other.
    private string[]? Seen(Moment moment, CallAssist assist)
    {
        if (moment.PromptId.Length == 0)
        {
            return assist.Prompts.Exists(prompt => prompt.ShownAt?.ToDateTimeOffset() is { } shown && shown >= moment.At - Policy.MeasureAfter) ? null : [];
        }

        var prompt = assist.Prompts.Find(known => known.PromptId == moment.PromptId);
        if (prompt?.ShownAt is not { } shownAt) return null;   // its moment is also one of those without
        return shownAt.ToDateTimeOffset() - moment.At <= LatestShown ? [.. prompt.Parts().Select(part => part.Key())] : null;
    }

    private void Settle(V1.Prompt prompt, V1.PromptState state) => Change(prompt, copy =>
    {
        copy.State = state;
        copy.SettledAt = Timestamp.FromDateTimeOffset(Now);
        if (state == V1.PromptState.Superseded) copy.SnoozedUntil = null;
    }, "");

    private V1.AssistEvent Change(V1.Prompt prompt, Action<V1.Prompt> edit, string requestKey)
    {
        var copy = prompt.Clone();
        copy.Version++;
        edit(copy);
        return Put(new V1.AssistEvent { CallId = copy.CallId, TraceId = copy.TraceId, Prompt = copy }, new V1.Call { CallId = copy.CallId, Team = copy.Team, Agent = copy.Agent }, requestKey);
    }

    private V1.AssistEvent Put(V1.AgentMessage message, string requestKey)
    {
        message.Version++;
        return Put(
            new V1.AssistEvent { CallId = message.CallId, TraceId = TraceIds.OfCall(message.CallId), Message = message },
            new V1.Call { CallId = message.CallId, Team = message.Team, Agent = message.Agent }, requestKey);
    }

    private V1.AssistEvent Put(V1.AssistEvent change, V1.Call? call, string requestKey)
    {
        change.EventTime = Timestamp.FromDateTimeOffset(Now);
        step.Add(new RelayEvent
        {
            Offset = step.State.Offset + 1,
            Kind = JournalKind.Assist,
            CallId = call?.CallId ?? "",
            Team = call?.Team ?? "",
            Agent = call?.Agent ?? "",
            Time = Now,
            RequestKey = requestKey,
            Assist = change,
        });
        return change;
    }

    // What only this relay knows: it is not journaled, and is gone with the relay.
    private CallAssist Keep(string callId, CallAssist assist)
    {
        step.State = step.State with { Assists = step.State.Assists.SetItem(callId, assist) };
        return assist;
    }

    private static V1.PromptState StateOf(PromptAction action) => action switch
    {
        PromptAction.Show => V1.PromptState.Shown,
        PromptAction.Accept => V1.PromptState.Accepted,
        PromptAction.Dismiss => V1.PromptState.Dismissed,
        _ => V1.PromptState.Snoozed,
    };
}
