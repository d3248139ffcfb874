using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeAssist.AlertRelay.Identity;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>How a resume token was refused.</summary>
internal enum ResumeTokenError
{
    None,

    /// <summary>Not made here, or changed on the way.</summary>
    Forged,

    /// <summary>Made for another filter, principal or service.</summary>
    OtherStream,

    /// <summary>Made in another epoch of the journal.</summary>
    OtherEpoch,
}

/// <summary>
/// The place in a stream, in a form that means nothing to its holder and cannot be made by anybody else:
/// version and whether the snapshot is still owed, binding (digest of service, filter and principal), digest of the epoch, offset, HMAC-SHA256 cut to 16 bytes.
/// </summary>
internal sealed class ResumeTokens(byte[] key, string epoch)
{
    private const byte Version = 1, SnapshotOwed = 0x80;
    private const int BindingLength = 16, EpochLength = 8, OffsetLength = 8, MacLength = 16;
    private const int BodyLength = 1 + BindingLength + EpochLength + OffsetLength;
    private const int Length = BodyLength + MacLength;

    private readonly byte[] _epoch = SHA256.HashData(Encoding.UTF8.GetBytes(epoch))[..EpochLength];

    /// <summary>Ties tokens to what the stream shows and to whom.</summary>
    public static byte[] Binding(string viewKey, Principal principal) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(principal.Subject + "\u001c" + viewKey))[..BindingLength];

    /// <param name="binding">See <see cref="Binding"/>.</param>
    /// <param name="offset">The stream goes on behind it.</param>
    /// <param name="snapshotOwed">The stream was asked for a snapshot and has not told all of it: it begins again.</param>
    public string Make(ReadOnlySpan<byte> binding, long offset, bool snapshotOwed = false)
    {
        Span<byte> token = stackalloc byte[Length];
        token[0] = snapshotOwed ? (byte)(Version | SnapshotOwed) : Version;
        binding.CopyTo(token[1..]);
        _epoch.CopyTo(token[(1 + BindingLength)..]);
        BinaryPrimitives.WriteInt64LittleEndian(token[(1 + BindingLength + EpochLength)..], offset);
        Sign(token[..BodyLength], token[BodyLength..]);
        return Base64Url.EncodeToString(token);
    }

    public ResumeTokenError TryRead(string text, ReadOnlySpan<byte> binding, out long offset, out bool snapshotOwed)
    {
        (offset, snapshotOwed) = (0, false);
        Span<byte> token = stackalloc byte[Length];
        if (Base64Url.DecodeFromChars(text, token, out _, out var written) != OperationStatus.Done || written != Length) return ResumeTokenError.Forged;

        Span<byte> mac = stackalloc byte[MacLength];
        Sign(token[..BodyLength], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, token[BodyLength..]) || (token[0] & ~SnapshotOwed) != Version) return ResumeTokenError.Forged;
        if (!binding.SequenceEqual(token.Slice(1, BindingLength))) return ResumeTokenError.OtherStream;
        if (!_epoch.AsSpan().SequenceEqual(token.Slice(1 + BindingLength, EpochLength))) return ResumeTokenError.OtherEpoch;

        snapshotOwed = (token[0] & SnapshotOwed) != 0;
        offset = BinaryPrimitives.ReadInt64LittleEndian(token[(1 + BindingLength + EpochLength)..]);
        return ResumeTokenError.None;
    }

    private void Sign(ReadOnlySpan<byte> body, Span<byte> mac)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, body, full);
        full[..MacLength].CopyTo(mac);
    }
}
