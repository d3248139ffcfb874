using EdgeAssist.Contracts;

namespace EdgeAssist.Proto.Mapping;

/// <summary>
/// Enumerations on the wire and in the process. A wire value newer than this build maps to the unspecified or mildest
/// meaning, never to an exception.
/// </summary>
public static class EnumMapping
{
    public static V1.PartyRole ToWire(this PartyRole role) => role switch
    {
        PartyRole.Customer => V1.PartyRole.Customer,
        PartyRole.Agent => V1.PartyRole.Agent,
        PartyRole.Mixed => V1.PartyRole.Mixed,
        _ => V1.PartyRole.Unspecified,
    };

    public static PartyRole ToContract(this V1.PartyRole role) => role switch
    {
        V1.PartyRole.Customer => PartyRole.Customer,
        V1.PartyRole.Agent => PartyRole.Agent,
        V1.PartyRole.Mixed => PartyRole.Mixed,
        _ => PartyRole.Unknown,
    };

    public static V1.Level ToWire(this EscalationLevel level) => level switch
    {
        EscalationLevel.Calm => V1.Level.Calm,
        EscalationLevel.Watch => V1.Level.Watch,
        EscalationLevel.Escalated => V1.Level.Escalated,
        EscalationLevel.Critical => V1.Level.Critical,
        _ => V1.Level.Unspecified,
    };

    public static EscalationLevel ToContract(this V1.Level level) => level switch
    {
        V1.Level.Watch => EscalationLevel.Watch,
        V1.Level.Escalated => EscalationLevel.Escalated,
        V1.Level.Critical => EscalationLevel.Critical,
        _ => EscalationLevel.Calm,
    };

    public static V1.Rung ToWire(this AnalysisRung rung) => rung switch
    {
        AnalysisRung.Full => V1.Rung.Full,
        AnalysisRung.NoPartials => V1.Rung.NoPartials,
        AnalysisRung.CustomerFinalsOnly => V1.Rung.CustomerFinalsOnly,
        AnalysisRung.VoiceOnly => V1.Rung.VoiceOnly,
        _ => V1.Rung.Unspecified,
    };

    public static AnalysisRung ToContract(this V1.Rung rung) => rung switch
    {
        V1.Rung.NoPartials => AnalysisRung.NoPartials,
        V1.Rung.CustomerFinalsOnly => AnalysisRung.CustomerFinalsOnly,
        V1.Rung.VoiceOnly => AnalysisRung.VoiceOnly,
        _ => AnalysisRung.Full,
    };

    /// <summary>Hops keep their order on the wire; 0 there means «unspecified», hence the step of one.</summary>
    public static V1.Hop ToWire(this Hop hop) => (V1.Hop)((int)hop + 1);

    /// <summary>False for a hop newer than this build.</summary>
    public static bool TryToContract(this V1.Hop hop, out Hop contract)
    {
        contract = (Hop)((int)hop - 1);
        return hop is >= V1.Hop.Media and <= V1.Hop.Client;
    }

    public static string ToWire(this RoleEvidence evidence) => evidence switch
    {
        RoleEvidence.Correction => "correction",
        RoleEvidence.Metadata => "metadata",
        RoleEvidence.Label => "label",
        RoleEvidence.Position => "position",
        _ => "",
    };

    public static RoleEvidence ToRoleEvidence(string evidence) => evidence switch
    {
        "correction" => RoleEvidence.Correction,
        "metadata" => RoleEvidence.Metadata,
        "label" => RoleEvidence.Label,
        "position" => RoleEvidence.Position,
        _ => RoleEvidence.None,
    };

    public static string ToWire(this CallEndReason reason) => reason switch
    {
        CallEndReason.Hangup => "hangup",
        CallEndReason.Shutdown => "shutdown",
        CallEndReason.Timeout => "timeout",
        _ => "lost",
    };

    public static CallEndReason ToCallEndReason(string reason) => reason switch
    {
        "hangup" => CallEndReason.Hangup,
        "shutdown" => CallEndReason.Shutdown,
        "timeout" => CallEndReason.Timeout,
        _ => CallEndReason.Lost,
    };
}
