namespace EdgeAssist.AlertRelay.Rules;

/// <summary>What keeps an alert quiet: a silence, or a graver alert for the same customer.</summary>
internal static class Quiet
{
    /// <summary>The silence is in force and meant for that alert.</summary>
    public static bool Covers(V1.Silence silence, V1.Alert alert, DateTimeOffset now) =>
        now >= silence.StartsAt.ToDateTimeOffset() && now < silence.EndsAt.ToDateTimeOffset()
        && (silence.Teams.Count == 0 || silence.Teams.Contains(alert.Team))
        && (silence.Agents.Count == 0 || silence.Agents.Contains(alert.Agent))
        && (silence.CallIds.Count == 0 || silence.CallIds.Contains(alert.CallId))
        && (silence.UpToLevel == V1.Level.Unspecified || alert.Level <= silence.UpToLevel);

    /// <summary>Both are about the same, known customer of one team, and both are shown or neither is.</summary>
    public static bool AreOfOneGroup(V1.Alert one, V1.Alert other) =>
        one.Mode == other.Mode && one.Customer.Length > 0 && one.Customer == other.Customer && one.Team == other.Team && one.CallId != other.CallId;

    /// <summary>The first standing alert of the group by age; null when it stands alone.</summary>
    public static V1.Alert? GroupHead(V1.Alert alert, IEnumerable<V1.Alert> standing) => standing
        .Where(other => other.AlertId != alert.AlertId && !other.IsOver() && AreOfOneGroup(alert, other))
        .OrderBy(other => other.OpenedAt.ToDateTimeOffset())
        .ThenBy(other => other.AlertId, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>Why the alert is to be quiet now: the id of a silence or of a graver alert; empty when it is not.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="silences">All that are known.</param>
    /// <param name="standing">All alerts that are alive.</param>
    /// <param name="inhibit">A graver alert for the same customer keeps milder ones quiet.</param>
    /// <param name="now">Wall clock.</param>
    public static string Cause(V1.Alert alert, IEnumerable<V1.Silence> silences, IEnumerable<V1.Alert> standing, bool inhibit, DateTimeOffset now)
    {
        var silence = silences.Where(each => Covers(each, alert, now)).OrderBy(each => each.SilenceId, StringComparer.Ordinal).FirstOrDefault();
        if (silence is not null) return silence.SilenceId;
        if (!inhibit) return "";

        return standing
            .Where(other => !other.IsOver() && other.SuppressedBy.Length == 0 && other.Level > alert.Level && AreOfOneGroup(alert, other))
            .OrderBy(other => other.AlertId, StringComparer.Ordinal)
            .FirstOrDefault()?.AlertId ?? "";
    }
}
