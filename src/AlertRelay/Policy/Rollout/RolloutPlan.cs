using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAssist.AlertRelay.Policy.Rollout;

/// <summary>What a plan is made from.</summary>
public sealed record RolloutRequest
{
    /// <summary>1 to 64 letters, digits, dots, dashes and underscores.</summary>
    public required string Plan { get; init; }

    /// <summary>Any text; the same request with the same seed gives the same plan.</summary>
    public required string Seed { get; init; }

    /// <summary>IANA name of the time zone whose midnight is meant, for example <c>Europe/Berlin</c>.</summary>
    public required string Zone { get; init; }

    public required IReadOnlyList<string> Teams { get; init; }

    /// <summary>The first silent day of all teams.</summary>
    public required DateOnly BaselineFrom { get; init; }

    /// <summary>The first day on which a team is shown anything.</summary>
    public required DateOnly FirstStart { get; init; }

    /// <summary>Days from one start to the next, 1 to 366.</summary>
    public int EveryDays { get; init; } = 7;

    /// <summary>Teams that start on one day.</summary>
    public int TeamsPerStep { get; init; } = 1;

    /// <summary>The last day of the plan; the assignment is exported up to here.</summary>
    public required DateOnly Until { get; init; }
}

/// <summary>A team and the first day on which it is shown anything.</summary>
public sealed record RolloutStart(string Team, DateOnly Day);

/// <summary>
/// A staggered roll-out (stepped wedge): all teams are silent first, and start one after the other in an order that the seed
/// decides and nobody chooses. Frozen: the seal is SHA-256 over everything else, and the order follows from the request, so that
/// a plan that was touched does not verify.
/// </summary>
public sealed record RolloutPlan
{
    private const int MaxTeams = 200, MaxDays = 1100, MaxEvery = 366;

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required RolloutRequest Request { get; init; }

    /// <summary>In the order of the starts, then of the names.</summary>
    public required IReadOnlyList<RolloutStart> Starts { get; init; }

    /// <summary>Lower-case hexadecimal.</summary>
    public required string Seal { get; init; }

    [JsonIgnore]
    public string Id => Request.Plan;

    /// <exception cref="InvalidDataException">The request cannot work; the sentence says what is wrong.</exception>
    public static RolloutPlan Make(RolloutRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);

