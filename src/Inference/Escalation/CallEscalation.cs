using EdgeAssist.Contracts;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Rules;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Escalation;

/// <summary>
/// One call's score: cues are noticed in finished utterances and in frames, added up as fading log-odds, turned into a risk,
/// a trend and a level. Time is the call's own; the same input gives the same scores.
/// </summary>
internal sealed class CallEscalation : ICallEscalation
{
    private readonly EscalationOptions _options;
    private readonly CueLedger _ledger;
    private readonly LevelTracker _level;
    private readonly RiskHistory _history;
    private readonly UtteranceCues _utterances;
    private readonly FrameCues _frames;
    private readonly CallRules _rules;
    private CallInfo _call;
    private TimeSpan _now;
    private TimeSpan _nextFrameScore;
    private TimeSpan _toldAt;
    private double _toldRisk;
    private double _risk;
    private double _trend;
    private EscalationScore? _current;

    public CallEscalation(CallInfo call, ITextSentiment sentiment, IArousalModel arousal, EscalationOptions options)
    {
        _call = call;
        _options = options;
        _ledger = new CueLedger(options);
        _level = new LevelTracker(options);
        _utterances = new UtteranceCues(sentiment, options, _ledger);
        _frames = new FrameCues(options, arousal, _ledger);
        _rules = new CallRules(options.Rules);
        HoldHistory();
        _risk = _toldRisk = Risk();
        _history = new RiskHistory(options.TrendWindow, _toldRisk);
    }

    /// <summary>Made when it is asked for: most frames change nothing that anybody reads.</summary>
    public EscalationScore Current => _current ??= new EscalationScore
    {
        Risk = _risk,
        Trend = _trend,
        Level = _level.Level,
        At = _now,
        Reasons = _ledger.Reasons(_now, atLeastOne: _level.Level > EscalationLevel.Calm, RuleReasons()),
    };

    public void Update(CallInfo call)
    {
        _call = call;
        HoldHistory();
    }

    public EscalationScore? OnFrame(LegId leg, TimeSpan at, ReadOnlySpan<float> frame, float speechProbability)
    {
        Advance(at);
        _frames.OnFrame(leg, RoleOf(leg), at, frame, speechProbability);
        _rules.OnQuiet(_frames.QuietSince, at);
        if (_now < _nextFrameScore) return null;

        _nextFrameScore = _now + _options.FrameInterval;
        return Score();
    }

    public EscalationScore? OnFinal(TranscriptSegment segment)
    {
        Advance(segment.End);
        // The segment may have been recognised before a correction of the roles: the call's word is newer.
        var role = RoleOf(segment.Leg);
        if (role == PartyRole.Unknown) role = segment.Role;
        _utterances.OnFinal(segment, role);
        _rules.OnFinal(segment, role);
        return Score();
    }

    /// <summary>What the operator's rules noticed so far.</summary>
    internal IReadOnlyList<RuleHit> RuleHits => _rules.Hits;

    /// <summary>The strength left of every cue, in the order of <see cref="Cue"/>: what the weights are fitted on.</summary>
    internal double[] Strengths() => [.. Enum.GetValues<Cue>().Select(cue => _ledger.Strength(cue, _now))];

    /// <summary>Two open cases, three contacts and one broken promise are each at full strength.</summary>
    private void HoldHistory()
    {
        if (_call.History is not { } history) return;

        Hold(Cue.OpenCases, history.OpenCases / 2.0);
        Hold(Cue.RecentContacts, history.RecentContacts / 3.0);
        Hold(Cue.UnkeptPromises, history.BrokenPromises);

        void Hold(Cue cue, double strength)
        {
            if (strength > 0) _ledger.Hold(cue, Math.Min(1, strength), _now, PartyRole.Customer);
        }
    }

    private PartyRole RoleOf(LegId leg) => _call.Leg(leg)?.Role ?? PartyRole.Unknown;

    private double Risk() => 1 / (1 + Math.Exp(-_ledger.LogOdds(_now) - _rules.LogOdds(_now)));

    private IEnumerable<EscalationReason> RuleReasons() =>
        _rules.Counting(_now).Select(rule => new EscalationReason(rule.Hit.Rule.Cue, Math.Round(rule.Weight, 3), rule.Hit.At, rule.Hit.Role, Quotes.Of(rule.Hit.Text)));

    /// <summary>Legs are read one after the other, so a time may lie slightly behind: the call's time never goes back.</summary>
    private void Advance(TimeSpan at)
    {
        if (at > _now) _now = at;
    }

    private EscalationScore? Score()
    {
        _risk = Risk();
        _trend = _risk - _history.Before(_now);
        _history.Add(_now, _risk);
        _current = null;
        if (!_level.Update(_risk, _now) && !IsWorthTelling(_risk)) return null;

        (_toldRisk, _toldAt) = (_risk, _now);
        return Current;
    }

    private bool IsWorthTelling(double risk)
    {
        var moved = Math.Abs(risk - _toldRisk);
        return moved >= _options.RiskStep || (moved >= _options.SmallestStep && _now - _toldAt >= _options.TellAfter);
    }
}
