using System.Buffers.Binary;
using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Sip.Auth;

/// <summary>
/// Nonces that need no memory until they are used well: time and random octets, signed together with the address they were given
/// to. Of those used well the highest count is kept until they expire, so that no message counts twice (RFC 7616 §3.4, nc).
/// </summary>
/// <param name="key">32 random octets, new with each start.</param>
/// <param name="lifetime">How long a nonce is good.</param>
internal sealed class DigestNonces(byte[] key, TimeSpan lifetime)
{
    /// <summary>Nonces in use at once; beyond it new ones are called stale, which costs their owners a round trip and lets no replay in.</summary>
    public const int MaxUsed = 8192;

    private const int RandomLength = 8;
    private const int TagLength = 16;

    private readonly Dictionary<string, (uint Count, Instant ExpiresAt)> _used = new(StringComparer.Ordinal);
    private readonly Queue<(string Nonce, Instant ExpiresAt)> _order = new();

    /// <summary>Nonces remembered now.</summary>
    public int UsedCount => _used.Count;

    /// <summary>A fresh nonce.</summary>
    /// <param name="source">Whom it is for.</param>
    /// <param name="random">Eight unpredictable octets.</param>
    /// <param name="now">Now.</param>
    public string Make(IPAddress source, ReadOnlySpan<byte> random, Instant now)
    {
        Span<byte> octets = stackalloc byte[sizeof(long) + RandomLength + TagLength];
        BinaryPrimitives.WriteInt64BigEndian(octets, now.Ticks);
        random[..RandomLength].CopyTo(octets[sizeof(long)..]);
        Sign(octets[..(sizeof(long) + RandomLength)], source, octets[(sizeof(long) + RandomLength)..]);
        return Base64Url.EncodeToString(octets);
    }

    /// <summary>Whether the nonce is ours, for this source, and still good.</summary>
    public bool IsGood(string nonce, IPAddress source, Instant now)
    {
        Span<byte> octets = stackalloc byte[sizeof(long) + RandomLength + TagLength];
        Span<byte> tag = stackalloc byte[TagLength];
        if (nonce.Length > 64 || !Base64Url.IsValid(nonce, out var length) || length != octets.Length) return false;
        Base64Url.DecodeFromChars(nonce, octets);
        Sign(octets[..(sizeof(long) + RandomLength)], source, tag);
        var madeAt = new Instant(BinaryPrimitives.ReadInt64BigEndian(octets));
        return CryptographicOperations.FixedTimeEquals(tag, octets[(sizeof(long) + RandomLength)..]) && now - madeAt < lifetime && madeAt <= now;
    }

    /// <summary>Takes a use of a good nonce; false when this count, or a later one, was used before.</summary>
    public bool TryUse(string nonce, uint count, Instant now)
    {
        while (_order.TryPeek(out var oldest) && oldest.ExpiresAt <= now) _used.Remove(_order.Dequeue().Nonce);
        if (_used.TryGetValue(nonce, out var last))
        {
            if (count <= last.Count) return false;
            _used[nonce] = (count, last.ExpiresAt);
            return true;
        }

        if (count == 0 || _used.Count >= MaxUsed) return false;
        var expiresAt = now + lifetime;   // later than the nonce itself: never forgotten while it is good
        _used[nonce] = (count, expiresAt);
        _order.Enqueue((nonce, expiresAt));
        return true;
    }

    private void Sign(ReadOnlySpan<byte> content, IPAddress source, Span<byte> tag)
    {
        Span<byte> signed = stackalloc byte[content.Length + 16];
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        content.CopyTo(signed);
        source.TryWriteBytes(signed[content.Length..], out var length);
        HMACSHA256.HashData(key, signed[..(content.Length + length)], full);
        full[..tag.Length].CopyTo(tag);
    }
}
