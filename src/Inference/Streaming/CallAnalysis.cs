using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// What a call's loop knows and decides: legs, utterances, the running score, and the events that come of them. Owned by
/// that loop; no member is called from elsewhere.
/// </summary>
internal sealed class CallAnalysis : ISpeechLegListener, IDisposable
{
    private readonly AnalysisEngine _engine;
    private readonly EventOutbox _outbox;
    private readonly Action<SpeechLeg, RecognitionJob> _done;
    private readonly ICallEscalation _escalation;
    private readonly List<SpeechLeg> _legs = [];
    private CallInfo _given;   // as the gateway tells it
    private CallInfo _call;    // with what is known of the customer
    private CallHistory? _history;
    private (double Customer, double Agent) _pace = (1, 1);

    /// <param name="call">The call as it was announced.</param>
    /// <param name="engine">What all calls share.</param>
    /// <param name="outbox">Takes the events.</param>
    /// <param name="done">Called by other threads when a job has its outcome; brings it back to the loop.</param>
    public CallAnalysis(CallInfo call, AnalysisEngine engine, EventOutbox outbox, Action<SpeechLeg, RecognitionJob> done)
    {
        (_given, _call, _engine, _outbox, _done) = (call, call, engine, outbox, done);
        _escalation = engine.Scorer.Begin(call);
    }

    public IReadOnlyList<SpeechLeg> Legs => _legs;

    public AnalysisRung Rung { get; private set; }

    public int Utterances { get; private set; }

    public int Gaps { get; private set; }

    /// <summary>True when every word heard so far was told.</summary>
    public bool Settled => _legs.TrueForAll(leg => leg.Finals.Count == 0);

    public void AddLeg(LegInfo leg, AudioPipe audio) =>
        _legs.Add(new SpeechLeg(leg, audio, _engine.Voice.Begin(), _engine.Settings));

    public void Update(CallInfo call)
    {
        _given = call;
        Take(CustomerLook.Attach(call, _history));
    }

    /// <summary>Takes what was found out about the customer, at once or late. What changes nothing is not told.</summary>
    public void Learn(CallHistory history)
    {
        _history = history;
        var known = CustomerLook.Attach(_given, history) with { Version = _call.Version };
        if (known != _call) Take(known with { Version = _call.Version + 1 });
    }

    /// <summary>Follows the rung of the process, and closes utterances whose audio stopped coming.</summary>
    public void Observe()
    {
        _pace = _engine.Scheduler?.Pace ?? (1, 1);
        var (rung, why) = _engine.Rung;
        if (rung != Rung)
        {
            Rung = rung;
            _outbox.Post(new RungChanged(_call.Id, Now, rung, why));
        }

        foreach (var leg in _legs.Where(leg => leg.Speaking && Now - leg.LastReadAt > _engine.Settings.StallLimit)) leg.Flush(this);
        foreach (var leg in _legs.Where(leg => leg is { SpeechTold: true, Speaking: false } && Now - leg.LastReadAt > _engine.Settings.StallLimit)) TellSpeech(leg, false, leg.CutAt);
    }

    public void OnFrame(SpeechLeg leg, in AssembledFrame frame, ReadOnlySpan<float> samples, float probability)
    {
        if (_escalation.OnFrame(leg.Info.Id, PcmFormat.Duration(frame.Position), samples, probability) is { } score)
            Tell(score, LatencyTrace.From(frame.ArrivedAt).Mark(Hop.Media, frame.ForkedAt));

        if (leg is { SpeechTold: true, Speaking: false } && frame.End - leg.CutAt >= _engine.Settings.PauseSamples) TellSpeech(leg, false, leg.CutAt);
        if (leg.Speaking && frame.End - leg.PartialTo >= PartialInterval(leg)) AskForPartial(leg, frame.End);
    }

    public void OnUtterance(SpeechLeg leg, in SegmenterEvent happened)
    {
        FollowSpeech(leg, happened);
        if (happened.Kind == SegmenterEventKind.Started)
        {
            leg.Utterance++;
            (leg.PartialTo, leg.PartialTold, leg.Stable, leg.Draft) = (happened.Start, false, new StablePrefix(), []);
            return;
        }

        Utterances++;
        if (_engine.Scheduler is null) return;   // the rung says so once; no gap for every utterance

        GiveUpPartial(leg);
        var samples = leg.Buffer.Copy(happened.AudioFrom, happened.AudioTo);
        var final = new PendingFinal(leg.Utterance, happened, leg.Buffer.HeadBefore(happened.WordsEnd),
            leg.Buffer.LostShare(happened.AudioFrom, happened.AudioTo), leg.PartialTold,
            IsRecognised(leg) ? NewJob(leg, samples, final: true, _engine.Settings.FinalBudget) : null);
        leg.Finals.Enqueue(final);
        if (final.Job is not null) _engine.Scheduler.Submit(final.Job);
        else
        {
            _engine.Scheduler.TurnedAway(RecognitionJob.WorkOf(final: true, IsAgent(leg)), PcmFormat.Duration(samples.Length));
            TellFinals(leg);
        }
    }

