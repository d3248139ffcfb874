using CsCheck;
using EdgeAssist.AlertRelay.Reconciliation;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Reconciliation;

public sealed class ReconcilerTests
{
    private static readonly DateTimeOffset Day = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly CdrMapping Mapping = CdrMapping.Parse("start=Start,id=Id,number=From,duration=Len,status=Status", TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

    /// <summary>Calls of few customers at many times, so that numbers repeat; each as the switch and as we know it.</summary>
    private static readonly Gen<(ExpectedCall Expected, SeenCall Seen)[]> Worlds = Gen.Select(Gen.Int[0, 36_000], Gen.Int[0, 5], Gen.Bool)
        .Array[0, 60]
        .Select(drafts => drafts.DistinctBy(draft => (draft.Item1 / 60, draft.Item2)).Select((draft, i) => (
            new ExpectedCall(i + 2, Day.AddSeconds(draft.Item1), draft.Item3 ? $"id{i}" : "", $"4930{draft.Item2}", TimeSpan.FromMinutes(2), true),
            new SeenCall($"c{i:D3}", Day.AddSeconds(draft.Item1 + 1), draft.Item3 ? [$"id{i}"] : [], [$"4930{draft.Item2}"], true))).ToArray());

    [Fact]
    public void Calls_that_were_all_seen_are_all_matched_whatever_the_order() => Gen.Select(Worlds, Gen.Int[0, 1000]).Sample((world, seed) =>
    {
        var random = new Random(seed);
        var expected = world.Select(each => each.Expected).OrderBy(_ => random.Next()).ToList();
        var seen = world.Select(each => each.Seen).OrderBy(_ => random.Next()).ToList();

        var result = Reconciler.Run(expected, seen, [], new ReconcileRules());
        var again = Reconciler.Run([.. expected.AsEnumerable().Reverse()], [.. seen.AsEnumerable().Reverse()], [], new ReconcileRules());

        Assert.All(result.Calls, call => Assert.Equal(MissingCause.None, call.Cause));
        Assert.Empty(result.Unexpected);
        Assert.Equal(result.Calls, again.Calls);
    });

    [Fact]
    public void Nothing_is_matched_twice_and_every_call_is_accounted_for() => Gen.Select(Worlds, Gen.Int[0, 1000]).Sample((world, seed) =>
    {
        var random = new Random(seed);
        var expected = world.Where(_ => random.Next(4) > 0).Select(each => each.Expected).ToList();
        var seen = world.Where(_ => random.Next(4) > 0).Select(each => each.Seen).ToList();

        var result = Reconciler.Run(expected, seen, [], new ReconcileRules());

        var used = result.Calls.Select(call => call.Seen).OfType<SeenCall>().ToList();
        Assert.Equal(used.Count, used.Distinct().Count());
        Assert.Equal(expected.Count, result.Calls.Count);
        Assert.Equal(seen.Count, used.Count + result.Unexpected.Count);
        Assert.All(result.Calls, call => Assert.Equal(call.Seen is null, call.Cause is not (MissingCause.None or MissingCause.MediaLost)));
    });

    [Fact]
    public void Clocks_that_differ_by_minutes_are_found_by_ids_and_taken_off_for_numbers()
    {
        var shift = TimeSpan.FromMinutes(7);
        var expected = Enumerable.Range(0, 6).Select(i => new ExpectedCall(i + 2, Day.AddMinutes(10 * i), i < 3 ? $"id{i}" : "", $"4930{i}", null, true)).ToList();
        var seen = expected.Select((call, i) => new SeenCall($"c{i}", call.Start + shift, call.Id.Length > 0 ? [call.Id] : [], [call.Number], true)).ToList();

        var result = Reconciler.Run(expected, seen, [], new ReconcileRules());

        Assert.Equal(shift, result.ClockDifference);
        Assert.All(result.Calls, call => Assert.Equal(MissingCause.None, call.Cause));
    }

    [Fact]
    public void Each_cause_is_told_apart()
    {
        ExpectedCall Call(int line, string id, string number = "", double seconds = 60, bool answered = true, int hour = 0) =>
            new(line, Day.AddHours(hour).AddSeconds(line), id, number, TimeSpan.FromSeconds(seconds), answered);
        ExpectedCall[] expected =
        [
            Call(2, "seen"), Call(3, "deaf"), Call(4, "short", seconds: 1), Call(5, "busy", answered: false), Call(6, "night", hour: 14), Call(7, "refused"), Call(8, "", "4930777"), Call(9, "gone"),
        ];
        SeenCall[] seen =
        [
            new("c1", Day, ["seen"], [], true), new("c2", Day, ["deaf"], [], false), new("c3", Day.AddMinutes(30), [], ["4930777"], true),
        ];
        var rules = new ReconcileRules { InHours = at => at.Hour is >= 8 and < 18 };

        var result = Reconciler.Run(expected, seen, [new RejectedCall("refused", "", Day, 486)], rules);

        Assert.Equal(
            [MissingCause.None, MissingCause.MediaLost, MissingCause.TooShort, MissingCause.TooShort, MissingCause.Rejected, MissingCause.ClockSkew, MissingCause.NotForked, MissingCause.OutsideHours],
            result.Calls.Select(call => call.Cause));
        Assert.Equal("SIP 486", result.Calls[4].Detail);
        Assert.StartsWith("c3 of the same number is +1792 s away", result.Calls[5].Detail, StringComparison.Ordinal);
        var day = Assert.Single(new ReconcileReport(result, [], TimeZoneInfo.Utc).Days);
        Assert.Equal((8, 1, 5), (day.Expected, day.Heard, day.Due));
    }

    [Theory]
    [InlineData("+49 (0)30 555-0100", "49305550100")]
    [InlineData("0049305550100", "49305550100")]
    [InlineData("sip:+49305550100@pbx;user=phone", "49305550100")]
    [InlineData("tel:+49-30-555.0100", "49305550100")]
    [InlineData("Anna@pbx", "anna")]
    [InlineData("", "")]
    public void Numbers_are_compared_by_their_digits(string text, string expected) => Assert.Equal(expected, CdrFile.Number(text));

    [Theory]
    [InlineData("2026-07-01 10:00:00", "2026-07-01T08:00:00Z")]   // the file's zone, in summer
    [InlineData("2026-01-01T10:00:00", "2026-01-01T09:00:00Z")]
    [InlineData("01.01.2026 10:00:00", "2026-01-01T09:00:00Z")]
    [InlineData("2026-01-01T10:00:00+05:30", "2026-01-01T04:30:00Z")]
    [InlineData("1767258000", "2026-01-01T09:00:00Z")]
    public void Moments_without_an_offset_are_on_the_clock_of_the_files_zone(string text, string expected)
    {
        var (calls, bad) = CdrFile.Read($"Start,Id,From,Len,Status\n{text},x,,,\n", Mapping);

        Assert.Empty(bad);
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Assert.Single(calls).Start);
    }

