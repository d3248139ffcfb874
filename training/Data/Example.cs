namespace EdgeAssist.Training.Data;

/// <summary>What the text model tells, in the order of its outputs.</summary>
internal enum Label
{
    Negative = 0,
    Anger = 1,
    Complaint = 2,
    AsksForManager = 3,
    ThreatToLeave = 4,
    Abuse = 5,
}

/// <summary>One labelled utterance.</summary>
/// <param name="Source">The set it comes from.</param>
/// <param name="Id">Names the row, or the group (a call, a template family) that must not be split.</param>
/// <param name="Text">As written.</param>
/// <param name="Labels">One a <see cref="Label"/>: 0 to 1, or NaN where the set does not say.</param>
internal sealed record Example(string Source, string Id, string Text, float[] Labels)
{
    public const int LabelCount = 6;

    public float this[Label label] => Labels[(int)label];

    /// <summary>Whether a problem is told of, with or without feeling: 0 or 1, NaN where the set does not say. No output: the neural recipe learns it beside them.</summary>
    public float Problem { get; init; } = float.NaN;

    /// <summary>Whether the speaker is pleased, as <see cref="Problem"/>.</summary>
    public float Pleased { get; init; } = float.NaN;

    /// <summary>Labels by name; what is not named is not known.</summary>
    public static float[] Of(float negative = float.NaN, float anger = float.NaN, float complaint = float.NaN,
        float manager = float.NaN, float threat = float.NaN, float abuse = float.NaN) =>
        [negative, anger, complaint, manager, threat, abuse];
}
