using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// HMAC-SHA1 (RFC 2104, FIPS 180-4 §6.1) with one key for many short messages: the two key blocks are hashed once, so that a
/// packet costs its own blocks and one more. The platform's classes make a native context for each packet, which costs more
/// than the hash (figures in README.md). SHA-1 stands here because RFC 3711 does; HMAC needs no collision resistance.
/// </summary>
internal sealed class HmacSha1 : IDisposable
{
    public const int HashLength = 20;
    private const int BlockLength = 64;

    private Sha1State _inner;
    private Sha1State _outer;

    /// <param name="key">Up to 64 octets.</param>
    public HmacSha1(ReadOnlySpan<byte> key) : this(key, Sha1Library.IsAvailable)
    {
    }

    /// <param name="key">Up to 64 octets.</param>
    /// <param name="native">Hash in libcrypto; false in the test of the other way.</param>
    internal HmacSha1(ReadOnlySpan<byte> key, bool native)
    {
        _inner = KeyBlock(key, 0x36, native);
        _outer = KeyBlock(key, 0x5C, native);
    }

    /// <summary>Authenticates a message and the big-endian word behind it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="tail">The four octets after it: SRTP's roll-over counter.</param>
    /// <param name="hash">Receives 20 octets.</param>
    [SkipLocalsInit]
    public void Compute(ReadOnlySpan<byte> message, uint tail, Span<byte> hash)
    {
        Span<byte> end = stackalloc byte[2 * BlockLength];
        var whole = message.Length & ~(BlockLength - 1);
        var state = _inner;
        state.Absorb(message[..whole]);

        var rest = message.Length - whole;
        message[whole..].CopyTo(end);
        BinaryPrimitives.WriteUInt32BigEndian(end[rest..], tail);
        state.Absorb(Pad(end, rest + 4, BlockLength + message.Length + 4));

        state.Write(end);
        state = _outer;
        state.Absorb(Pad(end, HashLength, BlockLength + HashLength));
        state.Write(hash);
    }

    public void Dispose() => _inner = _outer = default;

    private static Sha1State KeyBlock(ReadOnlySpan<byte> key, byte pad, bool native)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        block.Fill(pad);
        for (var i = 0; i < key.Length; i++) block[i] ^= key[i];
        var state = new Sha1State(native);
        state.Absorb(block);
        CryptographicOperations.ZeroMemory(block);
        return state;
    }

    /// <summary>FIPS 180-4 §5.1.1.</summary>
    private static Span<byte> Pad(Span<byte> end, int used, int total)
    {
        var length = used + 9 <= BlockLength ? BlockLength : 2 * BlockLength;
        end[used..length].Clear();
        end[used] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(end[(length - 8)..], 8 * (ulong)total);
        return end[..length];
    }
}

/// <summary>The five words of SHA-1 and its compression function.</summary>
/// <param name="native">Hash in libcrypto.</param>
[StructLayout(LayoutKind.Sequential)]
internal struct Sha1State(bool native)
{
    private uint _a = 0x6745_2301, _b = 0xEFCD_AB89, _c = 0x98BA_DCFE, _d = 0x1032_5476, _e = 0xC3D2_E1F0;
    private readonly bool _native = native;

    /// <summary>Takes whole blocks of 64 octets.</summary>
    public void Absorb(ReadOnlySpan<byte> blocks)
    {
        if (_native) Sha1Library.Absorb(MemoryMarshal.CreateSpan(ref _a, 5), blocks);
        else AbsorbManaged(blocks);
    }

    [SkipLocalsInit]
    private void AbsorbManaged(ReadOnlySpan<byte> blocks)
    {
        Span<uint> w = stackalloc uint[80];
        for (; blocks.Length >= 64; blocks = blocks[64..])
        {
            Schedule(blocks, w);
            var (a, b, c, d, e) = (_a, _b, _c, _d, _e);
            for (var i = 0; i < 20; i += 5) FiveRounds(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), new Choose());
            for (var i = 20; i < 40; i += 5) FiveRounds(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), new Parity1());
            for (var i = 40; i < 60; i += 5) FiveRounds(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), new Majority());
            for (var i = 60; i < 80; i += 5) FiveRounds(ref a, ref b, ref c, ref d, ref e, w.Slice(i, 5), new Parity2());
            (_a, _b, _c, _d, _e) = (_a + a, _b + b, _c + c, _d + d, _e + e);
        }
    }

    public readonly void Write(Span<byte> hash)
    {
        BinaryPrimitives.WriteUInt32BigEndian(hash, _a);
        BinaryPrimitives.WriteUInt32BigEndian(hash[4..], _b);
        BinaryPrimitives.WriteUInt32BigEndian(hash[8..], _c);
        BinaryPrimitives.WriteUInt32BigEndian(hash[12..], _d);
        BinaryPrimitives.WriteUInt32BigEndian(hash[16..], _e);
    }

    private static void Schedule(ReadOnlySpan<byte> block, Span<uint> w)
    {
        for (var i = 0; i < 16; i++) w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * i)..]);
        for (var i = 16; i < 80; i++) w[i] = uint.RotateLeft(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }

    /// <summary>Five, because after five the words stand in their own places again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FiveRounds<T>(ref uint a, ref uint b, ref uint c, ref uint d, ref uint e, Span<uint> w, T round) where T : struct, IRound
    {
        e += uint.RotateLeft(a, 5) + round.F(b, c, d) + T.K + w[0];
        b = uint.RotateLeft(b, 30);
        d += uint.RotateLeft(e, 5) + round.F(a, b, c) + T.K + w[1];
        a = uint.RotateLeft(a, 30);
        c += uint.RotateLeft(d, 5) + round.F(e, a, b) + T.K + w[2];
        e = uint.RotateLeft(e, 30);
        b += uint.RotateLeft(c, 5) + round.F(d, e, a) + T.K + w[3];
        d = uint.RotateLeft(d, 30);
        a += uint.RotateLeft(b, 5) + round.F(c, d, e) + T.K + w[4];
        c = uint.RotateLeft(c, 30);
    }

    private interface IRound
    {
        static abstract uint K { get; }

        uint F(uint x, uint y, uint z);
    }

    private readonly struct Choose : IRound
    {
        public static uint K => 0x5A82_7999;

        public uint F(uint x, uint y, uint z) => z ^ (x & (y ^ z));
    }

    private readonly struct Parity1 : IRound
    {
        public static uint K => 0x6ED9_EBA1;

        public uint F(uint x, uint y, uint z) => x ^ y ^ z;
    }

    private readonly struct Majority : IRound
    {
        public static uint K => 0x8F1B_BCDC;

        public uint F(uint x, uint y, uint z) => (x & y) + (z & (x ^ y));
    }

    private readonly struct Parity2 : IRound
    {
        public static uint K => 0xCA62_C1D6;

        public uint F(uint x, uint y, uint z) => x ^ y ^ z;
    }
}
