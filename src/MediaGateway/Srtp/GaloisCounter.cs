using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// AES-GCM (NIST SP 800-38D) for a 12-octet nonce and a 16-octet tag. With the processor's AES and carry-less multiplication
/// here, because the platform's class throws for every wrong tag, and whoever can send us a datagram could make it throw;
/// without those instructions through that class. Allocates nothing after its construction, except for that exception.
/// </summary>
internal sealed class GaloisCounter : IDisposable
{
    public const int TagLength = 16;
    private const int BlockLength = 16;
    private const int TagMaskBlock = 1;
    private const int FirstBlock = 2;

    private static readonly Vector128<byte> s_reversal = Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

    private readonly AesCounter? _counter;
    private readonly AesGcm? _platform;
    private Vector128<ulong> _hashKey;

    /// <param name="key">16 or 32 octets.</param>
    public GaloisCounter(ReadOnlySpan<byte> key) : this(key, AesNi.IsSupported && Pclmulqdq.IsSupported && Ssse3.IsSupported)
    {
    }

    /// <param name="key">16 or 32 octets.</param>
    /// <param name="hardware">Use the processor's instructions; false in the test of the other way.</param>
    internal GaloisCounter(ReadOnlySpan<byte> key, bool hardware)
    {
        if (!hardware)
        {
            _platform = new AesGcm(key, TagLength);
            return;
        }

        _counter = new AesCounter(key, hardware: true);
        Span<byte> zero = stackalloc byte[BlockLength];
        zero.Clear();
        _counter.Transform(zero, 0, zero, zero);
        _hashKey = Reversed(zero);
        CryptographicOperations.ZeroMemory(zero);
    }

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce">12 octets.</param>
    /// <param name="associated">Authenticated, not encrypted; must not lie in <paramref name="output"/>.</param>
    /// <param name="body">Encrypted.</param>
    /// <param name="output">Receives the cipher text and the tag; may begin at the same memory as <paramref name="body"/>.</param>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> body, Span<byte> output)
    {
        var (cipherText, tag) = (..body.Length, body.Length..(body.Length + TagLength));
        if (_platform is not null)
        {
            _platform.Encrypt(nonce, body, output[cipherText], output[tag], associated);
            return;
        }

        Transform(nonce, body, output);
        Tag(nonce, associated, output[cipherText], output[tag]);
    }

    /// <summary>Checks and decrypts.</summary>
    /// <param name="nonce">12 octets.</param>
    /// <param name="associated">As it was sealed.</param>
    /// <param name="sealedBody">Cipher text and tag.</param>
    /// <param name="output">May begin at the same memory; what is in it is undefined when the tag is wrong.</param>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> sealedBody, Span<byte> output)
    {
        var cipherText = sealedBody[..^TagLength];
        if (_platform is not null) return TryOpenOnPlatform(nonce, associated, cipherText, sealedBody[^TagLength..], output[..cipherText.Length]);

        Span<byte> tag = stackalloc byte[TagLength];
        Tag(nonce, associated, cipherText, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, sealedBody[^TagLength..])) return false;
        Transform(nonce, cipherText, output);
        return true;
    }

    public void Dispose()
    {
        _hashKey = default;
        _counter?.Dispose();
        _platform?.Dispose();
    }

    private bool TryOpenOnPlatform(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipherText, ReadOnlySpan<byte> tag, Span<byte> output)
    {
        try
        {
            _platform!.Decrypt(nonce, cipherText, tag, output, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>A datagram has at most 2¹² blocks: 16 bits of the counter's 32 suffice.</summary>
    private void Transform(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> body, Span<byte> output)
    {
        Span<byte> iv = stackalloc byte[BlockLength];
        nonce.CopyTo(iv);
        iv[12..].Clear();
        _counter!.Transform(iv, FirstBlock, body, output);
    }

    [SkipLocalsInit]
    private void Tag(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> cipherText, Span<byte> tag)
    {
        var hash = Absorb(Absorb(Vector128<ulong>.Zero, associated), cipherText);
        var lengths = Vector128.Create((ulong)cipherText.Length * 8, (ulong)associated.Length * 8);
        hash = Multiply(hash ^ lengths, _hashKey);

        Span<byte> iv = stackalloc byte[BlockLength];
        nonce.CopyTo(iv);
        iv[12..].Clear();
        Ssse3.Shuffle(hash.AsByte(), s_reversal).CopyTo(tag);
        _counter!.Transform(iv, TagMaskBlock, tag, tag);
    }

    private Vector128<ulong> Absorb(Vector128<ulong> hash, ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= BlockLength; octets = octets[BlockLength..]) hash = Multiply(hash ^ Reversed(octets), _hashKey);
        if (octets.IsEmpty) return hash;

        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        octets.CopyTo(last);
        return Multiply(hash ^ Reversed(last), _hashKey);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Reversed(ReadOnlySpan<byte> block) => Ssse3.Shuffle(Vector128.Create(block), s_reversal).AsUInt64();

    /// <summary>
    /// Product in GF(2¹²⁸) of bit-reflected operands (Gueron and Kounavis, «Intel carry-less multiplication instruction and its
    /// usage for computing the GCM mode», 2010, algorithm 5): the 256-bit product, shifted by the one bit that reflection
    /// costs, reduced by x¹²⁸ + x⁷ + x² + x + 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> a, Vector128<ulong> b)
    {
        var middle = Pclmulqdq.CarrylessMultiply(a, b, 0x10) ^ Pclmulqdq.CarrylessMultiply(a, b, 0x01);
        var low = (Pclmulqdq.CarrylessMultiply(a, b, 0x00) ^ Sse2.ShiftLeftLogical128BitLane(middle, 8)).AsUInt32();
        var high = (Pclmulqdq.CarrylessMultiply(a, b, 0x11) ^ Sse2.ShiftRightLogical128BitLane(middle, 8)).AsUInt32();

        var (lowCarry, highCarry) = (low >>> 31, high >>> 31);
        high = (high << 1) | Sse2.ShiftLeftLogical128BitLane(highCarry, 4) | Sse2.ShiftRightLogical128BitLane(lowCarry, 12);
        low = (low << 1) | Sse2.ShiftLeftLogical128BitLane(lowCarry, 4);

        var fold = (low << 31) ^ (low << 30) ^ (low << 25);
        low ^= Sse2.ShiftLeftLogical128BitLane(fold, 12);
        return (high ^ low ^ (low >>> 1) ^ (low >>> 2) ^ (low >>> 7) ^ Sse2.ShiftRightLogical128BitLane(fold, 4)).AsUInt64();
    }
}
