using EdgeAssist.AlertRelay.Readiness;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Readiness;

public sealed class ReadinessTests
{
    private static readonly ReadinessFacts Good = new()
    {
        Source = "a test",
        Calls = 1000,
        Separated = 1000,
        RolesKnown = 1000,
        Codecs = new Dictionary<string, int> { ["PCMU"] = 2000 },
        Audio = [new AudioQuality("a", -20, -60, 0, 0.4)],
        OneWay = [],
        LossShares = [0, 0, 0.001],
        Confidences = [.. Enumerable.Repeat(0.9, 100)],
        WordErrors = (10, 100),
        History = (1000, 900),
        HistoryAge = TimeSpan.FromHours(2),
        Duplicates = [],
        Satisfaction = (100, 3),
        Consent = (1000, 2),
        Clock = new ClockReading(true, true, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20)),
        Storage = new StorageReading(100L << 30, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3)),
        Capacity = new CapacityReading(30, "a test"),
        Teams = [new TeamVolume("billing", 40_000, 30)],
        EscalationShare = 0.1,
    };

    [Fact]
    public void Where_all_is_well_everything_passes_with_its_number_and_without_a_fix()
    {
        var report = ReadinessReport.Of(Good, new ReadinessPlan());

        Assert.All(report.Items, item => Assert.Equal((item.Id, ReadinessVerdict.Pass, ""), (item.Id, item.Verdict, item.Fix)));
        Assert.All(report.Items, item => Assert.Matches("[0-9]", item.Finding));
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public void What_nobody_could_look_at_is_a_warning_with_the_way_to_find_out()
    {
        var report = ReadinessReport.Of(new ReadinessFacts { Source = "nothing", Calls = 100 }, new ReadinessPlan());

        Assert.All(report.Items.Where(item => item.Id != "calls"), item => Assert.Equal((item.Id, ReadinessVerdict.Warn), (item.Id, item.Verdict)));
        Assert.All(report.Items.Where(item => item.Verdict != ReadinessVerdict.Pass), item => Assert.NotEmpty(item.Fix));
        Assert.Equal(3, report.ExitCode);
    }

    public static TheoryData<string, ReadinessVerdict, string> Worse { get; } = new()
    {
        { "channels", ReadinessVerdict.Warn, "900 of 1000 (90 %)" },
        { "roles", ReadinessVerdict.Fail, "500 of 1000 (50 %)" },
        { "codecs", ReadinessVerdict.Fail, "not decoded: G729" },
        { "level", ReadinessVerdict.Fail, "−45 dB" },
        { "clipping", ReadinessVerdict.Fail, "2.0 %" },
        { "noise", ReadinessVerdict.Fail, "less than 15 dB" },
        { "one-way audio", ReadinessVerdict.Warn, "100 of 1000 (10 %)" },
        { "loss", ReadinessVerdict.Warn, "3.0 %" },
        { "recognition", ReadinessVerdict.Fail, "50 % below 0.60" },
        { "word errors", ReadinessVerdict.Warn, "25 % over 100 words" },
        { "history", ReadinessVerdict.Fail, "20 days old" },
        { "duplicates", ReadinessVerdict.Warn, "x0, x1, x2 and 47 more" },
        { "satisfaction", ReadinessVerdict.Warn, "20 answers without a call" },
        { "consent", ReadinessVerdict.Warn, "900 of 1000" },
        { "clock", ReadinessVerdict.Fail, "not synchronised" },
        { "storage", ReadinessVerdict.Fail, "200.0 ms in the median" },
        { "capacity", ReadinessVerdict.Warn, "about 11 calls at once, 10 are planned" },
        { "calls per team", ReadinessVerdict.Fail, "with 300 calls" },
    };

    [Theory]
    [MemberData(nameof(Worse))]
    public void Each_item_falls_with_its_own_number(string id, ReadinessVerdict expected, string finding)
    {
        var facts = id switch
        {
            "channels" => Good with { Separated = 900 },
            "roles" => Good with { RolesKnown = 500 },
            "codecs" => Good with { Undecodable = ["G729"] },
            "level" => Good with { Audio = [new AudioQuality("a", -45, -80, 0, 0.4)] },
            "clipping" => Good with { Audio = [new AudioQuality("a", -20, -60, 0.02, 0.4)] },
            "noise" => Good with { Audio = [new AudioQuality("a", -20, -30, 0, 0.4)] },
            "one-way audio" => Good with { OneWay = [.. Enumerable.Range(0, 100).Select(i => $"x{i}")] },
            "loss" => Good with { LossShares = [.. Enumerable.Repeat(0.03, 50)] },
            "recognition" => Good with { Confidences = [.. Enumerable.Repeat(0.9, 50), .. Enumerable.Repeat(0.4, 50)] },
            "word errors" => Good with { WordErrors = (25, 100) },
            "history" => Good with { HistoryAge = TimeSpan.FromDays(20) },
            "duplicates" => Good with { Duplicates = [.. Enumerable.Range(0, 50).Select(i => $"x{i}")] },
            "satisfaction" => Good with { Satisfaction = (10, 20) },
            "consent" => Good with { Consent = (900, 0) },
            "clock" => Good with { Clock = new ClockReading(true, false, default, default) },
            "storage" => Good with { Storage = new StorageReading(100L << 30, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300)) },
            "capacity" => Good with { Capacity = new CapacityReading(11, "a test") },
            _ => Good with { Teams = [new TeamVolume("billing", 300, 30)] },
        };

        var report = ReadinessReport.Of(facts, new ReadinessPlan());

        var item = Assert.Single(report.Items, item => item.Verdict != ReadinessVerdict.Pass);
        Assert.Equal((id, expected), (item.Id, item.Verdict));
        Assert.Contains(finding, item.Finding, StringComparison.Ordinal);
        Assert.NotEmpty(item.Fix);
        Assert.Contains(item.Fix.Split(' ')[0], report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_never_had_so_many_calls_is_not_known_to_be_too_small()
    {
        var item = ReadinessReport.Of(Good with { Capacity = new CapacityReading(3, "a test", IsLowerBound: true) }, new ReadinessPlan()).Items.Single(item => item.Id == "capacity");

        Assert.Equal((ReadinessVerdict.Warn, "at least 3 calls at once, 10 are planned (a test)"), (item.Verdict, item.Finding));
    }

    [Fact]
    public void The_minimum_detectable_difference_is_the_textbooks()
    {
        // Two shares of 10 %, level 5 %, power 80 %: (1.95996 + 0.84162) * sqrt(2 * 0.09 / 3530) = 0.0200.
        Assert.Equal(0.0200, ReadinessChecks.MinimumDetectable(0.1, 3530), 4);
        Assert.Equal(double.PositiveInfinity, ReadinessChecks.MinimumDetectable(0.1, 0));
    }

    [Theory]
    [InlineData(0.5, -9.03, 0)]    // a sine of half the scale: 20 log10(0.5) - 3.01
    [InlineData(0.05, -29.03, 0)]
    [InlineData(4, -0.7, 0.7)]     // four times the scale: cut off for most of its way
    public void Level_and_clipping_are_those_of_the_tone(double amplitude, double expectedDb, double leastClipped)
    {
        var samples = new short[8000 * 4];
        for (var i = 0; i < samples.Length; i++)
        {
            // Half of the time silent, so that there is something to be heard above.
            if (i / 8000 % 2 == 0) samples[i] = (short)Math.Clamp(amplitude * 32767 * Math.Sin(2 * Math.PI * 200 * i / 8000), -32767, 32767);
        }

        var measured = AudioMeter.Measure("tone", samples, 8000);

        Assert.Equal(expectedDb, measured.SpeechDbfs, 0.7);
        Assert.Equal(0.5, measured.ActiveShare, 2);
        Assert.InRange(measured.ClippedShare * 2, leastClipped, leastClipped == 0 ? 0 : 1);
        Assert.False(measured.IsSilent);
    }

    [Fact]
    public void Silence_and_nothing_are_silent()
    {
        Assert.True(AudioMeter.Measure("silence", new short[8000], 8000).IsSilent);
        Assert.True(AudioMeter.Measure("nothing", [], 8000).IsSilent);
    }

    [Fact]
    public async Task The_service_looks_at_the_calls_of_the_journal()
    {
        using var directory = new TempDirectory();
        await using var server = await RelayServer.StartAsync(directory.Path);
        for (var i = 0; i < 3; i++)
        {
            var call = Say.NewCall();
            await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
            await server.Sink.PublishAsync(Say.Final(call, 1), Patience.Normal);
            await server.Sink.PublishAsync(Say.Score(call, i == 0 ? EscalationLevel.Escalated : EscalationLevel.Calm), Patience.Normal);
            await server.Sink.PublishAsync(Say.Ended(call), Patience.Normal);
        }

        var client = new V1.Readiness.ReadinessClient(server.Invoker());
        var report = await client.CheckAsync(new V1.CheckReadinessRequest { PlannedCalls = 5 }, server.Headers());
        var map = await client.GetProcessMapAsync(new V1.GetProcessMapRequest(), server.Headers());

        var items = report.Items.ToDictionary(item => item.Id);
        Assert.Equal((V1.ReadinessVerdict.Pass, "3 of 3 (100 %) calls have each party on a stream of its own"), (items["channels"].Verdict, items["channels"].Finding));
        Assert.Contains("5 are planned", items["capacity"].Finding, StringComparison.Ordinal);
        Assert.Equal((3, 1), (map.Calls, map.UpsetCalls));
        Assert.Contains("<svg", map.Html, StringComparison.Ordinal);
    }
}
