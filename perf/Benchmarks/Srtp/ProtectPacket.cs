using System.Buffers.Binary;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.Benchmarks.Srtp;

/// <summary>What does protecting a 20 ms packet of G.711 cost, and reading it as well? 0 B allocated is a rule.</summary>
[MemoryDiagnoser]
public class ProtectPacket
{
    private readonly byte[] _plain = new byte[172];
    private readonly byte[] _wire = new byte[172 + SrtpContext.MaxOverhead];
    private SrtpContext _sender = null!;
    private SrtpContext _receiver = null!;
    private ushort _number;

    [Params("AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM")]
    public string Suite { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        if (!SrtpProfiles.TryParse(Suite, out var profile)) throw new InvalidOperationException($"No such suite: {Suite}.");
        using var key = SrtpMasterKey.Generate(profile);
        (_sender, _receiver) = (new SrtpContext(key), new SrtpContext(key));
        _plain[0] = 0x80;
    }

    [Benchmark]
    public bool Protect() => Protect(out _) == SrtpResult.Ok;

    [Benchmark]
    public bool ProtectAndUnprotect()
    {
        Protect(out var length);
        return _receiver.TryUnprotect(_wire.AsSpan(0, length), _wire, out _) == SrtpResult.Ok;
    }

    private SrtpResult Protect(out int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_plain.AsSpan(2), ++_number);
        return _sender.TryProtect(_plain, _wire, out length);
    }
}

/// <summary>Is the platform's HMAC or GCM faster for a packet than ours? That decides which of the two SRTP uses.</summary>
[MemoryDiagnoser]
public class PacketAuthentication : IDisposable
{
    private readonly byte[] _key = new byte[20];
    private readonly byte[] _message = new byte[176];
    private readonly byte[] _output = new byte[192];
    private readonly byte[] _nonce = new byte[12];
    private readonly HmacSha1 _ours = new(new byte[20]);
    private readonly IncrementalHash _incremental = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, new byte[20]);
    private readonly GaloisCounter _gcm = new(new byte[16]);
    private readonly AesGcm _platformGcm = new(new byte[16], 16);

    [GlobalCleanup]
    public void Dispose()
    {
        _ours.Dispose();
        _incremental.Dispose();
        _gcm.Dispose();
        _platformGcm.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public void HmacSha1Ours() => _ours.Compute(_message.AsSpan(0, 172), 1, _output);

#pragma warning disable CA5350 // RFC 3711 has HMAC-SHA1
    [Benchmark]
    public int HmacSha1OneShot() => HMACSHA1.HashData(_key, _message, _output);
#pragma warning restore CA5350

    [Benchmark]
    public int HmacSha1Incremental()
    {
        _incremental.AppendData(_message);
        return _incremental.GetHashAndReset(_output);
    }

    [Benchmark]
    public void GcmOurs() => _gcm.Seal(_nonce, _message.AsSpan(0, 12), _message.AsSpan(12, 160), _output);

    [Benchmark]
    public void GcmPlatform() => _platformGcm.Encrypt(_nonce, _message.AsSpan(12, 160), _output.AsSpan(0, 160), _output.AsSpan(160, 16), _message.AsSpan(0, 12));
}
