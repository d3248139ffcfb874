using EdgeAssist.AlertRelay.Journal.Sqlite;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.AlertRelay.Tests.Support;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>A file system that is really full: a small one in memory, seen by the relay's process alone.</summary>
public sealed class FullDiskTests
{
    private const int Left = 256 * 1024;

    // Mounts, runs the relay, and copies what it leaves behind out before the file system goes.
    private const string Script = "mount -t tmpfs -o size=4m none \"$1\" && \"$2\"; ended=$?; cp -r \"$1\"/. \"$3\" && exit $ended";

    [Fact]
    public async Task A_full_disk_is_told_nothing_acknowledged_is_lost_and_it_goes_on_when_there_is_room()
    {
        using var directory = new TempDirectory();
        var data = Directory.CreateDirectory(Path.Combine(directory.Path, "data")).FullName;
        var left = Directory.CreateDirectory(Path.Combine(directory.Path, "left")).FullName;
        await RelayChild.SkipUnlessAsync("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=1m", "none", data);

        var (acknowledged, refused) = (new List<string>(), new List<string>());
        await using (var relay = await RelayChild.StartAsync(data, ["unshare", "-m", "sh", "-c", Script, "sh", data, RelayChild.Program, left]))
        {
            var ballast = $"/proc/{relay.Id}/root{data}/ballast";
            Fill(ballast);
            RpcException? full = null;
            for (var note = 0; full is null && note < 45; note++) full = await SayAsync(relay, $"full {note} {new string('x', 3000)}");
            Assert.NotNull(full);
            Assert.Equal(StatusCode.ResourceExhausted, full.StatusCode);
            Assert.Equal("JOURNAL_FULL", full.Reason());

            File.Delete(ballast);
            var deadline = Patience.Normal;
            for (var again = 0; await SayAsync(relay, $"after {again}") is not null; again++) deadline.ThrowIfCancellationRequested();
            Assert.Equal(0, await relay.StopAsync());
        }

        using (var connection = new SqliteConnection($"Data Source={Path.Combine(left, "journal.db")};Pooling=False"))
        {
            connection.Open();
            using var check = connection.CreateCommand();
            check.CommandText = "PRAGMA integrity_check";
            Assert.Equal("ok", check.ExecuteScalar());
        }

        await using var journal = SqliteJournal.Open(new SqliteJournalOptions(left), TimeProvider.System);
        var held = (await journal.ReadAsync(0, 10_000, default))
            .SelectMany(stored => RelayEventCodec.ToEvent(stored, journal.Epoch).Alert?.Alert.Notes.Select(note => note.Text) ?? [])
            .ToHashSet(StringComparer.Ordinal);
        Assert.Null(journal.Damage);
        Assert.NotEmpty(refused);
        Assert.True(acknowledged.Count > 1, "Nothing was acknowledged before the disk was full.");
        Assert.DoesNotContain(acknowledged, text => !held.Contains(text));
        Assert.DoesNotContain(refused, held.Contains);

        async Task<RpcException?> SayAsync(RelayChild relay, string text)
        {
            try
            {
                await relay.AnnotateAsync(text);
                acknowledged.Add(text);
                return null;
            }
            catch (RpcException error)
            {
                refused.Add(text);
                return error;
            }
        }
    }

    /// <summary>Fills the file system but for a little.</summary>
    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (file.Length < 64 * 1024 * 1024) file.Write(block);
            Assert.Fail("The small file system has no end.");
        }
        catch (IOException)
        {
            file.SetLength(file.Length - Left);
        }
    }
}
