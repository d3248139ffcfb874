namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>RFC 3711 §4.3.1 and §4.3.3 with a key derivation rate of 0: every session key is key stream of the master key.</summary>
internal sealed class SrtpKeyDerivation : IDisposable
{
    public const byte MediaEncryption = 0;
    public const byte MediaAuthentication = 1;
    public const byte MediaSalt = 2;
    public const byte ControlEncryption = 3;
    public const byte ControlAuthentication = 4;
    public const byte ControlSalt = 5;

    private readonly AesCounter _masterCipher;
    private readonly byte[] _salt = new byte[14];   // RFC 7714 §11: a salt of 12 octets has two zero octets behind it

    public SrtpKeyDerivation(SrtpMasterKey key)
    {
        _masterCipher = new AesCounter(key.Key);
        key.Salt.CopyTo(_salt);
    }

    /// <summary>Derives as many octets as <paramref name="derived"/> takes.</summary>
    public void Derive(byte label, Span<byte> derived)
    {
        Span<byte> iv = stackalloc byte[16];
        _salt.CopyTo(iv);
        iv[14..].Clear();
        iv[7] ^= label;
        derived.Clear();
        _masterCipher.Transform(iv, 0, derived, derived);
    }

    public void Dispose()
    {
        _masterCipher.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(_salt);
    }
}
