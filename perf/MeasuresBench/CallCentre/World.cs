using EdgeAssist.AlertRelay.Measures;
using EdgeAssist.AlertRelay.Measures.Statistics;

namespace EdgeAssist.MeasuresBench.CallCentre;

/// <summary>A call centre that does not exist, and what the product does to it.</summary>
internal sealed record WorldSettings
{
    public ulong Seed { get; init; } = 1;

    public DateTimeOffset FirstDay { get; init; } = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    public int Days { get; init; } = 90;

    /// <summary>From this day on the treated teams are assisted.</summary>
    public int ChangeDay { get; init; } = 45;

    public IReadOnlyList<string> Treated { get; init; } = ["billing", "support"];

    public IReadOnlyList<string> Controls { get; init; } = ["sales"];

    /// <summary>Of a team on an average day.</summary>
    public double CallsPerDay { get; init; } = 40;

    /// <summary>What assistance makes of the time until the customer is calm: 1 leaves it as it is.</summary>
    public double CalmFactor { get; init; } = 0.7;

    /// <summary>What assistance makes of the chance that an upset customer never calms.</summary>
    public double NeverFactor { get; init; } = 0.8;
}

/// <summary>One call as it will go. Seconds are from its start.</summary>
internal sealed record PlannedCall
{
    public required string Id { get; init; }

    public required string Team { get; init; }

    public required int Day { get; init; }

    public required DateTimeOffset Start { get; init; }

    public required string Agent { get; init; }

    public required string Customer { get; init; }

    public required bool Assisted { get; init; }

    public required double Length { get; init; }

    public double? EscalatesAt { get; init; }

    public double? CalmsAt { get; init; }

    public double? TransferAt { get; init; }

    public bool Shown { get; init; }

    public double? ClaimedAt { get; init; }

    public double? EndedByPersonAt { get; init; }

    public bool Dismissed { get; init; }

    public int? Satisfaction { get; init; }

    /// <summary>The cycle's value with the product less the value it would have had without, in seconds; 0 where nothing was changed.</summary>
    public double TrueEffect { get; init; }
}

/// <summary>
/// Calls with a pattern over weekdays and hours, days that are bad for everybody, days that are bad for one team, customers that
/// come back, and a known effect. The same settings give the same calls.
/// </summary>
internal static class World
{
    private static readonly double[] WeekdayLoad = [1.35, 1.1, 1.0, 1.0, 0.95, 0.4, 0];       // Monday first; closed on Sundays
    private static readonly double[] HourLoad = [0.6, 1.1, 1.3, 1.2, 0.8, 0.9, 1.1, 1.2, 1.0, 0.8];   // 8 to 17 h
    private static readonly double[] WeekdayAnger = [1.25, 1.05, 1.0, 1.0, 1.0, 1.1, 1.0];

    public static IReadOnlyList<PlannedCall> Plan(WorldSettings settings)
    {
        var random = new SeededRandom(settings.Seed);
        var calls = new List<PlannedCall>();
        var returning = new Dictionary<(string Team, int Day), List<string>>();
        var customers = 0;
        for (var day = 0; day < settings.Days; day++)
        {
            var weekday = (int)(settings.FirstDay.AddDays(day).DayOfWeek + 6) % 7;
            var dayShock = 0.10 * random.NextNormal();
            foreach (var team in settings.Treated.Concat(settings.Controls))
            {
                var teamShock = dayShock + 0.05 * random.NextNormal();
                var back = returning.GetValueOrDefault((team, day)) ?? [];
                for (var hour = 0; hour < HourLoad.Length; hour++)
                {
                    var expected = settings.CallsPerDay * WeekdayLoad[weekday] * HourLoad[hour] / HourLoad.Sum();
                    for (var count = Poisson(random, expected); count > 0; count--)
                    {
                        var start = settings.FirstDay.AddDays(day).AddHours(8 + hour).AddSeconds(Math.Floor(3600 * random.NextUnit()));
                        var customer = Take(back) ?? FormattableString.Invariant($"+4930{5_000_000 + customers++}");
                        var call = Call(settings, random, calls.Count, team, day, start, customer, teamShock + Math.Log(WeekdayAnger[weekday]) + (hour >= 7 ? 0.1 : 0));
                        calls.Add(call);
                        if (random.NextUnit() < (call is { EscalatesAt: not null, CalmsAt: null } ? 0.35 : 0.12))
                        {
                            var key = (team, day + 1 + random.NextInt(6));
                            if (!returning.TryGetValue(key, out var list)) returning[key] = list = [];
                            list.Add(customer);
                        }
                    }
                }
            }
        }

        return [.. calls.OrderBy(call => call.Start).ThenBy(call => call.Id, StringComparer.Ordinal)];
    }

