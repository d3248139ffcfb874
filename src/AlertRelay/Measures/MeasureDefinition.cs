namespace EdgeAssist.AlertRelay.Measures;

/// <summary>What is measured. The names are in stored reports and on the wire: never reuse one.</summary>
internal enum MeasureId
{
    CycleTime,
    UnresolvedCycles,
    EscalatingCalls,
    Rework,
    Transfers,
    Satisfaction,
    TimeToHelp,
    FalseAlerts,
    MissedEscalations,
    UnseenAlerts,
    AlertsPerSupervisorHour,
}

/// <summary>A measure in words, as every report prints it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">Stable word for files and the wire, for example <c>cycle_time</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Unit">Of the value: <c>s</c>, <c>%</c>, <c>per call</c>, <c>points</c>, <c>per hour</c>.</param>
/// <param name="Text">How it is made, in full sentences.</param>
/// <param name="Population">Of what it is an average.</param>
/// <param name="Coverage">What of the population it can miss, and what is done about it.</param>
/// <param name="Better">−1 when lower is better, 1 when higher is, 0 when neither is.</param>
/// <param name="IsShare">Units have it or have it not.</param>
/// <param name="IsCompared">It exists before and after, so that the change can be estimated.</param>
internal sealed record MeasureDefinition(
    MeasureId Id, string Name, string Title, string Unit, string Text, string Population, string Coverage, int Better, bool IsShare, bool IsCompared);

/// <summary>
/// The measures on offer. How many people use the product, how often and for how long is not among them: it says nothing about
/// whether customers were helped.
/// </summary>
internal static class MeasureCatalog
{
    /// <summary>Where cycle times and times to help are cut off, so that a few endless calls do not make the mean.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromMinutes(10);

    /// <summary>Calm that is shorter does not end a cycle.</summary>
    public static readonly TimeSpan CalmFor = TimeSpan.FromSeconds(30);

    /// <summary>A customer who calls again within so long was not helped for good.</summary>
    public static readonly TimeSpan ReworkWithin = TimeSpan.FromDays(7);

    /// <summary>The measure that a report answers first, chosen before any data are looked at.</summary>
    public static MeasureDefinition Primary => Of(MeasureId.CycleTime);

    public static IReadOnlyList<MeasureDefinition> All { get; } =
    [
        new(MeasureId.CycleTime, "cycle_time", "Time per de-escalation cycle", "s",
            "From the moment a call's risk opens an alert (or, where alerts are not shown, would have opened one) to the beginning of the first calm that lasts 30 s on the call's own timeline. A cycle whose call ends without such a calm counts as 10 min, and so does every longer one: hanging up on the customer never makes this number better.",
            "Alerts and would-be alerts of calls that ended.",
            "Cycles of calls whose analysis was lost (a crash, a time-out) are left out and counted; their end was not seen.", -1, false, true),
        new(MeasureId.UnresolvedCycles, "unresolved_cycles", "Cycles that never calmed", "%",
            "Share of cycles whose call ended before 30 s of calm.",
            "As for the time per cycle.", "As for the time per cycle.", -1, true, true),
        new(MeasureId.EscalatingCalls, "escalating_calls", "Calls that escalate", "%",
            "Share of calls whose risk opened at least one alert or would-be alert. The same thresholds apply whether alerts are shown or not.",
            "Calls that ended and had at least one score.",
            "Calls without a score (no audio, no consent, overload) are left out and counted.", -1, true, true),
        new(MeasureId.Rework, "rework", "Rework: the same customer again within 7 days", "%",
            "Share of calls after whose end the same customer calls any team again within 7 days. Customers are told apart by a keyed digest of the number, never by the number.",
            "Calls with a known customer that ended at least 7 days before the end of the data.",
            "Withheld numbers are left out and counted; who calls again from another number is not recognised.", -1, true, true),
        new(MeasureId.Transfers, "transfers", "Transfers", "per call",
            "How often the agent or the team of a call changed while it lasted.",
            "Calls that ended.", "Only changes that signalling tells are seen.", -1, false, true),
        new(MeasureId.Satisfaction, "satisfaction", "Customer satisfaction", "points",
            "Mean of the imported answers, joined by call id, on the scale of the file. A call without an answer is left out; it is never counted as zero.",
            "Calls with an answer.",
            "Who answers is not a random choice: compare the shares of calls with an answer before and after first.", 1, false, true),
        new(MeasureId.TimeToHelp, "time_to_help", "Time to human help", "s",
            "From the alert to the first person who claims it or acts on it; 10 min when nobody does, or when it takes longer.",
            "Alerts that were shown. Where alerts are not shown nobody can come, so there is no before.",
            "Help that is given without touching the alert is not seen.", -1, false, false),
        new(MeasureId.FalseAlerts, "false_alerts", "False alerts", "%",
            "Share of judged alerts that a supervisor dismissed as not right.",
            "Alerts that were resolved or dismissed by a person.",
            "Alerts that nobody judged are left out and counted; those may be right more or less often.", -1, true, false),
        new(MeasureId.MissedEscalations, "missed_escalations", "Missed escalations", "%",
            "Share of calls without an alert in which a listener heard an escalation, from a random sample of such calls, each weighted with one over its chance to be drawn (Hájek's estimator, Wilson's interval at the effective sample size).",
            "Calls that ended without an alert or a would-be alert.",
            "Rests on the labelled sample alone; its size stands beside the number.", -1, true, false),
        new(MeasureId.UnseenAlerts, "unseen_alerts", "Alerts nobody saw", "%",
            "Share of alerts that were shown on no screen and that nobody acted on.",
            "Alerts that were not kept quiet by a silence.",
            "Rests on screens telling what they show.", -1, true, false),
        new(MeasureId.AlertsPerSupervisorHour, "alerts_per_supervisor_hour", "Alerts per supervisor-hour", "per hour",
            "Alerts that were shown, over the hours supervisors were connected to the teams' alerts. A load, not a result: many may be too many.",
            "Alerts that were shown, and hours of connected supervisors.",
            "Hours are noted once a minute while the appliance runs.", 0, false, false),
    ];

    public static MeasureDefinition Of(MeasureId id) => All[(int)id];
}
