using System.Collections.Immutable;
using EdgeAssist.Inference.Rules;

namespace EdgeAssist.Inference.Escalation;

/// <summary>How one cue counts.</summary>
/// <param name="Weight">Log-odds for one full-strength occurrence; negative calms.</param>
/// <param name="HalfLife">After this long without another one, half of it is left.</param>
/// <param name="Cap">Full-strength occurrences that count at one time.</param>
internal sealed record CueWeight(double Weight, TimeSpan HalfLife, double Cap);

/// <summary>A level's thresholds on the risk.</summary>
/// <param name="Up">Reached from below at this risk.</param>
/// <param name="Down">Left downwards below this risk.</param>
internal sealed record LevelThresholds(double Up, double Down);

/// <summary>Every number of the escalation score. The weights' origin is in the README beside this file.</summary>
internal sealed record EscalationOptions
{
    /// <summary>Log-odds of escalation before anything was noticed: 6 % of calls. As the weights from <c>escalation-fit</c>, calibration in it.</summary>
    public double Bias { get; init; } = -2.67;

    /// <summary>One entry a <see cref="Cue"/>, in its order: weights of models/escalation-fusion-v1, half-lives and caps set by hand.</summary>
    public ImmutableArray<CueWeight> Cues { get; init; } =
    [
        new(0.25, Seconds(60), 2.5),  // NegativeWords
        new(1.02, Seconds(60), 2),    // Anger
        new(0.85, Seconds(75), 2.5),  // Complaint
        new(2.48, Seconds(90), 1.5),  // AsksForManager
        new(2.48, Seconds(90), 1.5),  // ThreatToLeave
        new(2.22, Seconds(60), 2),    // Abuse
        new(1.49, Seconds(240), 1.5), // RepeatedContact: a fact about the case, hardly fades
        new(1.31, Seconds(120), 1.5), // LongWait
        new(0.81, Seconds(120), 2),   // NobodyHelps
        new(0.90, Seconds(150), 1.5), // BrokenPromise
        new(0.39, Seconds(60), 2),    // RepeatedRequest
        new(0.98, Seconds(15), 1.5),  // RaisedVoice
        new(0.17, Seconds(20), 1),    // FasterSpeech
        new(0.45, Seconds(30), 2),    // TalksOver
        new(0.20, Seconds(30), 2),    // Interrupted
        new(0.00, Seconds(30), 2),    // LongSilence
        new(-1.44, Seconds(90), 2),   // CustomerThanks
        new(-0.54, Seconds(30), 1.5), // AgentEmpathy
        new(-1.32, Seconds(90), 1.5), // AgentResolution
        new(0.20, Seconds(30), 1),    // HoldsTheFloor
        new(0.62, Known, 1),          // OpenCases
        new(0.83, Known, 1),          // RecentContacts
        new(0.83, Known, 1),          // UnkeptPromises
    ];

    /// <summary>Text probabilities below this add nothing; above it, strength rises linearly to 1.</summary>
    public double TextFloor { get; init; } = 0.35;

    /// <summary>What words and voice of a leg count when its role is not known, or both parties are on it: 0 to 1.</summary>
    public double UncertainRole { get; init; } = 0.6;

    /// <summary>What may be scored.</summary>
    public ScoringPolicy Policy { get; init; } = ScoringPolicy.Eu;

    /// <summary>Whether the agent's voice is asked for. Under <see cref="ScoringPolicy.Eu"/> it is not looked at all the same.</summary>
    public bool ScoreAgentVoice { get; init; }

    /// <summary>Whether the agent's voice is looked at: the one place that decides it.</summary>
    public bool AgentVoiceCounts => ScoreAgentVoice && Policy == ScoringPolicy.Standard;

    /// <summary>The operator's rules.</summary>
    public RuleBook Rules { get; init; } = RuleBook.None;

    public LevelThresholds Watch { get; init; } = new(0.30, 0.20);

    public LevelThresholds Escalated { get; init; } = new(0.80, 0.60);

    public LevelThresholds Critical { get; init; } = new(0.92, 0.80);

    /// <summary>A level that was reached is kept at least this long.</summary>
    public TimeSpan MinimumDuration { get; init; } = Seconds(15);

    /// <summary>The risk must stay below the threshold this long without a break before the level falls.</summary>
    public TimeSpan FallAfter { get; init; } = Seconds(10);

    /// <summary>After an episode ended, this long <see cref="CoolDownMargin"/> more is asked for before the next one.</summary>
    public TimeSpan CoolDown { get; init; } = Seconds(30);

    /// <summary>Added to the threshold of <see cref="Contracts.EscalationLevel.Escalated"/> during <see cref="CoolDown"/>.</summary>
    public double CoolDownMargin { get; init; } = 0.1;

    /// <summary>A change of the risk told at once.</summary>
    public double RiskStep { get; init; } = 0.02;

    /// <summary>A smaller change is told after this long.</summary>
    public TimeSpan TellAfter { get; init; } = Seconds(5);

    /// <summary>Changes smaller than this are never told.</summary>
    public double SmallestStep { get; init; } = 0.005;

    /// <summary>Frames move the score at most this often.</summary>
    public TimeSpan FrameInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How far back <see cref="Contracts.EscalationScore.Trend"/> looks.</summary>
    public TimeSpan TrendWindow { get; init; } = Seconds(20);

    /// <summary>Reasons given with a score.</summary>
    public int MostReasons { get; init; } = 8;

    /// <summary>Contributions weaker than this (log-odds) are no reason.</summary>
    public double WeakestReason { get; init; } = 0.05;

    public VoiceOptions Voice { get; init; } = new();

    public DynamicsOptions Dynamics { get; init; } = new();

    /// <summary>What was known before the call holds throughout.</summary>
    private static TimeSpan Known => TimeSpan.FromDays(1);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

/// <summary>When a voice is louder or faster than the same voice was.</summary>
internal sealed record VoiceOptions
{
    /// <summary>Frames below this speech probability are not speech.</summary>
    public float SpeechProbability { get; init; } = 0.5f;

    /// <summary>Calm speech heard before anything is compared with it.</summary>
    public TimeSpan Baseline { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Time constant of the present level.</summary>
    public TimeSpan Smoothing { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The arousal from which a voice is raised: 0 to 1.</summary>
    public double Raised { get; init; } = 0.6;

    /// <summary>How long it must last, in speech.</summary>
    public TimeSpan Sustained { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Faster than the speaker's own median words a second by this factor.</summary>
    public double FasterFactor { get; init; } = 1.4;

    /// <summary>Utterances with fewer words say nothing about pace.</summary>
    public int FewestPaceWords { get; init; } = 6;
}

/// <summary>When one party talks over the other, and when nobody talks.</summary>
internal sealed record DynamicsOptions
{
    /// <summary>Speech probability that begins speech…</summary>
    public float On { get; init; } = 0.5f;

    /// <summary>…and the one under which it ends.</summary>
    public float Off { get; init; } = 0.35f;

    /// <summary>A pause up to this long does not end speech.</summary>
    public TimeSpan HangOver { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Who spoke this long had the floor.</summary>
    public TimeSpan Floor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Talking over begins after this much of both at once: longer than «mm-hm» and «okay».</summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>The customer's part of the talk of the last <see cref="TalkWindow"/> from which they hold the floor: 0 to 1.</summary>
    public double HeldShare { get; init; } = 0.8;

    /// <summary>Time constant of the talk share.</summary>
    public TimeSpan TalkWindow { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Talk heard before its share says anything.</summary>
    public TimeSpan LeastTalk { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Nobody speaks: told once after this long, then again after each further stretch.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(12);
}
