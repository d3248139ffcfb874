namespace EdgeAssist.AlertRelay.Rules;

/// <summary>When somebody is on duty, on the clock of the rota's time zone. <see cref="To"/> before <see cref="From"/> goes over midnight.</summary>
/// <param name="Days">The days it begins on.</param>
/// <param name="From">Included.</param>
/// <param name="To">Not included; equal to <see cref="From"/>: the whole day.</param>
internal sealed record DutyHours(IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    public bool Covers(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        var yesterday = (DayOfWeek)(((int)local.DayOfWeek + 6) % 7);
        if (From < To) return Days.Contains(local.DayOfWeek) && time >= From && time < To;
        return (Days.Contains(local.DayOfWeek) && time >= From) || (Days.Contains(yesterday) && time < To);
    }
}

/// <summary>Somebody of a tier.</summary>
internal sealed record RotaMember
{
    /// <summary>The subject of their access token.</summary>
    public required string Subject { get; init; }

    /// <summary>Empty: always on duty.</summary>
    public IReadOnlyList<DutyHours> Hours { get; init; } = [];

    /// <summary>Languages they take calls in; empty: any.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    public IReadOnlyList<string> Skills { get; init; } = [];

    public bool IsOnDuty(DateTime local) => Hours.Count == 0 || Hours.Any(hours => hours.Covers(local));

    public bool Fits(RotaNeed need) =>
        (need.Language.Length == 0 || Languages.Count == 0 || Languages.Contains(need.Language, StringComparer.OrdinalIgnoreCase))
        && need.Skills.All(skill => Skills.Contains(skill, StringComparer.OrdinalIgnoreCase));
}

/// <summary>Those who are asked together.</summary>
/// <param name="Name">For people.</param>
/// <param name="Patience">How long they have before the next tier is asked.</param>
/// <param name="Members">In no order.</param>
internal sealed record RotaTier(string Name, TimeSpan Patience, IReadOnlyList<RotaMember> Members);

/// <summary>What a call asks of whoever helps.</summary>
/// <param name="Language">Empty: not known.</param>
/// <param name="Skills">All of them are needed.</param>
internal readonly record struct RotaNeed(string Language, IReadOnlyList<string> Skills)
{
    public static RotaNeed None { get; } = new("", []);

    /// <summary>From the call's correlation ids: <c>language</c>, and <c>skills</c> separated by commas.</summary>
    public static RotaNeed Of(V1.Call? call) => call is null ? None : new RotaNeed(
        call.CorrelationIds.TryGetValue("language", out var language) ? language : "",
        call.CorrelationIds.TryGetValue("skills", out var skills) ? skills.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : []);
}

/// <summary>A tier with those who are on duty and fit.</summary>
/// <param name="Index">Place in the team's tiers.</param>
/// <param name="Tier">The tier.</param>
/// <param name="Subjects">In the order of their names; empty: the tier is passed over.</param>
internal readonly record struct TierDuty(int Index, RotaTier Tier, IReadOnlyList<string> Subjects);

/// <summary>Who is asked, in which order, at which time.</summary>
internal sealed record Rota
{
    /// <summary>The team that stands for those without tiers of their own.</summary>
    public const string AnyTeam = "*";

    public static Rota Empty { get; } = new();

    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    public IReadOnlyDictionary<string, IReadOnlyList<RotaTier>> Teams { get; init; } = new Dictionary<string, IReadOnlyList<RotaTier>>(StringComparer.Ordinal);

    /// <summary>Every tier of a team at a moment; none without a rota for it.</summary>
    public IReadOnlyList<TierDuty> WhoWouldGet(string team, DateTimeOffset at, RotaNeed need)
    {
        if (!Teams.TryGetValue(team, out var tiers) && !Teams.TryGetValue(AnyTeam, out tiers)) return [];
        var local = TimeZoneInfo.ConvertTime(at, Zone).DateTime;
        return [.. tiers.Select((tier, index) => new TierDuty(index, tier,
            [.. tier.Members.Where(member => member.IsOnDuty(local) && member.Fits(need)).Select(member => member.Subject).Order(StringComparer.Ordinal)]))];
    }

    /// <summary>The first tier behind <paramref name="after"/> that has somebody on duty; null when there is none.</summary>
    public TierDuty? Next(string team, int after, DateTimeOffset at, RotaNeed need)
    {
        foreach (var duty in WhoWouldGet(team, at, need))
        {
            if (duty.Index > after && duty.Subjects.Count > 0) return duty;
        }

        return null;
    }

    /// <summary>How long an alert of that team may wait in a tier; null when there is no such tier.</summary>
    public TimeSpan? Patience(string team, int tier) =>
        (Teams.TryGetValue(team, out var tiers) || Teams.TryGetValue(AnyTeam, out tiers)) && tier < tiers.Count ? tiers[tier].Patience : null;
}