    public void OnGap(SpeechLeg leg, long from, long to, string cause)
    {
        Gaps++;
        _engine.Metrics.Gap(cause);
        _outbox.Post(new AnalysisGap(_call.Id, Now, leg.Info.Id, PcmFormat.Duration(from), PcmFormat.Duration(to), cause));
    }

    public void OnJobDone(SpeechLeg leg, RecognitionJob job)
    {
        if (job.Final) TellFinals(leg);
        else
        {
            TellPartial(leg, job);
            job.Dispose();
        }
    }

    /// <summary>Nothing more is recognised: what is under way is stopped and announced as missing.</summary>
    public void Abandon(string cause)
    {
        foreach (var leg in _legs)
        {
            GiveUpPartial(leg);
            while (leg.Finals.TryDequeue(out var final))
            {
                if (final.Job is { Outcome: JobOutcome.Pending } job && !_engine.Scheduler!.TryWithdraw(job)) job.Cancel();
                OnGap(leg, final.Where.Start, final.Where.WordsEnd, cause);
            }
        }
    }

    public void Dispose()
    {
        foreach (var leg in _legs) leg.Dispose();
    }

    private Instant Now => Instant.Now(_engine.Time);

    private void Take(CallInfo call)
    {
        _call = call;
        _escalation.Update(call);
        _outbox.Post(new CallUpdated(call, Now));
    }

    // Who is not known to be the customer may be the agent. A long utterance is cut at a breath: whether that is a pause is seen later.
    private void FollowSpeech(SpeechLeg leg, in SegmenterEvent happened)
    {
        if (happened.Kind == SegmenterEventKind.Started)
        {
            if (!leg.SpeechTold && RoleOf(leg) != PartyRole.Customer) TellSpeech(leg, true, happened.Start);
        }
        else if (happened.Cut) leg.CutAt = happened.WordsEnd;
        else if (leg.SpeechTold) TellSpeech(leg, false, happened.WordsEnd);
    }

    private void TellSpeech(SpeechLeg leg, bool speaking, long at)
    {
        if (!_engine.Settings.TellSpeech) return;
        leg.SpeechTold = speaking;
        _outbox.Post(new SpeechChanged(_call.Id, Now, leg.Info.Id, RoleOf(leg), speaking, PcmFormat.Duration(at)));
    }

    private PartyRole RoleOf(SpeechLeg leg) => _call.Leg(leg.Info.Id)?.Role ?? leg.Info.Role;

    private bool IsAgent(SpeechLeg leg) => RoleOf(leg) == PartyRole.Agent;

    private double PaceOf(SpeechLeg leg) => IsAgent(leg) ? _pace.Agent : _pace.Customer;

    // The agent's partials stop within the first rung: nobody is alerted by them.
    private bool HasPartials(SpeechLeg leg) => Rung == AnalysisRung.Full && double.IsFinite(PaceOf(leg));

    // An unknown or mixed leg may carry the customer: it is kept as long as theirs.
    private bool IsRecognised(SpeechLeg leg) => Rung switch
    {
        AnalysisRung.VoiceOnly => false,
        AnalysisRung.CustomerFinalsOnly => RoleOf(leg) != PartyRole.Agent,
        _ => true,
    };

    private RecognitionJob NewJob(SpeechLeg leg, float[] samples, bool final, TimeSpan budget)
    {
        var now = Now;
        return new RecognitionJob(samples, final, now, now + budget, job => _done(leg, job)) { Agent = IsAgent(leg), Context = _engine.Settings.ContextOf(_call.Trunk) with { Draft = leg.Draft }, Pace = !final && leg.PartialTold ? PaceOf(leg) : 1 };
    }

    // Until something was told of an utterance it is asked for sooner, whatever the load: the first words are what people wait for.
    private long PartialInterval(SpeechLeg leg) =>
        !HasPartials(leg) ? _engine.Settings.PartialSamples
        : leg.PartialTold ? (long)(_engine.Settings.PartialSamples * PaceOf(leg))
        : Math.Min(_engine.Settings.FirstPartialSamples, _engine.Settings.PartialSamples);

