using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeAssist.AlertRelay.Journal.Sqlite;

/// <summary>
/// The head once more, in a file beside the database, written behind every commit and never synced: after a crash of the
/// process it is exact, after a power cut it may be behind, and it is never ahead. SQLite takes a log that was cut short for
/// one that ended there; this tells that acknowledged records are missing.
/// </summary>
internal sealed class SqliteHeadMark : IDisposable
{
    private const int Length = 8 + 8 + 8;   // epoch's digest, head, digest of both

    private readonly SafeFileHandle _file;
    private readonly byte[] _mark = new byte[Length];

    public SqliteHeadMark(string path, string epoch, long head)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        Digest(Encoding.UTF8.GetBytes(epoch)).CopyTo(_mark, 0);
        Write(head);
    }

    public void Write(long head)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_mark.AsSpan(8), head);
        Digest(_mark.AsSpan(0, 16)).CopyTo(_mark, 16);
        RandomAccess.Write(_file, _mark, 0);
    }

    /// <summary>The head that was noted in that epoch; 0 when nothing readable was.</summary>
    public static long Read(string path, string epoch)
    {
        if (!File.Exists(path)) return 0;
        var mark = File.ReadAllBytes(path);
        return mark.Length == Length
            && Digest(mark.AsSpan(0, 16)).AsSpan().SequenceEqual(mark.AsSpan(16))
            && Digest(Encoding.UTF8.GetBytes(epoch)).AsSpan().SequenceEqual(mark.AsSpan(0, 8))
            ? BinaryPrimitives.ReadInt64LittleEndian(mark.AsSpan(8))
            : 0;
    }

    public void Dispose() => _file.Dispose();

    private static byte[] Digest(ReadOnlySpan<byte> of) => SHA256.HashData(of)[..8];
}
