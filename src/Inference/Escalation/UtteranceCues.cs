using EdgeAssist.Contracts;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Escalation;

/// <summary>What finished utterances of one call tell: the text model's outputs, facts stated in words, repetition, pace.</summary>
internal sealed class UtteranceCues(ITextSentiment sentiment, EscalationOptions options, CueLedger ledger)
{
    private const int TurnsKept = 3;
    private const float ThanksNegative = 0.3f;

    private readonly Dictionary<LegId, Speaker> _speakers = [];

    public void OnFinal(TranscriptSegment segment, PartyRole role)
    {
        var words = UtteranceWords.Split(segment.Text);
        if (words.Count == 0) return;

        if (role == PartyRole.Agent) HearAgent(segment, words);
        else HearCustomer(segment, words, role);
    }

    private void HearCustomer(TranscriptSegment segment, List<string> words, PartyRole role)
    {
        if (!_speakers.TryGetValue(segment.Leg, out var speaker)) _speakers.Add(segment.Leg, speaker = new Speaker(options.Voice));
        var scores = sentiment.Score(segment.Text, speaker.Turns);
        speaker.Remember(segment.Text);

        var trust = (role == PartyRole.Customer ? 1 : options.UncertainRole) * (1 - Math.Clamp(segment.LostShare, 0, 1));
        var said = new Utterance(segment.Start, role, Quotes.Of(segment.Text), trust);
        AddText(Cue.NegativeWords, scores.Negative, said);
        AddText(Cue.Anger, scores.Anger, said);
        AddText(Cue.Complaint, scores.Complaint, said);
        AddText(Cue.AsksForManager, scores.AsksForManager, said);
        AddText(Cue.ThreatToLeave, scores.ThreatToLeave, said);
        AddText(Cue.Abuse, scores.Abuse, said);

        var text = string.Join(' ', words);
        AddFact(Cue.RepeatedContact, PhraseCues.RepeatedContact(text), said);
        AddFact(Cue.LongWait, PhraseCues.LongWait(text), said);
        AddFact(Cue.NobodyHelps, PhraseCues.NobodyHelps(text), said);
        AddFact(Cue.BrokenPromise, PhraseCues.BrokenPromise(text), said);
        AddFact(Cue.RepeatedRequest, speaker.Requests.Repeats(words, segment.Start), said);
        AddFact(Cue.FasterSpeech, speaker.Pace.IsFaster(words.Count, segment.End - segment.Start), said);
        AddFact(Cue.CustomerThanks, PhraseCues.Thanks(text) && scores.Negative < ThanksNegative, said);
    }

    private void HearAgent(TranscriptSegment segment, List<string> words)
    {
        var text = string.Join(' ', words);
        var said = new Utterance(segment.Start, PartyRole.Agent, Quotes.Of(segment.Text), 1);
        AddFact(Cue.AgentEmpathy, PhraseCues.Empathy(text), said);
        AddFact(Cue.AgentResolution, PhraseCues.Resolution(text), said);
    }

    private void AddText(Cue cue, float probability, in Utterance said)
    {
        var strength = (probability - options.TextFloor) / (1 - options.TextFloor);
        if (strength > 0) ledger.Add(cue, Math.Min(1, strength) * said.Trust, said.At, said.Role, said.Quote);
    }

    private void AddFact(Cue cue, bool holds, in Utterance said)
    {
        if (holds) ledger.Add(cue, said.Trust, said.At, said.Role, said.Quote);
    }

    private readonly record struct Utterance(TimeSpan At, PartyRole Role, string Quote, double Trust);

    private sealed class Speaker(VoiceOptions options)
    {
        private readonly List<string> _turns = [];

        public IReadOnlyList<string> Turns => _turns;

        public RequestMemory Requests { get; } = new();

        public PaceTracker Pace { get; } = new(options);

        public void Remember(string text)
        {
            if (_turns.Count == TurnsKept) _turns.RemoveAt(0);
            _turns.Add(text);
        }
    }
}
