using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.AlertRelay.Journal;

/// <summary>
/// The first 8 bytes of SHA-256 over a record and its place, stored beside it: finds a flipped bit that the store itself
/// would hand out as somebody's words.
/// </summary>
internal static class RecordSeal
{
    public const int Length = 8;

    public static byte[] Of(long offset, JournalRecord record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteInt64LittleEndian(head, offset);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], record.Time.UtcTicks);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], (int)record.Kind);
        hash.AppendData(head);

        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n', record.CallId, record.AlertId, record.Team, record.Agent, record.RequestKey)));
        hash.AppendData(record.Payload.Span);
        return hash.GetHashAndReset()[..Length];
    }
}