    [Theory]
    [InlineData("yesterday,x,,,", 1, "is no moment")]
    [InlineData("2026-03-29 02:30:00,x,,,", 1, "is no moment")]       // clocks jumped over it
    [InlineData("2026-01-01 10:00:00,x,,1:2:3:4,", 24, "is no duration")]
    [InlineData("2026-01-01 10:00:00,,,,", 1, "neither an id nor a number")]
    [InlineData("2026-01-01 10:00:00,x", 21, "2 fields, the heading 5")]
    public void Bad_rows_are_named_by_line_and_column(string row, int column, string sentence)
    {
        var (calls, bad) = CdrFile.Read($"Start,Id,From,Len,Status\n2026-01-01 09:00:00,y,,,\n{row}\n", Mapping);

        Assert.Single(calls);
        var wrong = Assert.Single(bad);
        Assert.Equal((3, column), (wrong.Line, wrong.Column));
        Assert.Contains(sentence, wrong.What, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_file_gives_calls_and_bad_rows_and_never_an_exception() => Gen.String[Gen.Char["0123456789-: ,;\"\nTZ+aé\r"], 0, 120].Sample(text =>
    {
        var (calls, bad) = CdrFile.Read("Start,Id,From,Len,Status\n" + text, Mapping);

        Assert.InRange(calls.Count + bad.Count, 0, text.Count(letter => letter is '\r' or '\n') + 1);
    });

    [Theory]
    [InlineData("id=Call-ID", "start is needed")]
    [InlineData("start=S", "id or for number")]
    [InlineData("start=S,id", "write NAME=COLUMN")]
    [InlineData("start=S,di=X", "is not known")]
    public void A_mapping_that_cannot_work_is_refused_with_what_is_missing(string mapping, string sentence)
    {
        var refused = Assert.Throws<InvalidDataException>(() => CdrMapping.Parse(mapping, TimeZoneInfo.Utc));

        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }
}
