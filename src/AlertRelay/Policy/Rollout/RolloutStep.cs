using System.Globalization;

namespace EdgeAssist.AlertRelay.Policy.Rollout;

/// <summary>Something that is not as the plan says.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Team">The team.</param>
/// <param name="Sentence">What, for people; the same sentence is one deviation however often it is noticed.</param>
internal readonly record struct RolloutDeviation(string Plan, string Team, string Sentence);

/// <summary>What a plan calls for at a moment.</summary>
/// <param name="Switches">To be made now.</param>
/// <param name="Deviations">To be recorded.</param>
internal sealed record RolloutStep(IReadOnlyList<V1.PolicySwitch> Switches, IReadOnlyList<RolloutDeviation> Deviations)
{
    /// <summary>A switch later than that after its midnight is a deviation.</summary>
    public static readonly TimeSpan Punctual = TimeSpan.FromMinutes(1);

    /// <summary>Who makes a plan's switches.</summary>
    public static string Actor(RolloutPlan plan) => "plan:" + plan.Id;

    /// <param name="plan">The plan.</param>
    /// <param name="modes">In force now.</param>
    /// <param name="made">Switches that this plan made before.</param>
    /// <param name="now">Wall clock.</param>
    /// <param name="known">When this appliance first saw the plan; what lay before it was not its to do.</param>
    public static RolloutStep Decide(RolloutPlan plan, TeamModes modes, IReadOnlyList<V1.PolicySwitch> made, DateTimeOffset now, DateTimeOffset known)
    {
        var (switches, deviations) = (new List<V1.PolicySwitch>(), new List<RolloutDeviation>());
        var today = plan.Day(now);
        foreach (var start in plan.Starts)
        {
            if (plan.On(start.Team, today) is not { } planned) continue;
            var phase = planned == V1.PolicyMode.Observe ? plan.Request.BaselineFrom : start.Day;
            var began = plan.Begins(phase);
            if (!made.Any(each => each.Team == start.Team && each.Mode == planned && each.At.ToDateTimeOffset() >= began))
            {
                switches.Add(new V1.PolicySwitch
                {
                    Team = start.Team,
                    Mode = planned,
                    Actor = Actor(plan),
                    Reason = string.Create(CultureInfo.InvariantCulture, $"{AuditLog.Word(planned)} from {phase:yyyy-MM-dd}"),
                    Configured = modes.NewestOf(start.Team)?.Configured ?? V1.PolicyMode.Unspecified,
                });
                if (now - began > Punctual)
                    deviations.Add(Deviation(start.Team, string.Create(CultureInfo.InvariantCulture, $"{AuditLog.Word(planned)} was due at {began.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z and came at {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z")));
                if (planned == V1.PolicyMode.Assist && known < began && !made.Any(each => each.Team == start.Team && each.Mode == V1.PolicyMode.Observe))
                    deviations.Add(Deviation(start.Team, string.Create(CultureInfo.InvariantCulture, $"observe, due from {plan.Request.BaselineFrom:yyyy-MM-dd}, never came into force")));
            }
            else if (modes.Of(start.Team) != planned)
            {
                var by = modes.NewestOf(start.Team) ?? modes.NewestOf(TeamModes.Others);
                deviations.Add(Deviation(start.Team, string.Create(CultureInfo.InvariantCulture,
                    $"{AuditLog.Word(modes.Of(start.Team))} since {by?.At.ToDateTime():yyyy-MM-dd HH:mm:ss}Z by {by?.Actor}, planned is {AuditLog.Word(planned)}")));
            }
        }

        return new RolloutStep(switches, deviations);

        RolloutDeviation Deviation(string team, string sentence) => new(plan.Id, team, sentence);
    }
}
