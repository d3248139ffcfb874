using System.Reflection;
using System.Runtime.InteropServices;
using EdgeAssist.MediaGateway.Srtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Srtp;

/// <summary>libsrtp2 (Debian libsrtp2-1), the oracle: one session that protects or unprotects any source.</summary>
internal sealed unsafe partial class LibSrtp : IDisposable
{
    public const int Ok = 0;
    public const int ReplayFail = 9;
    public const int ReplayOld = 10;

    private const int AnyInbound = 2;
    private const int AnyOutbound = 3;

    private static readonly bool s_isAvailable = Load();
    private readonly nint _session;

    public LibSrtp(SrtpMasterKey key, bool outbound, uint window = 128)
    {
        Policy policy = default;
        policy.SsrcType = outbound ? AnyOutbound : AnyInbound;
        policy.WindowSize = window;
        SetCiphers(ref policy, key.Profile);
        fixed (byte* octets = key.KeyAndSalt)
        {
            policy.Key = (nint)octets;
            Assert.Equal(Ok, srtp_create(out _session, ref policy));
        }
    }

    public static void SkipIfAbsent()
    {
        if (!s_isAvailable) Assert.Skip("libsrtp2 is not installed (Debian: apt-get install libsrtp2-1).");
    }

    public int Protect(Span<byte> buffer, ref int length) => Call(buffer, ref length, srtp_protect);

    public int Unprotect(Span<byte> buffer, ref int length) => Call(buffer, ref length, srtp_unprotect);

    public int ProtectControl(Span<byte> buffer, ref int length) => Call(buffer, ref length, srtp_protect_rtcp);

    public int UnprotectControl(Span<byte> buffer, ref int length) => Call(buffer, ref length, srtp_unprotect_rtcp);

    public void Dispose() => Assert.Equal(Ok, srtp_dealloc(_session));

    private delegate int Operation(nint session, byte* packet, ref int length);

    private int Call(Span<byte> buffer, ref int length, Operation operation)
    {
        fixed (byte* octets = buffer) return operation(_session, octets, ref length);
    }

    private static void SetCiphers(ref Policy policy, SrtpProfile profile)
    {
        switch (profile)
        {
            case SrtpProfile.AesCm128HmacSha1Tag80:
                srtp_crypto_policy_set_rtp_default(ref policy.Rtp);
                srtp_crypto_policy_set_rtp_default(ref policy.Rtcp);
                break;
            case SrtpProfile.AesCm128HmacSha1Tag32:
                srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(ref policy.Rtp);
                srtp_crypto_policy_set_rtp_default(ref policy.Rtcp);
                break;
            case SrtpProfile.AesCm256HmacSha1Tag80:
                srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(ref policy.Rtp);
                srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(ref policy.Rtcp);
                break;
            case SrtpProfile.AesCm256HmacSha1Tag32:
                srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(ref policy.Rtp);
                srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(ref policy.Rtcp);
                break;
            case SrtpProfile.AeadAes128Gcm:
                srtp_crypto_policy_set_aes_gcm_128_16_auth(ref policy.Rtp);
                srtp_crypto_policy_set_aes_gcm_128_16_auth(ref policy.Rtcp);
                break;
            default:
                srtp_crypto_policy_set_aes_gcm_256_16_auth(ref policy.Rtp);
                srtp_crypto_policy_set_aes_gcm_256_16_auth(ref policy.Rtcp);
                break;
        }
    }

    private static bool Load()
    {
        if (!NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out _)) return false;
        return srtp_init() == Ok;
    }

    private const string Library = "libsrtp2.so.1";

    [StructLayout(LayoutKind.Sequential)]
    private struct CryptoPolicy
    {
        public uint CipherType;
        public int CipherKeyLength;
        public uint AuthType;
        public int AuthKeyLength;
        public int AuthTagLength;
        public int Services;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Policy
    {
        public int SsrcType;
        public uint Ssrc;
        public CryptoPolicy Rtp;
        public CryptoPolicy Rtcp;
        public nint Key;
        public nint Keys;
        public nuint KeyCount;
        public nint Ekt;
        public nuint WindowSize;
        public int AllowRepeat;
        public nint EncryptedExtensions;
        public int EncryptedExtensionCount;
        public nint Next;
    }

    [LibraryImport(Library)]
    private static partial int srtp_init();

    [LibraryImport(Library)]
    private static partial int srtp_create(out nint session, ref Policy policy);

    [LibraryImport(Library)]
    private static partial int srtp_dealloc(nint session);

    [LibraryImport(Library)]
    private static partial int srtp_protect(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_protect_rtcp(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial int srtp_unprotect_rtcp(nint session, byte* packet, ref int length);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_rtp_default(ref CryptoPolicy policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(ref CryptoPolicy policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(ref CryptoPolicy policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(ref CryptoPolicy policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_gcm_128_16_auth(ref CryptoPolicy policy);

    [LibraryImport(Library)]
    private static partial void srtp_crypto_policy_set_aes_gcm_256_16_auth(ref CryptoPolicy policy);
}
