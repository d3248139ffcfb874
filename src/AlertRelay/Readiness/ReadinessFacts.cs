namespace EdgeAssist.AlertRelay.Readiness;

/// <summary>One party's audio in a call.</summary>
/// <param name="Name">Of the call or file, for the finding.</param>
/// <param name="SpeechDbfs">RMS level of the louder frames (90th percentile of 20 ms frames), dB of full scale.</param>
/// <param name="NoiseDbfs">RMS level of the quieter frames (10th percentile).</param>
/// <param name="ClippedShare">Share of samples in runs of at least three at full scale, 0 to 1.</param>
/// <param name="ActiveShare">Share of frames at least 10 dB above the noise and above −50 dB of full scale, 0 to 1.</param>
public readonly record struct AudioQuality(string Name, double SpeechDbfs, double NoiseDbfs, double ClippedShare, double ActiveShare)
{
    /// <summary>Nobody is heard at all.</summary>
    public bool IsSilent => ActiveShare < 0.01;
}

/// <summary>How many calls there were of a team and over how many days.</summary>
/// <param name="Team">The team; empty when calls carry none.</param>
/// <param name="Calls">Calls seen.</param>
/// <param name="Days">Length of the time looked at, in days, above 0.</param>
public readonly record struct TeamVolume(string Team, int Calls, double Days);

/// <summary>Calls at once that a machine can analyse in full.</summary>
/// <param name="Calls">How many.</param>
/// <param name="How">How that is known, for people.</param>
/// <param name="IsLowerBound">It carried so many; it may carry more.</param>
public readonly record struct CapacityReading(double Calls, string How, bool IsLowerBound = false);

/// <summary>
/// What was found out about calls and the machine, wherever it came from. What nobody could look at is null: not known is
/// something else than none.
/// </summary>
public sealed record ReadinessFacts
{
    /// <summary>What was looked at, for people.</summary>
    public required string Source { get; init; }

    public required int Calls { get; init; }

    /// <summary>Calls whose parties come on streams of their own.</summary>
    public int? Separated { get; init; }

    /// <summary>Calls in which customer and agent are known.</summary>
    public int? RolesKnown { get; init; }

    /// <summary>Codec to streams.</summary>
    public IReadOnlyDictionary<string, int> Codecs { get; init; } = new Dictionary<string, int>();

    /// <summary>Codecs among them that cannot be decoded.</summary>
    public IReadOnlyList<string> Undecodable { get; init; } = [];

    public IReadOnlyList<AudioQuality>? Audio { get; init; }

    /// <summary>Calls in which one of two parties is never heard.</summary>
    public IReadOnlyList<string>? OneWay { get; init; }

    /// <summary>Share of audio that was lost on the way, by call or utterance, 0 to 1.</summary>
    public IReadOnlyList<double>? LossShares { get; init; }

    /// <summary>Mean probability of recognised tokens, by utterance, 0 to 1.</summary>
    public IReadOnlyList<double>? Confidences { get; init; }

    /// <summary>Word errors and words said, where references were given.</summary>
    public (int Errors, int Words)? WordErrors { get; init; }

    /// <summary>Calls with a customer, and those whose customer other systems knew.</summary>
    public (int WithCustomer, int Matched)? History { get; init; }

    /// <summary>Age of the newest record of the history when it was looked at.</summary>
    public TimeSpan? HistoryAge { get; init; }

    /// <summary>Ids of calls that are there twice.</summary>
    public IReadOnlyList<string>? Duplicates { get; init; }

    /// <summary>Calls with an answer of the customer, and answers that belong to no call.</summary>
    public (int Answered, int Unknown)? Satisfaction { get; init; }

    /// <summary>Calls whose consent is known, and calls in which it was refused.</summary>
    public (int Known, int Refused)? Consent { get; init; }

    public ClockReading? Clock { get; init; }

    public StorageReading? Storage { get; init; }

    /// <summary>Calls at once that this machine can analyse in full.</summary>
    public CapacityReading? Capacity { get; init; }

    public IReadOnlyList<TeamVolume>? Teams { get; init; }

    /// <summary>Share of calls that escalate, 0 to 1; null when nothing was scored.</summary>
    public double? EscalationShare { get; init; }

    /// <summary>Files that could not be read, each with why.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];
}

/// <summary>What is planned; what the findings are held against.</summary>
public sealed record ReadinessPlan
{
    /// <summary>Calls at once.</summary>
    public int PlannedCalls { get; init; } = 10;

    /// <summary>Length of the silent baseline, and of the time after it.</summary>
    public int Days { get; init; } = 30;

    /// <summary>The relative change of the share of calls that escalate which is worth knowing of, 0 to 1.</summary>
    public double WorthwhileChange { get; init; } = 0.2;

    /// <summary>Assumed share of calls that escalate while nothing was scored.</summary>
    public double AssumedEscalationShare { get; init; } = 0.1;

    /// <summary>Free space below which the journal's retention does not fit, in octets.</summary>
    public long NeededBytes { get; init; } = 2L << 30;
}
