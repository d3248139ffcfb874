using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using AesNi = System.Runtime.Intrinsics.X86.Aes;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// AES in counter mode as SRTP uses it (RFC 3711 §4.1.1): the low 16 bits of the block count, the rest is the packet's IV.
/// With the processor's AES instructions, four blocks at a time; without them through the platform's AES. Allocates nothing
/// after its construction.
/// </summary>
internal sealed class AesCounter : IDisposable
{
    private const int BlockLength = 16;
    private const int Lanes = 4;

    private readonly Vector128<byte>[] _roundKeys = [];
    private readonly Aes? _aes;
    private readonly ICryptoTransform? _platform;
    private readonly byte[] _counter = [];
    private readonly byte[] _stream = [];

    /// <param name="key">16 or 32 octets.</param>
    public AesCounter(ReadOnlySpan<byte> key) : this(key, AesNi.IsSupported)
    {
    }

    /// <param name="key">16 or 32 octets.</param>
    /// <param name="hardware">Use the processor's instructions; false in the test of the other way.</param>
    internal AesCounter(ReadOnlySpan<byte> key, bool hardware)
    {
        if (hardware)
        {
            _roundKeys = ExpandKey(key);
            return;
        }

        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(key);
        _platform = _aes.CreateEncryptor();
        _counter = new byte[BlockLength];
        _stream = new byte[BlockLength];
    }

    /// <summary>Adds the key stream of an IV to the data.</summary>
    /// <param name="iv">16 octets; the last two are the block count and not looked at.</param>
    /// <param name="firstBlock">The count to begin with.</param>
    /// <param name="input">At most 2¹⁶ blocks.</param>
    /// <param name="output">As long; may be the same memory.</param>
    public void Transform(ReadOnlySpan<byte> iv, int firstBlock, ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (_platform is null) TransformInHardware(iv, firstBlock, input, output);
        else TransformOnPlatform(iv, firstBlock, input, output);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_roundKeys.AsSpan()));
        CryptographicOperations.ZeroMemory(_stream);
        _platform?.Dispose();
        _aes?.Dispose();
    }

    private void TransformInHardware(ReadOnlySpan<byte> iv, int firstBlock, ReadOnlySpan<byte> input, Span<byte> output)
    {
        var keys = _roundKeys.AsSpan();
        Span<byte> last = stackalloc byte[Lanes * BlockLength];
        for (var (at, block) = (0, firstBlock); at < input.Length; at += Lanes * BlockLength, block += Lanes)
        {
            var (a, b, c, d) = (Counter(iv, block) ^ keys[0], Counter(iv, block + 1) ^ keys[0], Counter(iv, block + 2) ^ keys[0], Counter(iv, block + 3) ^ keys[0]);
            for (var i = 1; i < keys.Length - 1; i++)
            {
                var key = keys[i];
                (a, b, c, d) = (AesNi.Encrypt(a, key), AesNi.Encrypt(b, key), AesNi.Encrypt(c, key), AesNi.Encrypt(d, key));
            }

            var end = keys[^1];
            (a, b, c, d) = (AesNi.EncryptLast(a, end), AesNi.EncryptLast(b, end), AesNi.EncryptLast(c, end), AesNi.EncryptLast(d, end));

            var source = input[at..];
            var target = output[at..];
            if (source.Length >= Lanes * BlockLength)
            {
                (a ^ Vector128.Create(source)).CopyTo(target);
                (b ^ Vector128.Create(source[16..])).CopyTo(target[16..]);
                (c ^ Vector128.Create(source[32..])).CopyTo(target[32..]);
                (d ^ Vector128.Create(source[48..])).CopyTo(target[48..]);
                continue;
            }

            a.CopyTo(last);
            b.CopyTo(last[16..]);
            c.CopyTo(last[32..]);
            d.CopyTo(last[48..]);
            for (var i = 0; i < source.Length; i++) target[i] = (byte)(source[i] ^ last[i]);
        }
    }

    private static Vector128<byte> Counter(ReadOnlySpan<byte> iv, int block) =>
        Vector128.Create(iv).AsUInt16().WithElement(7, BinaryPrimitives.ReverseEndianness((ushort)block)).AsByte();

    private void TransformOnPlatform(ReadOnlySpan<byte> iv, int firstBlock, ReadOnlySpan<byte> input, Span<byte> output)
    {
        iv.CopyTo(_counter);
        for (var (at, block) = (0, firstBlock); at < input.Length; at += BlockLength, block++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_counter.AsSpan(14), (ushort)block);
            _platform!.TransformBlock(_counter, 0, BlockLength, _stream, 0);
            for (var i = at; i < Math.Min(at + BlockLength, input.Length); i++) output[i] = (byte)(input[i] ^ _stream[i - at]);
        }
    }

    /// <summary>FIPS 197 §5.2.</summary>
    private static Vector128<byte>[] ExpandKey(ReadOnlySpan<byte> key)
    {
        var words = key.Length / 4;
        var roundKeys = new Vector128<byte>[words + 7];
        var schedule = MemoryMarshal.Cast<Vector128<byte>, uint>(roundKeys.AsSpan());
        MemoryMarshal.Cast<byte, uint>(key).CopyTo(schedule);   // x86 only, so little-endian: the first octet is the low one
        var roundConstant = 1;
        for (var i = words; i < schedule.Length; i++)
        {
            var word = schedule[i - 1];
            if (i % words == 0)
            {
                word = SubstituteWord(uint.RotateRight(word, 8)) ^ (uint)roundConstant;
                roundConstant = (roundConstant << 1) ^ (roundConstant >= 0x80 ? 0x11B : 0);
            }
            else if (words == 8 && i % words == 4)
            {
                word = SubstituteWord(word);
            }

            schedule[i] = schedule[i - words] ^ word;
        }

        return roundKeys;
    }

    /// <summary>With four equal columns ShiftRows changes nothing, so a last round with key 0 is SubBytes alone.</summary>
    private static uint SubstituteWord(uint word) => AesNi.EncryptLast(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32()[0];
}
