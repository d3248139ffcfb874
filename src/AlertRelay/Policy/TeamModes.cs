using System.Collections.Immutable;

namespace EdgeAssist.AlertRelay.Policy;

/// <summary>Which mode is in force for which team: the newest switch of each. Immutable.</summary>
internal sealed class TeamModes
{
    /// <summary>Stands for teams that have no mode of their own.</summary>
    public const string Others = "*";

    /// <summary>
    /// A switch is written anew when it is so old, so that the journal may forget what lies before it: the newest word on a
    /// team must not hold a year of calls.
    /// </summary>
    public static readonly TimeSpan CarriedAfter = TimeSpan.FromDays(1);

    private readonly ImmutableDictionary<string, (V1.PolicySwitch Switch, long Offset, DateTimeOffset WrittenAt)> _newest;

    private TeamModes(ImmutableDictionary<string, (V1.PolicySwitch, long, DateTimeOffset)> newest) => _newest = newest;

    public static TeamModes None { get; } =
        new(ImmutableDictionary.Create<string, (V1.PolicySwitch, long, DateTimeOffset)>(StringComparer.Ordinal));

    public int Count => _newest.Count;

    /// <summary>Of every team that has a mode of its own, in the order of their names; «*» among them.</summary>
    public IEnumerable<V1.PolicySwitch> Newest => _newest.Values.Select(each => each.Switch).OrderBy(each => each.Team, StringComparer.Ordinal);

    /// <summary>The newest switches with the places of their records.</summary>
    public IEnumerable<(V1.PolicySwitch Made, long Offset)> Places => _newest.Values.OrderBy(each => each.Offset).Select(each => (each.Switch, each.Offset));

    /// <summary>Records from here on hold the newest switches.</summary>
    public long NeededFrom => _newest.IsEmpty ? long.MaxValue : _newest.Values.Min(each => each.Offset);

    public bool Knows(string team) => _newest.ContainsKey(team);

    /// <summary>The newest switch of a team, also one that only says what was configured; null when there was none.</summary>
    public V1.PolicySwitch? NewestOf(string team) => _newest.TryGetValue(team, out var each) ? each.Switch : null;

    /// <summary>Never unspecified: what nobody set is assist.</summary>
    public V1.PolicyMode Of(string team) => Own(team) ?? Own(Others) ?? V1.PolicyMode.Assist;

    /// <summary>The team's own mode; null when the one of «*» is in force for it.</summary>
    public V1.PolicyMode? Own(string team) =>
        _newest.TryGetValue(team, out var each) && each.Switch.Mode != V1.PolicyMode.Unspecified ? each.Switch.Mode : null;

    /// <summary>What was written so long ago that it is to be written again.</summary>
    public IEnumerable<V1.PolicySwitch> DueToBeCarried(DateTimeOffset now) =>
        _newest.Values.Where(each => now - each.WrittenAt >= CarriedAfter).OrderBy(each => each.Offset).Select(each => each.Switch);

    /// <param name="made">The switch; it must not change any more.</param>
    /// <param name="offset">Its place in the journal.</param>
    /// <param name="writtenAt">When that record was written: a carried one is younger than its switch.</param>
    public TeamModes With(V1.PolicySwitch made, long offset, DateTimeOffset writtenAt) =>
        made.Mode == V1.PolicyMode.Unspecified && made.Configured == V1.PolicyMode.Unspecified
            ? new TeamModes(_newest.Remove(made.Team))
            : new TeamModes(_newest.SetItem(made.Team, (made, offset, writtenAt)));
}
