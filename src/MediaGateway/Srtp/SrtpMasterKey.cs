using System.Security.Cryptography;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// A master key and salt with the profile they are for, and the identifier that packets carry when there is more than one
/// (RFC 3711 §3.1). Prints redacted; <see cref="Dispose"/> wipes it.
/// </summary>
internal sealed class SrtpMasterKey : IDisposable
{
    /// <summary>The longest MKI (RFC 4568 §6.1: length 1…128).</summary>
    public const int MaxMki = 128;

    private readonly byte[] _keyAndSalt;
    private readonly byte[] _mki;

    /// <param name="profile">What the key is for.</param>
    /// <param name="keyAndSalt">Master key, then master salt; copied.</param>
    /// <param name="mki">Master key identifier as it stands in packets; empty: packets carry none.</param>
    /// <param name="lifetime">RTP packets it may protect; 0: as many as the profile allows.</param>
    /// <exception cref="ArgumentException">A length is not the profile's.</exception>
    public SrtpMasterKey(SrtpProfile profile, ReadOnlySpan<byte> keyAndSalt, ReadOnlySpan<byte> mki = default, ulong lifetime = 0)
    {
        var expected = profile.KeyLength + profile.SaltLength;
        if (keyAndSalt.Length != expected) throw new ArgumentException($"{profile.SuiteName} takes {expected} octets of key and salt, not {keyAndSalt.Length}.", nameof(keyAndSalt));
        if (mki.Length > MaxMki) throw new ArgumentException($"An MKI has up to {MaxMki} octets, not {mki.Length}.", nameof(mki));

        Profile = profile;
        Lifetime = lifetime;
        _keyAndSalt = keyAndSalt.ToArray();
        _mki = mki.ToArray();
    }

    public SrtpProfile Profile { get; }

    /// <summary>RTP packets the key may protect; 0: as many as the profile allows.</summary>
    public ulong Lifetime { get; }

    public ReadOnlySpan<byte> KeyAndSalt => _keyAndSalt;

    public ReadOnlySpan<byte> Key => _keyAndSalt.AsSpan(0, Profile.KeyLength);

    public ReadOnlySpan<byte> Salt => _keyAndSalt.AsSpan(Profile.KeyLength);

    public ReadOnlySpan<byte> Mki => _mki;

    /// <summary>A fresh key from the system's generator.</summary>
    public static SrtpMasterKey Generate(SrtpProfile profile)
    {
        Span<byte> keyAndSalt = stackalloc byte[SrtpProfiles.MaxKeyAndSalt];
        keyAndSalt = keyAndSalt[..(profile.KeyLength + profile.SaltLength)];
        RandomNumberGenerator.Fill(keyAndSalt);
        var key = new SrtpMasterKey(profile, keyAndSalt);
        CryptographicOperations.ZeroMemory(keyAndSalt);
        return key;
    }

    /// <summary>Whether both are the same key in the same use.</summary>
    public bool Matches(SrtpMasterKey other) => Profile == other.Profile
        && CryptographicOperations.FixedTimeEquals(_keyAndSalt, other._keyAndSalt) && _mki.AsSpan().SequenceEqual(other._mki);

    /// <summary>A copy with a life of its own.</summary>
    public SrtpMasterKey Copy() => new(Profile, _keyAndSalt, _mki, Lifetime);

    public override string ToString() => $"{Profile.SuiteName} (key redacted)";

    public void Dispose() => CryptographicOperations.ZeroMemory(_keyAndSalt);
}
