using System.Globalization;
using System.Text.Json;
using EdgeAssist.AlertRelay.Rules;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>
/// The rota as JSON:
/// <c>{ "zone": "Europe/Berlin", "teams": { "billing": [ { "tier": "leads", "patience": "00:00:30", "members":
/// [ { "subject": "sue", "hours": "Mon-Fri 08:00-18:00", "languages": ["de"], "skills": ["refunds"] } ] } ] } }</c>.
/// Team «*» stands for the teams that are not named.
/// </summary>
internal static class RotaFile
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);
    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="InvalidDataException">The file is missing or something in it cannot work; the sentence says what and where.</exception>
    public static Rota Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The rota {path} cannot be read: {error.Message}", error);
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            throw new InvalidDataException($"The rota {path} cannot be used: {error.Message}", error);
        }
    }

    internal static Rota Parse(string json)
    {
        var read = JsonSerializer.Deserialize<RotaJson>(json, Strict) ?? throw new InvalidDataException("it is empty.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(read.Zone, out var zone)) throw new InvalidDataException($"zone: \"{read.Zone}\" is no time zone. Write one such as Europe/Berlin or UTC.");
        if (read.Teams.Count == 0) throw new InvalidDataException("teams: there is none. Name a team, or «*» for all.");

        var teams = new Dictionary<string, IReadOnlyList<RotaTier>>(StringComparer.Ordinal);
        foreach (var (team, tiers) in read.Teams)
        {
            if (tiers.Count is 0 or > 10) throw new InvalidDataException($"teams.{team}: it has {tiers.Count} tiers; 1 to 10 fit.");
            teams[team] = [.. tiers.Select((tier, index) => Tier(tier, string.Create(CultureInfo.InvariantCulture, $"teams.{team}[{index}]")))];
        }

        return new Rota { Zone = zone, Teams = teams };
    }

    private static RotaTier Tier(TierJson tier, string where)
    {
        var patience = tier.Patience ?? DefaultPatience;
        if (patience < TimeSpan.FromSeconds(1) || patience > TimeSpan.FromHours(1)) throw new InvalidDataException($"{where}.patience is {patience}; 1 second to 1 hour fit.");
        if (tier.Members.Count == 0) throw new InvalidDataException($"{where}.members: there is nobody.");
        var twice = tier.Members.GroupBy(member => member.Subject, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new InvalidDataException($"{where}.members: \"{twice.Key}\" is there twice.");
        return new RotaTier(tier.Tier.Length > 0 ? tier.Tier : where, patience, [.. tier.Members.Select((member, index) => Member(member, string.Create(CultureInfo.InvariantCulture, $"{where}.members[{index}]")))]);
    }

    private static RotaMember Member(MemberJson member, string where) => new()
    {
        Subject = member.Subject.Length > 0 ? member.Subject : throw new InvalidDataException($"{where}.subject is empty."),
        Hours = [.. member.Hours.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(hours => Duty(hours, where))],
        Languages = member.Languages,
        Skills = member.Skills,
    };

    /// <summary><c>Mon-Fri 08:00-18:00</c>, <c>Sat 22:00-06:00</c>, <c>Sun</c>.</summary>
    private static DutyHours Duty(string text, string where)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var days = words[0].Split('-');
        var (first, last) = (Day(days[0]), Day(days[^1]));
        if (first < 0 || last < 0 || days.Length > 2 || words.Length > 2) throw Wrong();
        var length = (last - first + 7) % 7 + 1;
        IReadOnlyList<DayOfWeek> on = [.. Enumerable.Range(first, length).Select(day => (DayOfWeek)(day % 7))];
        if (words.Length == 1) return new DutyHours(on, TimeOnly.MinValue, TimeOnly.MinValue);

        var times = words[1].Split('-');
        return times.Length == 2 && TimeOnly.TryParseExact(times[0], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
            && TimeOnly.TryParseExact(times[1], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var to)
            ? new DutyHours(on, from, to)
            : throw Wrong();

        static int Day(string name) => Array.FindIndex(DayNames, day => day.Equals(name, StringComparison.OrdinalIgnoreCase));

        InvalidDataException Wrong() => new($"{where}.hours: \"{text}\" cannot be read. Write for example «Mon-Fri 08:00-18:00» or «Sat 22:00-06:00».");
    }

    private sealed record RotaJson
    {
        public string Zone { get; init; } = "UTC";

        public Dictionary<string, List<TierJson>> Teams { get; init; } = [];
    }

    private sealed record TierJson
    {
        public string Tier { get; init; } = "";

        public TimeSpan? Patience { get; init; }

        public List<MemberJson> Members { get; init; } = [];
    }

    private sealed record MemberJson
    {
        public string Subject { get; init; } = "";

        public string Hours { get; init; } = "";

        public string[] Languages { get; init; } = [];

        public string[] Skills { get; init; } = [];
    }
}

/// <summary>The rota in force: read at the start, and again when the file has changed. A bad file is told and changes nothing.</summary>
internal sealed class RotaSource(string path, Action<string> onBad)
{
    private readonly Lock _gate = new();
    private Rota _current = path.Length == 0 ? Rota.Empty : RotaFile.Read(path);
    private DateTime _written = path.Length == 0 ? default : File.GetLastWriteTimeUtc(path);

    public Rota Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    /// <summary>Looks whether the file has changed.</summary>
    public void Refresh()
    {
        if (path.Length == 0) return;
        lock (_gate)
        {
            var written = File.GetLastWriteTimeUtc(path);
            if (written == _written) return;
            _written = written;
            try
            {
                _current = RotaFile.Read(path);
            }
            catch (InvalidDataException bad)
            {
                onBad(bad.Message);
            }
        }
    }
}
