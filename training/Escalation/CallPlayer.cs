using EdgeAssist.Contracts;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Features;
using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Escalation;

/// <summary>A score's moment as played.</summary>
internal readonly record struct PlayedScore(TimeSpan At, double Risk, EscalationLevel Level, double[]? Strengths);

/// <summary>
/// Plays a script to a scorer as the pipeline would: 32 ms frames of a buzz at the voice's level and pitch on both legs, and each turn's words when
/// the pause after it is over. Words and times are the script's; nothing is recognised.
/// </summary>
internal sealed class CallPlayer(ITextSentiment sentiment, IArousalModel arousal, EscalationOptions options)
{
    private const int FrameSamples = 512;
    private const double CalmDb = -26;

    private static readonly TimeSpan FrameLength = TimeSpan.FromMilliseconds(32);
    private static readonly TimeSpan HangOver = TimeSpan.FromMilliseconds(350);
    private const int Harmonics = 16;

    /// <summary>Harmonics from this one on lie above 1 kHz for a man's voice: a louder voice has more of them.</summary>
    private const int FirstHigh = 8;

    private static readonly float[] Low = MakePeriod(1, FirstHigh - 1);
    private static readonly float[] High = MakePeriod(FirstHigh, Harmonics);

    /// <summary>Plays a call; the scores are read after every frame round and every utterance.</summary>
    /// <param name="script">The call.</param>
    /// <param name="frames">False leaves the voice out: words only.</param>
    /// <param name="every">Notes the cues' strengths at every so many frames; 0 for never.</param>
    public List<PlayedScore> Play(CallScript script, bool frames, int every = 0)
    {
        var call = new CallEscalation(Info() with { History = script.History }, sentiment, arousal, options);
        var played = new List<PlayedScore>();
        var finals = script.Turns.OrderBy(turn => turn.End).ToList();
        var random = new Seeded(StableHash.Of(script.Family));
        var (next, utterance) = (0, 0);
        for (var at = TimeSpan.Zero; at < script.End + TimeSpan.FromSeconds(1); at += FrameLength)
        {
            if (frames)
            {
                Feed(call, script, PartyRole.Customer, at, random);
                Feed(call, script, PartyRole.Agent, at, random);
            }

            while (next < finals.Count && finals[next].End + HangOver <= at) call.OnFinal(Segment(finals[next++], ++utterance));
            played.Add(new PlayedScore(at, call.Current.Risk, call.Current.Level, every > 0 && played.Count % every == 0 ? call.Strengths() : null));
        }

        return played;
    }

    private static void Feed(CallEscalation call, CallScript script, PartyRole role, TimeSpan at, Seeded random)
    {
        var turn = script.Turns.FirstOrDefault(t => t.Role == role && t.Start <= at && at < t.End);
        // Syllables: the level of speech wanders by some decibels from frame to frame.
        var db = turn is null ? -70 : CalmDb + turn.LouderDb + 3 * random.NextNormal();
        var gain = (float)Math.Pow(10, db / 20);
        Span<float> frame = stackalloc float[FrameSamples];
        // A heated voice is higher and sharper too: some four semitones and five decibels above 1 kHz at 10 dB.
        var sharper = (float)Math.Pow(10, 0.5 * (turn?.LouderDb ?? 0) / 20);
        var hertz = (role == PartyRole.Customer ? 140 : 190) * Math.Pow(2, 0.4 * (turn?.LouderDb ?? 0) / 12);
        var step = hertz * Low.Length / 16_000;
        for (var i = 0; i < frame.Length; i++)
        {
            var phase = (int)(i * step) % Low.Length;
            frame[i] = gain * (Low[phase] + sharper * High[phase]);
        }

        call.OnFrame(LegOf(role), at, frame, turn is null ? 0.03f : 0.97f);
    }

    private static TranscriptSegment Segment(ScriptTurn turn, int utterance) => new()
    {
        Leg = LegOf(turn.Role),
        Role = turn.Role,
        Utterance = utterance,
        Text = turn.Text,
        IsFinal = true,
        Start = turn.Start,
        End = turn.End,
        Confidence = 0.9f,
    };

    private static LegId LegOf(PartyRole role) => new(role == PartyRole.Customer ? 0 : 1);

    private static CallInfo Info() => new()
    {
        Id = new CallId("played"),
        Origin = new Instant(0),
        StartedAt = DateTimeOffset.UnixEpoch,
        Source = "replay",
        Legs =
        [
            new LegInfo { Id = LegOf(PartyRole.Customer), Role = PartyRole.Customer },
            new LegInfo { Id = LegOf(PartyRole.Agent), Role = PartyRole.Agent },
        ],
    };

    /// <summary>One period of some harmonics of a buzz whose power is 1 when it has them all.</summary>
    private static float[] MakePeriod(int first, int last)
    {
        var period = new float[512];
        var power = Enumerable.Range(1, Harmonics).Sum(k => 0.5f / (k * k));
        for (var k = first; k <= last; k++)
        {
            for (var i = 0; i < period.Length; i++) period[i] += MathF.Sin(2 * MathF.PI * k * i / period.Length) / k;
        }

        return [.. period.Select(x => x / MathF.Sqrt(power))];
    }
}
