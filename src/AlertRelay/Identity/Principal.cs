namespace EdgeAssist.AlertRelay.Identity;

/// <summary>What somebody may do.</summary>
public enum PrincipalRole
{
    /// <summary>Sees the calls whose agent they are, and the alerts of these calls.</summary>
    Agent = 1,

    /// <summary>Sees the calls of their teams and acts on their alerts.</summary>
    Supervisor = 2,

    /// <summary>Sees and does everything, also what somebody else holds.</summary>
    Admin = 3,

    /// <summary>A part of the product: may hand in what analysis says, and see nothing.</summary>
    Internal = 4,
}

/// <summary>Who somebody is and how far their sight reaches.</summary>
public sealed record Principal
{
    /// <summary>The team that stands for all of them.</summary>
    public const string AllTeams = "*";

    /// <summary>Stable identity; of an agent, the same as <c>Call.agent</c>. Written beside every action.</summary>
    public required string Subject { get; init; }

    public required PrincipalRole Role { get; init; }

    /// <summary>A supervisor's teams; <see cref="AllTeams"/> for all.</summary>
    public IReadOnlyList<string> Teams { get; init; } = [];

    /// <summary>
    /// May see the customer's number, addresses and display names. Off unless granted, whatever the role: who can help does
    /// not need to know whom.
    /// </summary>
    public bool SeesPersonal { get; init; }

    /// <summary>True when a call of that team and agent is within sight.</summary>
    internal bool Covers(string team, string agent) => Role switch
    {
        PrincipalRole.Admin => true,
        PrincipalRole.Supervisor => Teams.Contains(AllTeams) || (team.Length > 0 && Teams.Contains(team)),
        PrincipalRole.Agent => agent.Length > 0 && agent == Subject,
        _ => false,
    };

    internal bool MayWatch => Role is PrincipalRole.Agent or PrincipalRole.Supervisor or PrincipalRole.Admin;

    internal bool MayAct => Role is PrincipalRole.Supervisor or PrincipalRole.Admin;

    /// <summary>Equal for principals that see the same.</summary>
    internal string ScopeKey => Role switch
    {
        PrincipalRole.Agent => "agent\u001f" + Subject,
        PrincipalRole.Supervisor => "supervisor\u001f" + string.Join('\u001f', Teams.Order(StringComparer.Ordinal)),
        _ => Role.ToString(),
    } + (SeesPersonal ? "\u001e+" : "\u001e-");
}
