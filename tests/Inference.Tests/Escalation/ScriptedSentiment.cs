using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Sentiment;

namespace EdgeAssist.Inference.Tests.Escalation;

/// <summary>A text model that finds what the test wrote in brackets: «[anger] …», so that tests of the score need no model.</summary>
internal sealed class ScriptedSentiment : ITextSentiment
{
    public TextScores Score(string text, IReadOnlyList<string> before) => new(
        Has(text, "negative"), Has(text, "anger"), Has(text, "complaint"), Has(text, "manager"), Has(text, "threat"), Has(text, "abuse"));

    private static float Has(string text, string word) => text.Contains($"[{word}]", StringComparison.Ordinal) ? 0.95f : 0.02f;
}

/// <summary>One call driven in its own time.</summary>
internal sealed class ScoredCall
{
    private static readonly TimeSpan FrameLength = TimeSpan.FromMilliseconds(32);
    private readonly ICallEscalation _call;
    private int _utterance;

    public ScoredCall(PartyRole first = PartyRole.Customer, PartyRole second = PartyRole.Agent, EscalationOptions? options = null)
    {
        _call = new EscalationScorer(new ScriptedSentiment(), new LevelArousal(), options ?? new EscalationOptions()).Begin(new CallInfo
        {
            Id = new CallId("call"),
            Origin = new Instant(0),
            StartedAt = DateTimeOffset.UnixEpoch,
            Source = "replay",
            Legs = [new LegInfo { Id = new LegId(0), Role = first }, new LegInfo { Id = new LegId(1), Role = second }],
        });
    }

    public TimeSpan Now { get; private set; }

    public EscalationScore Current => _call.Current;

    public List<EscalationScore> Told { get; } = [];

    /// <summary>A finished utterance of two seconds.</summary>
    public ScoredCall Says(string text, int leg = 0, float lost = 0)
    {
        var start = Now;
        Now += TimeSpan.FromSeconds(2);
        Keep(_call.OnFinal(new TranscriptSegment
        {
            Leg = new LegId(leg),
            Role = PartyRole.Unknown,
            Utterance = ++_utterance,
            Text = text,
            IsFinal = true,
            Start = start,
            End = Now,
            LostShare = lost,
        }));
        return this;
    }

    /// <summary>Frames of both legs; an amplitude of 0 is silence.</summary>
    public ScoredCall Hears(double seconds, float amplitude, float other = 0)
    {
        var until = Now + TimeSpan.FromSeconds(seconds);
        for (; Now < until; Now += FrameLength)
        {
            Keep(_call.OnFrame(new LegId(0), Now, Tone(amplitude), amplitude > 0 ? 0.95f : 0.02f));
            Keep(_call.OnFrame(new LegId(1), Now, Tone(other), other > 0 ? 0.95f : 0.02f));
        }

        return this;
    }

    private void Keep(EscalationScore? score)
    {
        if (score is not null) Told.Add(score);
    }

    private static float[] Tone(float amplitude)
    {
        var frame = new float[512];
        for (var i = 0; i < frame.Length; i++) frame[i] = amplitude * MathF.Sin(i * 0.1f);
        return frame;
    }
}
