using EdgeAssist.AlertRelay.Journal;

namespace EdgeAssist.AlertRelay.Policy.Rollout;

/// <summary>Plans in the data directory, a file each: <c>rollout/NAME.json</c>. A plan that is there is never overwritten.</summary>
public static class RolloutFiles
{
    public static string Folder(string dataDirectory) => Path.Combine(dataDirectory, "rollout");

    public static string PathOf(string dataDirectory, string plan) => Path.Combine(Folder(dataDirectory), plan + ".json");

    /// <summary>Freezes a plan.</summary>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">There is one of that name, or it cannot be written.</exception>
    public static string Write(string dataDirectory, RolloutPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);

        Directory.CreateDirectory(Folder(dataDirectory));
        var path = PathOf(dataDirectory, plan.Id);
        var part = path + ".part";
        File.WriteAllText(part, plan.ToJson());
        try
        {
            File.Move(part, path, overwrite: false);
        }
        catch (IOException taken) when (File.Exists(path))
        {
            File.Delete(part);
            throw new IOException($"There is a plan {plan.Id} already ({path}). A plan is frozen; choose another name.", taken);
        }

        return path;
    }

    /// <exception cref="InvalidDataException">It is not there, cannot be read or was touched; the sentence says which.</exception>
    public static RolloutPlan Read(string path)
    {
        try
        {
            var plan = RolloutPlan.Parse(File.ReadAllText(path));
            return plan.Id == Path.GetFileNameWithoutExtension(path) ? plan : throw new InvalidDataException($"It is the plan {plan.Id} under another name.");
        }
        catch (Exception unfit) when (unfit is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The plan {path} cannot be used. {unfit.Message}", unfit);
        }
    }

    /// <summary>Names of the plans that are there.</summary>
    public static IReadOnlyList<string> Names(string dataDirectory) => Directory.Exists(Folder(dataDirectory))
        ? [.. Directory.EnumerateFiles(Folder(dataDirectory), "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>What the audit log knows of a plan: the seal under which the appliance took it up, its switches and deviations, oldest first.</summary>
    /// <returns>Empty when there is no audit log yet.</returns>
    /// <exception cref="IOException">The audit log cannot be read, or its chain is broken.</exception>
    public static IReadOnlyList<RolloutFact> Facts(string dataDirectory, string plan)
    {
        if (!File.Exists(Path.Combine(dataDirectory, "audit.db"))) return [];
        try
        {
            using var log = AuditLog.Open(dataDirectory, TimeProvider.System);
            if (log.Verify() is { } broken) throw new IOException($"The audit log was touched. {broken}");
            return
            [
                .. log.List(new AuditFilter { Actor = "plan:" + plan }, long.MaxValue, int.MaxValue)
                    .OrderBy(entry => entry.Number)
                    .Select(entry => new RolloutFact(entry.At.ToDateTimeOffset(), entry.Action, entry.Team, entry.Detail)),
            ];
        }
        catch (JournalException fault)
        {
            throw new IOException(fault.Message, fault);
        }
    }
}

/// <summary>Something that happened to a plan.</summary>
/// <param name="At">When.</param>
/// <param name="What"><c>rollout.plan</c> (taken up; the detail is its seal), <c>policy.switch</c> or <c>rollout.deviation</c>.</param>
/// <param name="Team">The team, if it is about one.</param>
/// <param name="Detail">For people.</param>
public sealed record RolloutFact(DateTimeOffset At, string What, string Team, string Detail)
{
    public const string TakenUp = "rollout.plan", Switch = "policy.switch", Deviation = "rollout.deviation";
}
