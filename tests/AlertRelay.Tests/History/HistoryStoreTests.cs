using System.Text;
using CsCheck;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Contracts;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.History;

public sealed class HistoryStoreTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly HistoryStore _store;

    public HistoryStoreTests() => _store = HistoryStore.Open(_directory.Path);

    public void Dispose()
    {
        _store.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_customer_is_read_as_they_were_told()
    {
        var told = new CustomerInteraction
        {
            Source = "crm", SourceId = "p-1", Kind = InteractionKind.Promise, State = InteractionState.Open, At = Past.Now.AddDays(-3), DueAt = Past.Now.AddDays(1),
            ClosedAt = Past.Now.AddHours(-1), Matter = "T-9", Channel = "mail", Summary = "Rückruf", Amount = 12.50m, Currency = "EUR", Rating = 0.25, AsOf = Past.Now,
        };
        _store.Put(Past.Customer("c-1", Past.Number("+49305550100")), told);

        var read = _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now))!;

        Assert.Equal(("Erika Mustermann", "de-DE", 2.0), (read.Name, read.Locale, read.Value));
        Assert.Equal(told, Assert.Single(read.Interactions));
        Assert.Equal(["c-1"], _store.Read(reader => reader.Whose(Past.Number("+49305550100"))));
        Assert.Null(_store.Read(reader => reader.Customer("c-2", Past.Window, Past.Now)));
    }

    [Fact]
    public void The_window_holds_180_days_and_what_is_still_open()
    {
        _store.Put(Past.Customer("c-1"), Past.Contact("new", 179), Past.Contact("old", 181), Past.Ticket("open", 300), Past.Ticket("closed", 300, InteractionState.Closed));

        var read = _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now))!;

        Assert.Equal(["new", "open"], read.Interactions.Select(interaction => interaction.SourceId));
    }

    [Fact]
    public void A_source_that_was_not_heard_of_for_a_day_makes_the_record_stale()
    {
        _store.Put(Past.Customer("c-1"), Past.Contact("a", 2));

        Assert.False(_store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now.AddHours(23)))!.IsStale);
        Assert.True(_store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now.AddHours(25)))!.IsStale);

        // Told again with nothing new: it is fresh again.
        _store.Put(Past.Customer("c-1") with { AsOf = Past.Now.AddHours(25) });
        var fresh = _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now.AddHours(26)))!;
        Assert.Equal((false, Past.Now.AddHours(25)), (fresh.IsStale, fresh.AsOf));
    }

    [Fact]
    public void What_was_told_later_stays()
    {
        _store.Put(Past.Customer("c-1"), Past.Ticket("t", 5, InteractionState.Closed) with { AsOf = Past.Now.AddHours(1) });

        var outcome = _store.Write(batch => batch.Put(new InteractionWrite("c-1", Past.Ticket("t", 5))));

        Assert.Equal(PutOutcome.Older, outcome);
        Assert.Equal(InteractionState.Closed, _store.Read(reader => reader.Customer("c-1", Past.Window, Past.Now))!.Interactions.Single().State);
    }

    [Fact]
    public void Telling_the_same_again_changes_nothing_and_the_order_does_not_matter() => Gen.Select(Gen.Int[0, 9].Array[1, 40], Gen.Int[0, int.MaxValue]).Sample((told, seed) =>
    {
        using var directory = new TempDirectory();
        using var store = HistoryStore.Open(directory.Path);
        var writes = told.Distinct().Select(number => new InteractionWrite($"c-{number % 3}", Past.Ticket($"t-{number}", number, number % 2 == 0 ? InteractionState.Open : InteractionState.Closed))).ToList();
        var first = store.Write(batch => writes.Select(batch.Put).ToList());
        var shuffled = writes.OrderBy(write => HashCode.Combine(write.Interaction.SourceId, seed)).ToList();

        var again = store.Write(batch => shuffled.Select(batch.Put).ToList());

        return first.TrueForAll(outcome => outcome == PutOutcome.Added) && again.TrueForAll(outcome => outcome == PutOutcome.Unchanged)
            && store.Read(reader => reader.Totals()).Interactions == writes.Count;
    }, iter: 20);

    [Fact]
    public void Identifiers_that_a_source_no_longer_tells_are_forgotten_and_those_of_others_stay()
    {
        _store.Put(Past.Customer("c-1", Past.Number("+49305550100"), Past.Number("+49305550101")));
        _store.Write(batch => batch.Put(batch.Source("shop"), Past.Customer("c-1", Past.Number("+49305550102"))));

        var outcome = _store.Write(batch => batch.Put(batch.Source("crm"), Past.Customer("c-1", Past.Number("+49305550101"))));

        Assert.Equal(PutOutcome.Changed, outcome);
        Assert.Empty(_store.Read(reader => reader.Whose(Past.Number("+49305550100"))));
        Assert.Single(_store.Read(reader => reader.Whose(Past.Number("+49305550101"))));
        Assert.Single(_store.Read(reader => reader.Whose(Past.Number("+49305550102"))));
    }

    [Fact]
    public void A_batch_that_is_not_committed_leaves_nothing()
    {
        using (var batch = _store.BeginBatch()) batch.Put(batch.Source("crm"), Past.Customer("c-1"));

        Assert.Equal((0, 0), _store.Read(reader => reader.Totals()));
    }

    [Fact]
    public void Two_processes_write_one_after_the_other()
    {
        using var other = HistoryStore.Open(_directory.Path);

        Parallel.For(0, 40, number => (number % 2 == 0 ? _store : other).Put(Past.Customer($"c-{number}"), Past.Contact($"i-{number}", 1)));

        Assert.Equal((40, 40), _store.Read(reader => reader.Totals()));
    }

    [Fact]
    public void An_erased_customer_is_in_no_byte_of_the_files_and_the_audit_says_who_did_it()
    {
        const string secret = "Kennwort-Quarktasche";
        _store.Put(Past.Customer("c-geheim", Past.Number("+49305550177")) with { Name = secret }, Past.Contact("i-1", 1) with { Summary = secret }, Past.Ticket("i-2", 2));
        _store.Put(Past.Customer("c-2"), Past.Contact("i-3", 1));
        _store.Remember([new RecognisedCall("call-1", "c-geheim", "number", "billing", "anna", Past.Now)]);

        var erased = _store.Write(batch => batch.Erase("c-geheim", "root", "asked for it", Past.Now))!;
        _store.Settle();

        Assert.Equal((2, 1, 1), (erased.Interactions, erased.Identifiers, erased.Calls));
        Assert.Null(_store.Read(reader => reader.Call("call-1")));
        Assert.NotNull(_store.Read(reader => reader.Customer("c-2", Past.Window, Past.Now)));
        foreach (var file in Directory.GetFiles(_directory.Path))
        {
            var bytes = Read(file);
            foreach (var trace in new[] { secret, "c-geheim", "+49305550177" })
                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(trace)) < 0, $"{Path.GetFileName(file)} still holds «{trace}».");
        }

        var audit = Assert.Single(_store.Read(reader => reader.Audit()));
        Assert.Equal((erased.AuditId, "root", "asked for it", 2L), (audit.Id, audit.Actor, audit.Reason, audit.Interactions));
        Assert.Null(_store.Write(batch => batch.Erase("c-geheim", "root", "again", Past.Now)));
    }

    [Fact]
    public void What_is_past_its_time_goes_and_what_is_open_stays()
    {
        _store.Put(Past.Customer("c-1"), Past.Contact("old", 500), Past.Ticket("open", 500), Past.Contact("new", 5));
        _store.Remember([new RecognisedCall("call-1", "c-1", "number", "billing", "anna", Past.Now.AddDays(-31)), new RecognisedCall("call-2", "c-1", "number", "billing", "anna", Past.Now)]);

        var gone = _store.Trim(new HistoryRetention(TimeSpan.FromDays(400), TimeSpan.FromDays(30), TimeSpan.FromHours(24)), Past.Now);

        Assert.Equal(2, gone);
        Assert.Equal(2, _store.Read(reader => reader.Totals()).Interactions);
        Assert.Null(_store.Read(reader => reader.Call("call-1")));
        Assert.Equal("c-1", _store.Read(reader => reader.Call("call-2"))!.CustomerKey);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_with_what_to_do()
    {
        using var directory = new TempDirectory();
        File.WriteAllBytes(HistoryStore.PathIn(directory.Path), [.. Enumerable.Repeat((byte)'x', 8192)]);

        var refused = Assert.Throws<HistoryException>(() => HistoryStore.Open(directory.Path));

        Assert.Contains("is damaged. Put a backup in its place", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_this_user_can_read_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("File modes are Unix's.");
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_store.Path));
    }

    [Theory]
    [InlineData(InteractionState.Broken, null, true)]
    [InlineData(InteractionState.Kept, -5.0, false)]
    [InlineData(InteractionState.Open, -0.5, true)]
    [InlineData(InteractionState.Open, 0.5, false)]
    [InlineData(InteractionState.Open, null, false)]
    public void A_promise_is_broken_by_word_or_by_its_time(InteractionState state, double? dueInDays, bool broken) =>
        Assert.Equal(broken ? 1 : 0, HistoryCounts.Of([Past.Promise("p", 10, state, dueInDays)], Past.Now).BrokenPromises);

    [Fact]
    public void Repeated_contacts_are_those_about_one_matter_within_30_days_before_the_call()
    {
        var counts = HistoryCounts.Of(
        [
            Past.Contact("a", 1, "T-1"), Past.Contact("b", 20, "T-1"), Past.Contact("c", 31, "T-1"), Past.Contact("d", 2, "T-2"), Past.Contact("e", 2), Past.Contact("f", 3),
            Past.Contact("this call", -0.001, "T-1"), Past.Ticket("T-1", 25), Past.Ticket("T-0", 90, InteractionState.Closed),
        ], Past.Now);

        Assert.Equal(new CustomerHistory { OpenCases = 1, RecentContacts = 2, BrokenPromises = 0 }, counts);
    }

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
