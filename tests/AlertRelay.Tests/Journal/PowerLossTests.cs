using EdgeAssist.AlertRelay.Tests.Support;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Journal;

/// <summary>What a loss of power would take is what the disk was not told to keep: the order of system calls says what that is.</summary>
public sealed class PowerLossTests
{
    private const int Notes = 10;

    [Fact]
    public async Task What_is_acknowledged_was_written_and_synced_before_the_answer_left_the_socket()
    {
        await RelayChild.SkipUnlessAsync("strace", "-f", "-o", "/dev/null", "true");
        using var directory = new TempDirectory();
        var trace = Path.Combine(directory.Path, "trace");
        string[] traced = ["strace", "-f", "-y", "-s", "20000", "-e", "trace=pwrite64,fdatasync,fsync,sendto,sendmsg,write,writev", "-o", trace, RelayChild.Program];
        await using (var relay = await RelayChild.StartAsync(Path.Combine(directory.Path, "data"), traced))
        {
            for (var note = 0; note < Notes; note++) await relay.AnnotateAsync(Text(note));
            Assert.Equal(0, await relay.StopAsync());
        }

        var calls = await File.ReadAllLinesAsync(trace);
        for (var note = 0; note < Notes; note++)
        {
            var written = Array.FindIndex(calls, call => call.Contains("pwrite64(", StringComparison.Ordinal) && IsLog(call) && call.Contains(Text(note), StringComparison.Ordinal));
            var answered = Array.FindIndex(calls, call => call.Contains("<socket:", StringComparison.Ordinal) && call.Contains(Text(note), StringComparison.Ordinal));
            Assert.True(written >= 0, $"Note {note} was never written to the log.");
            Assert.True(answered >= 0, $"The answer to note {note} was not seen on a socket.");
            var synced = SyncedAfter(calls, written);
            Assert.True(written < synced && synced < answered, $"Note {note}: written in line {written}, synced in {synced}, answered in {answered} of the trace.");
        }

        static string Text(int note) => $"unmistakable-{note:00}-note";
    }

    /// <summary>The line in which a sync of the log ends well that began behind <paramref name="line"/>; past the end when there is none.</summary>
    private static int SyncedAfter(string[] calls, int line)
    {
        var waiting = "";   // the thread whose sync the tracer shows in two lines
        for (var i = line + 1; i < calls.Length; i++)
        {
            var (thread, call) = (calls[i].Split(' ', 2)[0], calls[i]);
            var begins = (call.Contains("fdatasync(", StringComparison.Ordinal) || call.Contains("fsync(", StringComparison.Ordinal)) && IsLog(call);
            var ends = call.Contains("sync resumed>", StringComparison.Ordinal) && thread == waiting;
            if (begins && call.Contains("<unfinished", StringComparison.Ordinal)) waiting = thread;
            else if ((begins || ends) && call.EndsWith("= 0", StringComparison.Ordinal)) return i;
        }

        return calls.Length;
    }

    private static bool IsLog(string call) => call.Contains("journal.db-wal>", StringComparison.Ordinal);
}
