using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Rules;

public sealed class RotaTests
{
    private const string Json = """
        {
          "zone": "Europe/Berlin",
          "teams": {
            "billing": [
              { "tier": "leads", "members": [
                { "subject": "sue", "hours": "Mon-Fri 08:00-16:00" },
                { "subject": "tom", "hours": "Mon-Fri 12:00-20:00, Sat 22:00-06:00", "languages": ["de"], "skills": ["refunds"] } ] },
              { "tier": "manager", "patience": "00:01:00", "members": [ { "subject": "mia" } ] }
            ],
            "*": [ { "members": [ { "subject": "desk" } ] } ]
          }
        }
        """;

    private static readonly Rota Rota = RotaFile.Parse(Json);

    [Theory]
    [InlineData("2026-01-05T08:30:00Z", "sue")]          // Monday 09:30 in Berlin
    [InlineData("2026-01-05T07:00:00Z", "sue")]          // 08:00: included
    [InlineData("2026-01-05T06:59:59Z", "")]
    [InlineData("2026-01-05T12:00:00Z", "sue,tom")]      // 13:00
    [InlineData("2026-01-05T15:00:00Z", "tom")]          // 16:00: no longer
    [InlineData("2026-01-10T22:00:00Z", "tom")]          // Saturday 23:00
    [InlineData("2026-01-11T04:30:00Z", "tom")]          // Sunday 05:30: over midnight
    [InlineData("2026-01-11T05:00:00Z", "")]
    [InlineData("2026-07-06T06:00:00Z", "sue")]          // summer time: 08:00
    public void Who_is_on_duty_goes_by_the_clock_of_the_rotas_zone(string at, string expected)
    {
        var duty = Rota.WhoWouldGet("billing", DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), RotaNeed.None)[0];

        Assert.Equal(expected, string.Join(',', duty.Subjects));
    }

    [Fact]
    public void A_tier_without_anybody_on_duty_is_passed_over()
    {
        var night = new DateTimeOffset(2026, 1, 5, 2, 0, 0, TimeSpan.Zero);

        Assert.Equal("manager", Rota.Next("billing", -1, night, RotaNeed.None)!.Value.Tier.Name);
        Assert.Null(Rota.Next("billing", 1, night, RotaNeed.None));
    }

    [Fact]
    public void Language_and_skills_choose_among_those_on_duty()
    {
        var noon = new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(["tom"], Rota.WhoWouldGet("billing", noon, new RotaNeed("", ["refunds"]))[0].Subjects);
        Assert.Equal(["sue"], Rota.WhoWouldGet("billing", noon, new RotaNeed("fr", []))[0].Subjects);
    }

    [Fact]
    public void A_team_that_is_not_named_has_the_tiers_of_any_team()
    {
        Assert.Equal(["desk"], Rota.WhoWouldGet("sales", DateTimeOffset.UnixEpoch, RotaNeed.None).Single().Subjects);
        Assert.Equal(TimeSpan.FromSeconds(30), Rota.Patience("sales", 0));
        Assert.Empty(Rota.Empty.WhoWouldGet("sales", DateTimeOffset.UnixEpoch, RotaNeed.None));
    }

    [Theory]
    [InlineData("""{ "teams": {} }""", "teams: there is none")]
    [InlineData("""{ "zone": "Mars/Olympus", "teams": { "a": [] } }""", "Mars/Olympus")]
    [InlineData("""{ "teams": { "a": [] } }""", "teams.a: it has 0 tiers")]
    [InlineData("""{ "teams": { "a": [ { "members": [] } ] } }""", "teams.a[0].members: there is nobody")]
    [InlineData("""{ "teams": { "a": [ { "members": [ { "subject": "" } ] } ] } }""", "teams.a[0].members[0].subject is empty")]
    [InlineData("""{ "teams": { "a": [ { "members": [ { "subject": "x", "hours": "Mo-Fr 8-16" } ] } ] } }""", "hours: \"Mo-Fr 8-16\" cannot be read")]
    [InlineData("""{ "teams": { "a": [ { "members": [ { "subject": "x" }, { "subject": "x" } ] } ] } }""", "\"x\" is there twice")]
    [InlineData("""{ "teams": { "a": [ { "patience": "00:00:00", "members": [ { "subject": "x" } ] } ] } }""", "patience is 00:00:00")]
    [InlineData("""{ "teams": { "a": [ { "membres": [] } ] } }""", "membres")]
    public void A_rota_that_cannot_work_is_refused_with_what_and_where(string json, string expected)
    {
        using var directory = new TempDirectory();
        var path = Path.Combine(directory.Path, "rota.json");
        File.WriteAllText(path, json);

        var refused = Assert.Throws<InvalidDataException>(() => RotaFile.Read(path));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_comes_into_force_and_a_broken_one_does_not()
    {
        using var directory = new TempDirectory();
        var path = Path.Combine(directory.Path, "rota.json");
        File.WriteAllText(path, Json);
        var told = new List<string>();
        var source = new RotaSource(path, told.Add);

        Write(Json.Replace("\"mia\"", "\"max\"", StringComparison.Ordinal), 1);
        source.Refresh();
        Write("{", 2);
        source.Refresh();

        Assert.Equal("max", source.Current.Teams["billing"][1].Members[0].Subject);
        Assert.Single(told);

        void Write(string json, int minutes)
        {
            File.WriteAllText(path, json);
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddMinutes(minutes));
        }
    }
}