        Check(request);
        var order = request.Teams.OrderBy(team => Digest(request.Seed + "\n" + team), StringComparer.Ordinal).ToList();
        var starts = order
            .Select((team, place) => new RolloutStart(team, request.FirstStart.AddDays(place / request.TeamsPerStep * request.EveryDays)))
            .OrderBy(start => start.Day).ThenBy(start => start.Team, StringComparer.Ordinal)
            .ToList();
        if (starts[^1].Day > request.Until)
            throw new InvalidDataException($"The last of {starts.Count} teams would start on {Text(starts[^1].Day)}, behind the plan's end on {Text(request.Until)}. Choose a later end, shorter steps or more teams a step.");
        return new RolloutPlan { Request = request, Starts = starts, Seal = SealOf(request, starts) };
    }

    /// <exception cref="InvalidDataException">It is no plan, or was touched; the sentence says what is wrong.</exception>
    public static RolloutPlan Parse(string json)
    {
        RolloutPlan read;
        try
        {
            read = JsonSerializer.Deserialize<RolloutPlan>(json, Strict) ?? throw new InvalidDataException("It is empty.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"Line {broken.LineNumber + 1}: {broken.Message}", broken);
        }

        if (read.Seal != SealOf(read.Request, read.Starts)) throw new InvalidDataException("The seal is not that of its content: the plan was changed after it was made.");
        var made = Make(read.Request);
        return made.Starts.SequenceEqual(read.Starts) ? read : throw new InvalidDataException("The starts are not those that the seed gives: the plan was not made by this program from its request.");
    }

    public string ToJson() => JsonSerializer.Serialize(this, Strict) + "\n";

    /// <summary>The assignment, a row a team and day: <c>plan,day,team,mode</c>.</summary>
    public string ToCsv()
    {
        var csv = new StringBuilder("plan,day,team,mode\r\n");
        for (var day = Request.BaselineFrom; day <= Request.Until; day = day.AddDays(1))
        {
            foreach (var start in Starts.OrderBy(start => start.Team, StringComparer.Ordinal))
                csv.Append(Id).Append(',').Append(Text(day)).Append(',').Append(Quote(start.Team)).Append(',').Append(day < start.Day ? "observe" : "assist").Append("\r\n");
        }

        return csv.ToString();
    }

    /// <summary>What the plan says of a day: null before it begins and after it ends.</summary>
    internal V1.PolicyMode? On(string team, DateOnly day)
    {
        if (day < Request.BaselineFrom || day > Request.Until) return null;
        return Starts.FirstOrDefault(start => start.Team == team) is not { } own ? null : day < own.Day ? V1.PolicyMode.Observe : V1.PolicyMode.Assist;
    }

    /// <summary>The moment a local day begins; where clocks jump over midnight, the first moment there is.</summary>
    internal DateTimeOffset Begins(DateOnly day)
    {
        var zone = TimeZone;
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(1);

        // Midnight that comes twice (clocks set back over it): the first one, with the larger offset.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    /// <summary>The local day of a moment.</summary>
    internal DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, TimeZone).DateTime);

    private TimeZoneInfo TimeZone => TimeZoneInfo.FindSystemTimeZoneById(Request.Zone);

    private static void Check(RolloutRequest request)
    {
        if (request.Plan.Length is 0 or > 64 || !request.Plan.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') || request.Plan.StartsWith('.'))
            throw new InvalidDataException($"The plan's name is «{request.Plan}»; 1 to 64 letters, digits, dashes, underscores and inner dots fit.");
        if (request.Seed.Length is 0 or > 200) throw new InvalidDataException("The seed is empty or longer than 200 characters.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(request.Zone, out _)) throw new InvalidDataException($"There is no time zone «{request.Zone}»; write for example Europe/Berlin.");
        if (request.Teams.Count is 0 or > MaxTeams) throw new InvalidDataException($"{request.Teams.Count} teams; 1 to {MaxTeams} fit.");
        if (request.Teams.Any(string.IsNullOrWhiteSpace) || request.Teams.Contains(TeamModes.Others)) throw new InvalidDataException("Teams are named one by one; an empty name and «*» are none.");
        if (request.Teams.Distinct(StringComparer.Ordinal).Count() != request.Teams.Count) throw new InvalidDataException("A team is named twice.");
        if (request.EveryDays is < 1 or > MaxEvery) throw new InvalidDataException($"{request.EveryDays} days from start to start; 1 to {MaxEvery} fit.");
        if (request.TeamsPerStep < 1) throw new InvalidDataException("At least one team starts a step.");
        if (request.BaselineFrom >= request.FirstStart) throw new InvalidDataException($"The silent days from {Text(request.BaselineFrom)} are to come before the first start on {Text(request.FirstStart)}: without them there is nothing to compare with.");
        if (request.Until.DayNumber - request.BaselineFrom.DayNumber > MaxDays) throw new InvalidDataException($"The plan is longer than {MaxDays} days.");
    }

    // Over the values, not over the text: white space and the order of members in the file do not count.
    private static string SealOf(RolloutRequest request, IReadOnlyList<RolloutStart> starts)
    {
        string[] parts =
        [
            "edgeassist-rollout-1", request.Plan, request.Seed, request.Zone, Text(request.BaselineFrom), Text(request.FirstStart), Number(request.EveryDays), Number(request.TeamsPerStep),
            Text(request.Until), Number(request.Teams.Count), .. request.Teams, Number(starts.Count), .. starts.SelectMany(start => (string[])[start.Team, Text(start.Day)]),
        ];
        return Digest(string.Concat(parts.Select(part => $"{Number(Encoding.UTF8.GetByteCount(part))}:{part}")));
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Quote(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
