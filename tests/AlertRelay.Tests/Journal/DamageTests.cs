using System.Text;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>A journal that was damaged while nobody looked: it is found at the start, the rest is served, and nothing is ever silently gone.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Records = 120, Cases = 100, Seed = 20260105;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task In_a_hundred_cases_of_damage_what_is_missing_is_told_and_what_is_there_is_what_was_written()
    {
        var random = new Random(Seed);
        var images = new[] { await ImageAsync("closed", crashed: false), await ImageAsync("crashed", crashed: true) };
        var told = 0;
        for (var round = 0; round < Cases; round++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(_directory.Path, $"case-{round}")).FullName;
            var image = images[round % 2];
            foreach (var file in Directory.GetFiles(image)) File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
            var what = Damage(directory, random);

            await using var journal = SqliteJournal.Open(new SqliteJournalOptions(directory), TimeProvider.System);
            var read = (await journal.ReadAsync(journal.Oldest - 1, 10_000, default)).Select(stored => Encoding.UTF8.GetString(stored.Record.Payload.Span)).ToList();

            if (journal.Damage is null) Assert.True(read.SequenceEqual(Enumerable.Range(1, Records).Select(Text)), $"Case {round} ({what}): {read.Count} of {Records} records and not a word about it.");
            else told++;
            Assert.True(read.All(text => text.StartsWith("record ", StringComparison.Ordinal)), $"Case {round} ({what}): something was read that was never written.");
            Assert.Equal(read.Count, read.Distinct().Count());
            await journal.AppendAsync(journal.Head, [Record("record new")], default);
        }

        Assert.InRange(told, 40, Cases);
    }

    [Fact]
    public async Task A_log_that_was_cut_short_is_told_from_one_that_ended_there()
    {
        var image = await ImageAsync("image", crashed: true);
        var log = Path.Combine(image, "journal.db-wal");
        await using (var file = File.OpenWrite(log)) file.SetLength(file.Length / 2);

        await using var journal = SqliteJournal.Open(new SqliteJournalOptions(image), TimeProvider.System);

        Assert.Contains("had been acknowledged", journal.Damage, StringComparison.Ordinal);
        Assert.InRange(journal.Head, 1, Records - 1);
    }

    [Fact]
    public async Task A_backup_taken_while_writing_is_put_back_equal_by_digest_under_a_new_epoch()
    {
        var data = Path.Combine(_directory.Path, "data");
        var copy = Path.Combine(_directory.Path, "copy.db");
        string epoch;
        (long Records, string Digest) taken;
        await using (var journal = SqliteJournal.Open(new SqliteJournalOptions(data), TimeProvider.System))
        {
            epoch = journal.Epoch;
            for (var i = 1; i <= 50; i++) await journal.AppendAsync(i - 1, [Record(Text(i))], default);
            taken = JournalBackup.Take(data, copy);
            for (var i = 51; i <= 60; i++) await journal.AppendAsync(i - 1, [Record(Text(i))], default);
            Assert.Contains("Another process", Assert.Throws<IOException>(() => JournalBackup.Restore(data, copy)).Message, StringComparison.Ordinal);
        }

        var restored = JournalBackup.Restore(data, copy);
        await using var again = SqliteJournal.Open(new SqliteJournalOptions(data), TimeProvider.System);
        var read = await again.ReadAsync(0, 100, default);

        Assert.Equal((50L, taken.Digest), (restored.Records, restored.Digest));
        Assert.Null(again.Damage);
        Assert.NotEqual(epoch, again.Epoch);
        Assert.Equal(Enumerable.Range(1, 50).Select(Text), read.Select(stored => Encoding.UTF8.GetString(stored.Record.Payload.Span)));
        Assert.Single(Directory.GetFiles(data, "journal.db.replaced-*"));
    }

    [Fact]
    public async Task A_damaged_backup_is_not_put_back()
    {
        var data = Path.Combine(_directory.Path, "data");
        var copy = Path.Combine(_directory.Path, "copy.db");
        await using (var journal = SqliteJournal.Open(new SqliteJournalOptions(data), TimeProvider.System)) await journal.AppendAsync(0, [Record("record UNMISTAKABLE")], default);
        JournalBackup.Take(data, copy);
        var bytes = await File.ReadAllBytesAsync(copy);
        bytes[bytes.AsSpan().IndexOf("UNMISTAKABLE"u8)] ^= 1;
        await File.WriteAllBytesAsync(copy, bytes);

        var refused = Assert.Throws<IOException>(() => JournalBackup.Restore(data, copy));
        await using var untouched = SqliteJournal.Open(new SqliteJournalOptions(data), TimeProvider.System);

        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, untouched.Head);
    }

    /// <summary>A journal's files as they are after it was closed, or in the middle of its life.</summary>
    private async Task<string> ImageAsync(string name, bool crashed)
    {
        var source = Path.Combine(_directory.Path, name + "-source");
        var image = Directory.CreateDirectory(Path.Combine(_directory.Path, name)).FullName;
        var journal = SqliteJournal.Open(new SqliteJournalOptions(source), TimeProvider.System);
        for (var i = 1; i <= Records; i += 3) await journal.AppendAsync(i - 1, [Record(Text(i)), Record(Text(i + 1)), Record(Text(i + 2))], default);
        if (!crashed) await journal.DisposeAsync();
        foreach (var file in Directory.GetFiles(source).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))) File.Copy(file, Path.Combine(image, Path.GetFileName(file)));
        if (crashed) await journal.DisposeAsync();
        return image;
    }

    private static string Damage(string directory, Random random)
    {
        var database = Path.Combine(directory, "journal.db");
        var log = database + "-wal";
        var hasLog = File.Exists(log) && new FileInfo(log).Length > 0;
        switch (random.Next(4))
        {
            case 0 when hasLog:
                Cut(log, random);
                return "log cut short";
            case 1 when hasLog:
                Flip(log, random);
                return "byte flipped in the log";
            case 2:
                File.Delete(database);
                return "database missing";
            case 3 when !hasLog:
                Cut(database, random);
                return "database cut short";
            default:
                Flip(database, random);
                return "byte flipped in the database";
        }
    }

    private static void Cut(string path, Random random)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(random.NextInt64(0, file.Length));
    }

    private static void Flip(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(path, bytes);
    }

    private static string Text(int number) => $"record {number:000} {new string('x', 300)}";

    private static JournalRecord Record(string text) => new()
    {
        Kind = JournalKind.Gap,
        CallId = "call",
        Time = DateTimeOffset.UnixEpoch,
        Payload = Encoding.UTF8.GetBytes(text),
    };
}
