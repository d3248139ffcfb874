using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// The session keys of one direction's RTP or RTCP at work. A message is a clear head, a body to encrypt, and for
/// authentication a word that is not sent (RTP's roll-over counter) or stands behind the body (RTCP's index).
/// </summary>
internal sealed class SrtpCipher : IDisposable
{
    private readonly byte[] _salt;
    private readonly AesCounter? _counter;
    private readonly HmacSha1? _hmac;
    private readonly GaloisCounter? _gcm;
    private readonly int _tagLength;

    /// <param name="profile">Which ciphers.</param>
    /// <param name="control">RTCP's tag length, else RTP's.</param>
    /// <param name="key">Session encryption key.</param>
    /// <param name="salt">Session salt.</param>
    /// <param name="authentication">Session authentication key, 20 octets; not used by the AEAD profiles.</param>
    public SrtpCipher(SrtpProfile profile, bool control, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> authentication)
    {
        _tagLength = control ? profile.ControlTagLength : profile.TagLength;
        _salt = salt.ToArray();
        if (profile.IsAead) _gcm = new GaloisCounter(key);
        else (_counter, _hmac) = (new AesCounter(key), new HmacSha1(authentication));
    }

    /// <summary>Derives the session keys of RTP or RTCP.</summary>
    public static SrtpCipher Derive(SrtpProfile profile, SrtpKeyDerivation derivation, bool control)
    {
        var shift = control ? SrtpKeyDerivation.ControlEncryption : SrtpKeyDerivation.MediaEncryption;
        Span<byte> keys = stackalloc byte[profile.KeyLength + profile.SaltLength + HmacSha1.HashLength];
        var (key, salt) = (..profile.KeyLength, profile.KeyLength..(profile.KeyLength + profile.SaltLength));
        derivation.Derive((byte)(shift + SrtpKeyDerivation.MediaEncryption), keys[key]);
        derivation.Derive((byte)(shift + SrtpKeyDerivation.MediaSalt), keys[salt]);
        derivation.Derive((byte)(shift + SrtpKeyDerivation.MediaAuthentication), keys[^HmacSha1.HashLength..]);
        var cipher = new SrtpCipher(profile, control, keys[key], keys[salt], keys[^HmacSha1.HashLength..]);
        CryptographicOperations.ZeroMemory(keys);
        return cipher;
    }

    /// <summary>RFC 3711 §4.1.1: salt · 2¹⁶ ⊕ SSRC · 2⁶⁴ ⊕ index · 2¹⁶, on the body alone.</summary>
    public void Counter(uint ssrc, long index, ReadOnlySpan<byte> body, Span<byte> output)
    {
        Span<byte> iv = stackalloc byte[16];
        _salt.CopyTo(iv);
        iv[14..].Clear();
        Xor(iv[4..], ssrc);
        Xor(iv[8..], (uint)(index >> 16));
        Xor(iv[12..], (uint)index << 16);
        _counter!.Transform(iv, 0, body, output);
    }

    /// <summary>The tag of RFC 3711 §4.2 over a message and the roll-over counter behind it.</summary>
    public void Tag(ReadOnlySpan<byte> message, uint rollOver, Span<byte> tag)
    {
        Span<byte> hash = stackalloc byte[HmacSha1.HashLength];
        _hmac!.Compute(message, rollOver, hash);
        hash[.._tagLength].CopyTo(tag);
    }

    /// <summary>The same where everything that counts is in the message: RTCP.</summary>
    public void Tag(ReadOnlySpan<byte> message, Span<byte> tag) => Tag(message[..^4], BinaryPrimitives.ReadUInt32BigEndian(message[^4..]), tag);

    public bool Verify(ReadOnlySpan<byte> message, uint rollOver, ReadOnlySpan<byte> tag)
    {
        Span<byte> expected = stackalloc byte[HmacSha1.HashLength];
        Tag(message, rollOver, expected);
        return CryptographicOperations.FixedTimeEquals(expected[.._tagLength], tag);
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tag) => Verify(message[..^4], BinaryPrimitives.ReadUInt32BigEndian(message[^4..]), tag);

    /// <summary>RFC 7714 §8.2, §9.2. The tag goes behind the cipher text.</summary>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> body, Span<byte> output) =>
        _gcm!.Seal(nonce, associated, body, output);

    /// <returns>False when the tag is wrong; what is in <paramref name="output"/> is then undefined.</returns>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> sealedBody, Span<byte> output) =>
        _gcm!.TryOpen(nonce, associated, sealedBody, output);

    /// <summary>RFC 7714 §8.1: two zero octets, SSRC, ROC, SEQ, over the salt.</summary>
    public void MediaNonce(uint ssrc, long index, Span<byte> nonce)
    {
        _salt.CopyTo(nonce);
        Xor(nonce[2..], ssrc);
        Xor(nonce[6..], (uint)(index >> 16));
        nonce[10] ^= (byte)(index >> 8);
        nonce[11] ^= (byte)index;
    }

    /// <summary>RFC 7714 §9.1: two zero octets, SSRC, two zero octets, index, over the salt.</summary>
    public void ControlNonce(uint ssrc, long index, Span<byte> nonce)
    {
        _salt.CopyTo(nonce);
        Xor(nonce[2..], ssrc);
        Xor(nonce[8..], (uint)index);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_salt);
        _counter?.Dispose();
        _hmac?.Dispose();
        _gcm?.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Xor(Span<byte> at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(at, BinaryPrimitives.ReadUInt32BigEndian(at) ^ value);
}
