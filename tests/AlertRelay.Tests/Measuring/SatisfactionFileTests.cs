using System.Text;
using EdgeAssist.AlertRelay.Measures.Store;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Measuring;

public sealed class SatisfactionFileTests
{
    private static readonly DateTimeOffset Ended = new(2026, 3, 2, 9, 5, 0, TimeSpan.Zero), Now = Ended.AddDays(1);

    [Fact]
    public void Rows_that_cannot_be_used_are_listed_with_their_line_and_the_others_taken()
    {
        var outcome = Read("""
            call_id,score,answered_at
            a,5,2026-03-02T10:00:00Z
            nobody,4,2026-03-02T10:00:00Z
            b,,2026-03-02T10:00:00Z
            b,0,2026-03-02T10:00:00Z
            b,seven,
            c,3,2026-02-30T10:00:00Z
            c,3,2026-03-02T09:00:00Z
            c,3,2030-01-01T00:00:00Z
            d,4
            e,2,
            """);

        Assert.Equal(["a", "e"], outcome.Taken.Select(answer => answer.CallId));
        Assert.Equal(
        [
            (3, "unknown_call"), (4, "bad_score"), (5, "bad_score"), (6, "bad_score"), (7, "impossible_date"), (8, "impossible_date"), (9, "impossible_date"), (10, "bad_row"),
        ], outcome.Refused.Select(row => (row.Line, row.Reason)));
        Assert.Equal(10, outcome.Rows);
        Assert.Equal(outcome.Rows, outcome.Taken.Count + outcome.Unchanged + outcome.Refused.Count);
    }

    [Fact]
    public void The_same_answer_twice_is_one_and_two_different_ones_are_none()
    {
        var outcome = Read("call_id,score\na,5\na,5\nb,1\nb,2\n");

        Assert.Equal([("a", 5.0)], outcome.Taken.Select(answer => (answer.CallId, answer.Score)));
        Assert.Equal([(3, "double_row"), (4, "conflict"), (5, "conflict")], outcome.Refused.Select(row => (row.Line, row.Reason)));
    }

    [Fact]
    public void A_missing_answer_never_becomes_a_zero()
    {
        var outcome = Read("call_id,score\na,\nb, \nc,\"\"\n", lowest: 0);

        Assert.Empty(outcome.Taken);
        Assert.All(outcome.Refused, row => Assert.Equal("bad_score", row.Reason));
    }

    [Fact]
    public void Quotes_semicolons_and_windows_line_ends_are_read()
    {
        var outcome = Read("\uFEFFscore;call_id;note\r\n\"5\";\"a\";\"said \"\"fine\"\";\r\nreally\"\r\n3;b;\r\n");

        Assert.Equal([("a", 5.0), ("b", 3.0)], outcome.Taken.Select(answer => (answer.CallId, answer.Score)));
    }

    [Theory]
    [InlineData("", "call_id and score")]
    [InlineData("id,points\na,5", "call_id and score")]
    public void A_file_without_its_columns_is_refused_whole(string text, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused_whole() =>
        Assert.Contains("UTF-8", Assert.Throws<FormatException>(() => Reader(1).Read([.. "call_id,score\n"u8, 0xFF, 0xFE])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_order_of_the_rows_does_not_matter()
    {
        string[] rows = ["a,5", "b,1", "b,2", "nobody,3", "c,4", "c,4"];
        var forwards = Read("call_id,score\n" + string.Join('\n', rows));
        var backwards = Read("call_id,score\n" + string.Join('\n', rows.Reverse()));

        Assert.Equal(forwards.Taken.OrderBy(answer => answer.CallId), backwards.Taken.OrderBy(answer => answer.CallId));
        Assert.Equal(forwards.Reasons, backwards.Reasons);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_sentence()
    {
        var random = new AlertRelay.Measures.Statistics.SeededRandom(4);
        var alphabet = "call_id,score\n\r\";a5.-\u00e4"u8.ToArray();
        for (var i = 0; i < 3000; i++)
        {
            var bytes = Enumerable.Range(0, random.NextInt(60)).Select(_ => alphabet[random.NextInt(alphabet.Length)]).ToArray();
            try
            {
                var outcome = Reader(1).Read([.. "call_id,score\n"u8, .. bytes]);
                Assert.Equal(outcome.Rows, outcome.Taken.Count + outcome.Unchanged + outcome.Refused.Count);
            }
            catch (FormatException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }
    }

    [Fact]
    public void An_import_is_kept_once_and_another_scale_or_score_does_not_come_in()
    {
        using var directory = new TempDirectory();
        using var store = MeasuresStore.Open(directory.Path);
        var call = new CallRow { CallId = "a", Team = "t", Started = Ended.AddMinutes(-5), Ended = Ended, Mode = Mode.Observe };
        store.Apply(new RowBatch(new ProjectorPlace("e", 1, 0), [call], []));
        SatisfactionOutcome Import(string text, double highest = 5, bool dry = false) => SatisfactionImport.Run(store, Encoding.UTF8.GetBytes(text), 1, highest, dry, Now);

        var tried = Import("call_id,score\na,4\n", dry: true);
        var first = Import("call_id,score\na,4\n");
        var again = Import("call_id,score\na,4\n");
        var other = Import("call_id,score\na,2\n");

        Assert.Equal((1, 1), (tried.Taken.Count, first.Taken.Count));
        Assert.Equal((0, 1), (again.Taken.Count, again.Unchanged));
        Assert.Equal("conflict", other.Refused.Single().Reason);
        Assert.Contains("1 to 5", Assert.Throws<FormatException>(() => Import("call_id,score\n", highest: 10)).Message, StringComparison.Ordinal);
    }

    private static SatisfactionOutcome Read(string text, double lowest = 1) => Reader(lowest).Read(Encoding.UTF8.GetBytes(text));

    private static SatisfactionFile Reader(double lowest) => new(lowest, 5, Now, id => id.Length == 1 ? Ended : null, _ => null);
}
