using EdgeAssist.Inference.Escalation;

namespace EdgeAssist.Training.Escalation;

/// <summary>The cues by the kind of evidence they rest on.</summary>
internal static class CueGroups
{
    public static IReadOnlyList<(string Name, Cue[] Cues)> All { get; } =
    [
        ("text", [Cue.NegativeWords, Cue.Anger, Cue.Complaint, Cue.AsksForManager, Cue.ThreatToLeave, Cue.Abuse]),
        ("phrases", [Cue.RepeatedContact, Cue.LongWait, Cue.NobodyHelps, Cue.BrokenPromise, Cue.CustomerThanks, Cue.AgentEmpathy, Cue.AgentResolution]),
        ("voice", [Cue.RaisedVoice, Cue.FasterSpeech]),
        ("dynamics", [Cue.RepeatedRequest, Cue.TalksOver, Cue.Interrupted, Cue.LongSilence, Cue.HoldsTheFloor]),
        ("history", [Cue.OpenCases, Cue.RecentContacts, Cue.UnkeptPromises]),
    ];
}
