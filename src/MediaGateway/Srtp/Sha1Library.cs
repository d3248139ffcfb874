using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// SHA-1 blocks in libcrypto, which has the processor's SHA instructions; .NET has none for them. The same library that the
/// runtime's own cryptography calls, but straight at the block function (figures in README.md). The managed way takes over
/// where the library is another version.
/// </summary>
internal static unsafe partial class Sha1Library
{
    private const string Name = "libcrypto.so.3";

    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Name, Assembly.GetExecutingAssembly(), null, out var library)
        && NativeLibrary.TryGetExport(library, "SHA1_Update", out _);

    /// <summary>Takes whole blocks into a state.</summary>
    /// <param name="state">Five words.</param>
    /// <param name="blocks">A multiple of 64 octets.</param>
    [SkipLocalsInit]
    public static void Absorb(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Context context;
        state.CopyTo(new Span<uint>(context.Hash, 5));
        (context.LengthLow, context.LengthHigh, context.Pending) = (0, 0, 0);
        fixed (byte* octets = blocks)
        {
            if (SHA1_Update(&context, octets, (nuint)blocks.Length) != 1) throw new CryptographicException("libcrypto's SHA-1 failed.");
        }

        new Span<uint>(context.Hash, 5).CopyTo(state);
    }

    // Shorter than a microsecond for a packet, blocks on nothing and calls nothing back: fit for no transition of the collector.
    [LibraryImport(Name)]
    [SuppressGCTransition]
    private static partial int SHA1_Update(Context* context, byte* data, nuint length);

    /// <summary>SHA_CTX of openssl/sha.h, unchanged since OpenSSL 0.9.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Context
    {
        public fixed uint Hash[5];
        public uint LengthLow;
        public uint LengthHigh;
        public fixed uint Data[16];
        public uint Pending;
    }
}
