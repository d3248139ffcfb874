namespace EdgeAssist.Inference.Escalation;

/// <summary>What can be noticed in a call, in the order of the README's table.</summary>
internal enum Cue
{
    NegativeWords = 0,
    Anger,
    Complaint,
    AsksForManager,
    ThreatToLeave,
    Abuse,
    RepeatedContact,
    LongWait,
    NobodyHelps,
    BrokenPromise,
    RepeatedRequest,
    RaisedVoice,
    FasterSpeech,
    TalksOver,
    Interrupted,
    LongSilence,
    CustomerThanks,
    AgentEmpathy,
    AgentResolution,
    HoldsTheFloor,
    OpenCases,
    RecentContacts,
    UnkeptPromises,
}

/// <summary>The cues' stable words, as they go into <see cref="Contracts.EscalationReason.Cue"/>.</summary>
internal static class CueWords
{
    /// <summary>Cues there are.</summary>
    public const int Count = (int)Cue.UnkeptPromises + 1;

    public static string Word(this Cue cue) => cue switch
    {
        Cue.NegativeWords => "negative_words",
        Cue.Anger => "anger",
        Cue.Complaint => "complaint",
        Cue.AsksForManager => "asks_for_manager",
        Cue.ThreatToLeave => "threat_to_leave",
        Cue.Abuse => "abuse",
        Cue.RepeatedContact => "repeated_contact",
        Cue.LongWait => "long_wait",
        Cue.NobodyHelps => "nobody_helps",
        Cue.BrokenPromise => "broken_promise",
        Cue.RepeatedRequest => "repeated_request",
        Cue.RaisedVoice => "raised_voice",
        Cue.FasterSpeech => "faster_speech",
        Cue.TalksOver => "talks_over",
        Cue.Interrupted => "interrupted",
        Cue.LongSilence => "long_silence",
        Cue.CustomerThanks => "customer_thanks",
        Cue.AgentEmpathy => "agent_empathy",
        Cue.AgentResolution => "agent_resolution",
        Cue.HoldsTheFloor => "holds_the_floor",
        Cue.OpenCases => "open_cases",
        Cue.RecentContacts => "recent_contacts",
        Cue.UnkeptPromises => "unkept_promises",
        _ => throw new ArgumentOutOfRangeException(nameof(cue), cue, "No such cue."),
    };
}