    private void AskForPartial(SpeechLeg leg, long to)
    {
        if (!_engine.Settings.AgentPartials && IsAgent(leg))
        {
            leg.PartialTo = to;
            return;
        }

        if (!HasPartials(leg))
        {
            _engine.Scheduler?.TurnedAway(RecognitionJob.WorkOf(final: false, IsAgent(leg)), PcmFormat.Duration(to - leg.AudioFrom));
            leg.PartialTo = to;
            return;
        }

        // One a leg: a newer one replaces the one that waits; the one that runs is let run.
        if (leg.Partial is { } older)
        {
            if (!_engine.Scheduler!.TryWithdraw(older)) return;
            _engine.Metrics.PartialDropped();
            older.Dispose();
        }

        leg.PartialTo = to;
        leg.Partial = NewJob(leg, leg.Buffer.Copy(leg.AudioFrom, to), final: false, _engine.Settings.PartialBudget);
        _engine.Scheduler!.Submit(leg.Partial);
    }

    private void GiveUpPartial(SpeechLeg leg)
    {
        if (leg.Partial is not { } partial) return;
        leg.Partial = null;
        _engine.Metrics.PartialDropped();
        if (_engine.Scheduler!.TryWithdraw(partial)) partial.Dispose();
        else partial.Cancel();   // comes back as done, and is disposed then
    }

    private void TellPartial(SpeechLeg leg, RecognitionJob job)
    {
        if (leg.Partial != job) return;   // its utterance is closed
        leg.Partial = null;
        if (job.Result is not { Text.Length: > 0 } heard || !leg.Speaking) return;

        (leg.PartialTold, leg.Draft) = (true, heard.Decoded);
        var where = new SegmenterEvent(SegmenterEventKind.Started, leg.SpeechFrom, leg.AudioFrom, leg.PartialTo, leg.PartialTo, Cut: false);
        Tell(leg, leg.Utterance, where, heard, leg.Buffer.LostShare(leg.AudioFrom, leg.PartialTo), final: false);
    }

    // In the order they were spoken, whichever worker was faster.
    private void TellFinals(SpeechLeg leg)
    {
        while (leg.Finals.TryPeek(out var final) && final.Job is not { Outcome: JobOutcome.Pending })
        {
            leg.Finals.Dequeue();
            TellFinal(leg, final);
            final.Job?.Dispose();
        }
    }

    private void TellFinal(SpeechLeg leg, PendingFinal final)
    {
        if (final.Job?.Result is not { } heard)
        {
            OnGap(leg, final.Where.Start, final.Where.WordsEnd, CauseOf(final.Job));
            return;
        }

        if (heard.Text.Length == 0 && !final.PartialTold) return;
        var segment = Tell(leg, final.Utterance, final.Where, heard, final.LostShare, final: true);
        if (heard.Text.Length == 0 || _escalation.OnFinal(segment) is not { } score) return;

        var job = final.Job;
        Tell(score, LatencyTrace.From(final.LastWords.ArrivedAt)
            .Mark(Hop.Media, final.LastWords.ForkedAt)
            .Mark(Hop.EndOfUtterance, job.SubmittedAt)
            .Mark(Hop.Queue, job.StartedAt)
            .Mark(Hop.Recognition, job.FinishedAt));
    }

    private TranscriptSegment Tell(SpeechLeg leg, int utterance, in SegmenterEvent where, Asr.Recognition heard, float lostShare, bool final)
    {
        var told = OutgoingText.Of(heard, growing: !final, _engine.Settings);
        if (!final) told = told.Committed(leg.Stable);
        var from = PcmFormat.Duration(where.AudioFrom);
        var segment = new TranscriptSegment
        {
            Leg = leg.Info.Id,
            Role = RoleOf(leg),
            Utterance = utterance,
            Text = told.Text,
            IsFinal = final,
            Start = PcmFormat.Duration(where.Start),
            End = PcmFormat.Duration(where.WordsEnd),
            Confidence = heard.Confidence,
            LostShare = lostShare,
            StableWords = final ? told.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length : leg.Stable.Count,
            Words = [.. told.Words.Select(word => new TranscriptWord(word.Text, from + word.Start, from + word.End, word.Confidence))],
        };
        _outbox.Post(new TranscriptUpdated(_call.Id, Now, segment, Rung));
        return segment;
    }

    private void Tell(EscalationScore score, LatencyTrace soFar)
    {
        var now = Now;
        _outbox.Post(new ScoreUpdated(_call.Id, now, score, soFar.Mark(Hop.Scoring, now), Rung));
    }

    private static string CauseOf(RecognitionJob? job) => job?.Outcome switch
    {
        JobOutcome.Failed => "recogniser_failed",
        JobOutcome.Cancelled => "worker_lost",
        _ => "overload",
    };
}
