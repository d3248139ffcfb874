namespace EdgeAssist.AlertRelay.Policy;

/// <summary>
/// The configuration's word on modes. It counts when it says something else than at the start before: a switch that an admin
/// made holds until the configuration is changed, or somebody switches again.
/// </summary>
internal static class ConfiguredModes
{
    public const string Actor = "configuration";

    /// <summary>The switches that the configuration asks for.</summary>
    /// <param name="configured">Team, or «*», to mode.</param>
    /// <param name="inForce">As the journal has it.</param>
    public static IReadOnlyList<V1.PolicySwitch> Changes(IReadOnlyDictionary<string, V1.PolicyMode> configured, TeamModes inForce)
    {
        var changes = new List<V1.PolicySwitch>();
        foreach (var (team, mode) in configured.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (inForce.NewestOf(team)?.Configured != mode) changes.Add(Switch(team, mode, mode, "the configuration names it"));
        }

        foreach (var gone in inForce.Newest.Where(newest => newest.Configured != V1.PolicyMode.Unspecified && !configured.ContainsKey(newest.Team)))
        {
            // What an admin set since stays; only the configuration's own word goes with it.
            var mode = gone.Actor == Actor ? V1.PolicyMode.Unspecified : gone.Mode;
            changes.Add(Switch(gone.Team, mode, V1.PolicyMode.Unspecified, "the configuration no longer names it"));
        }

        return changes;
    }

    private static V1.PolicySwitch Switch(string team, V1.PolicyMode mode, V1.PolicyMode configured, string reason) =>
        new() { Team = team, Mode = mode, Configured = configured, Actor = Actor, Reason = reason };
}