    /// <summary>What the product did to the assisted cycles of the treated teams, as it is: the number that a report should come close to.</summary>
    public static double TrueEffect(IReadOnlyList<PlannedCall> calls)
    {
        var assisted = calls.Where(call => call is { Assisted: true, EscalatesAt: not null }).ToArray();
        return assisted.Length == 0 ? 0 : assisted.Average(call => call.TrueEffect);
    }

    private static PlannedCall Call(WorldSettings settings, SeededRandom random, int number, string team, int day, DateTimeOffset start, string customer, double anger)
    {
        // Drawn in any case, so that worlds with and without an effect are the same otherwise.
        double escalates = random.NextUnit(), at = random.NextUnit(), time = random.NextNormal(), never = random.NextUnit(), tail = random.NextUnit();
        double transfer = random.NextUnit(), shown = random.NextUnit(), claim = random.NextUnit(), claimAfter = random.NextUnit(), judged = random.NextUnit(), wrong = random.NextUnit();
        double answers = random.NextUnit(), mood = random.NextNormal(), agent = random.NextUnit();

        var assisted = day >= settings.ChangeDay && settings.Treated.Contains(team);
        var isUpset = escalates < 0.35 * Math.Exp(0.3 * anger);
        var escalatesAt = Math.Round(20 + 100 * at);
        var (without, neverWithout) = (Math.Round(Math.Exp(4.9 + anger + 0.6 * time), 1), never < 0.06);
        var (with, neverWith) = (Math.Round(settings.CalmFactor * without, 1), never < 0.06 * settings.NeverFactor);
        var (calm, isNever) = assisted ? (with, neverWith) : (without, neverWithout);
        var length = !isUpset ? Math.Round(90 + 400 * tail) : Math.Round(escalatesAt + (isNever ? 60 + 300 * tail : calm + 45 + 120 * tail));
        var cap = MeasureCatalog.Cap.TotalSeconds;
        var effect = assisted && isUpset ? (neverWith ? cap : Math.Min(cap, with)) - (neverWithout ? cap : Math.Min(cap, without)) : 0;
        var helped = isUpset && assisted && claim < 0.8;
        var claimedAt = Math.Round(escalatesAt + 8 + 40 * claimAfter);
        return new PlannedCall
        {
            Id = FormattableString.Invariant($"{settings.Seed:x8}{number:x24}"),
            Team = team,
            Day = day,
            Start = start,
            Agent = FormattableString.Invariant($"{team}-{(int)(8 * agent)}"),
            Customer = customer,
            Assisted = assisted,
            Length = length,
            EscalatesAt = isUpset ? escalatesAt : null,
            CalmsAt = isUpset && !isNever ? escalatesAt + calm : null,
            TransferAt = transfer < 0.1 ? Math.Round(length / 3) : null,
            Shown = isUpset && assisted && shown < 0.95,
            ClaimedAt = helped ? claimedAt : null,
            EndedByPersonAt = helped && judged < 0.75 ? Math.Max(claimedAt + 5, Math.Round(length * 0.9)) : null,
            Dismissed = wrong < 0.15,
            Satisfaction = answers < 0.3 ? (int)Math.Clamp(Math.Round(4.1 - (isUpset ? isNever ? 1.6 : 0.7 : 0) + 0.8 * mood), 1, 5) : null,
            TrueEffect = effect,
        };
    }

    private static string? Take(List<string> customers)
    {
        if (customers.Count == 0) return null;
        var last = customers[^1];
        customers.RemoveAt(customers.Count - 1);
        return last;
    }

    // Knuth's method; the means here are small.
    private static int Poisson(SeededRandom random, double mean)
    {
        if (mean <= 0) return 0;
        var (limit, product, count) = (Math.Exp(-mean), random.NextUnit(), 0);
        for (; product > limit; count++) product *= random.NextUnit();
        return count;
    }
}
