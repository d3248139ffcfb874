using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.MediaGateway.Srtp.Sdes;

/// <summary>Why an <c>a=crypto</c> attribute cannot be used. None of them carries any part of the key.</summary>
internal enum CryptoError
{
    None = 0,
    Malformed,
    BadTag,
    UnknownSuite,

    /// <summary>Another method than <c>inline</c>.</summary>
    UnknownMethod,

    /// <summary>Not base64, or not as long as the suite's key and salt.</summary>
    BadKey,
    BadLifetime,
    BadMki,

    /// <summary>A session parameter that changes the protection: no encryption, no authentication, a key derivation rate, FEC keys, one not known.</summary>
    UnsupportedParameter,
}

/// <summary>
/// One <c>a=crypto</c> attribute (RFC 4568 §4, §9.2): a suite and the keys its writer will send with. Prints redacted: only
/// <see cref="Write"/> gives the keys away, into the body of a message.
/// </summary>
internal sealed class CryptoAttribute : IDisposable
{
    /// <summary>Attribute values longer than this are not read.</summary>
    public const int MaxLength = 2_048;

    /// <summary>Keys in one attribute, at most.</summary>
    public const int MaxKeys = 8;

    private const string Inline = "inline:";
    private const int MaxTag = 999_999_999;
    private const string Base64Padding = "==";

    private CryptoAttribute(int tag, SrtpProfile profile, ImmutableArray<SrtpMasterKey> keys)
    {
        Tag = tag;
        Profile = profile;
        Keys = keys;
    }

    /// <summary>1…999 999 999; an answer repeats that of the line it accepts.</summary>
    public int Tag { get; }

    public SrtpProfile Profile { get; }

    /// <summary>At least one. Several are told apart by their MKI.</summary>
    public ImmutableArray<SrtpMasterKey> Keys { get; }

    /// <summary>An attribute with a fresh key of ours.</summary>
    public static CryptoAttribute Generate(int tag, SrtpProfile profile) => new(tag, profile, [SrtpMasterKey.Generate(profile)]);

    /// <summary>Reads the value of an attribute, what stands behind <c>a=crypto:</c>. Any text may come in; none throws.</summary>
    public static CryptoError TryParse(ReadOnlySpan<char> value, out CryptoAttribute? attribute)
    {
        attribute = null;
        if (value.Length > MaxLength) return CryptoError.Malformed;

        var text = value.Trim();
        var tagText = Take(ref text, ' ');
        var suite = Take(ref text, ' ');
        var keyText = Take(ref text, ' ');
        if (keyText.IsEmpty) return CryptoError.Malformed;
        if (!int.TryParse(tagText, NumberStyles.None, CultureInfo.InvariantCulture, out var tag) || tag > MaxTag) return CryptoError.BadTag;
        if (!SrtpProfiles.TryParse(suite, out var profile)) return CryptoError.UnknownSuite;

        var error = CheckParameters(text);
        if (error != CryptoError.None) return error;

        error = ParseKeys(keyText, profile, out var keys);
        if (error == CryptoError.None) attribute = new CryptoAttribute(tag, profile, keys);
        return error;
    }

    /// <summary>The value as it stands in SDP, keys included: never for a log.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Tag} {Profile.SuiteName} ");
        for (var i = 0; i < Keys.Length; i++)
        {
            var key = Keys[i];
            text.Append(i > 0 ? ";" : "").Append(Inline).Append(Convert.ToBase64String(key.KeyAndSalt));
            if (key.Lifetime > 0) text.Append(CultureInfo.InvariantCulture, $"|{key.Lifetime}");
            if (key.Mki.Length > 0) text.Append(CultureInfo.InvariantCulture, $"|{new BigInteger(key.Mki, isUnsigned: true, isBigEndian: true)}:{key.Mki.Length}");
        }

        return text.ToString();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Tag} {Profile.SuiteName} (key redacted)");

    public void Dispose()
    {
        foreach (var key in Keys) key.Dispose();
    }

    private static CryptoError CheckParameters(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(' '))
        {
            var parameter = parameters[range];
            var harmless = parameter.IsEmpty || parameter[0] == '-'   // an extension that may be ignored (§6.3.7)
                || parameter.Equals("KDR=0", StringComparison.OrdinalIgnoreCase)
                || parameter.StartsWith("WSH=", StringComparison.OrdinalIgnoreCase);   // a hint (§6.3.6): ours is 128 always
            if (!harmless) return CryptoError.UnsupportedParameter;
        }

        return CryptoError.None;
    }

    private static CryptoError ParseKeys(ReadOnlySpan<char> text, SrtpProfile profile, out ImmutableArray<SrtpMasterKey> keys)
    {
        var found = ImmutableArray.CreateBuilder<SrtpMasterKey>();
        var error = CryptoError.None;
        foreach (var range in text.Split(';'))
        {
            error = found.Count == MaxKeys ? CryptoError.Malformed : ParseKey(text[range], profile, found);
            if (error != CryptoError.None) break;
        }

        // Several keys without identifiers could not be told apart (§6.1).
        var ambiguous = found.Count > 1 && found.Any(key => key.Mki.Length == 0 || key.Mki.Length != found[0].Mki.Length);
        if (error == CryptoError.None && ambiguous) error = CryptoError.BadMki;
        keys = found.ToImmutable();
        if (error == CryptoError.None) return error;

        foreach (var key in keys) key.Dispose();
        keys = [];
        return error;
    }

    /// <summary><c>inline:key||salt[|lifetime][|MKI:length]</c></summary>
    private static CryptoError ParseKey(ReadOnlySpan<char> text, SrtpProfile profile, ImmutableArray<SrtpMasterKey>.Builder found)
    {
        if (!text.StartsWith(Inline, StringComparison.OrdinalIgnoreCase)) return CryptoError.UnknownMethod;

        var rest = text[Inline.Length..];
        var encoded = Take(ref rest, '|');
        Span<byte> keyAndSalt = stackalloc byte[SrtpProfiles.MaxKeyAndSalt];
        if (!TryDecode(encoded, profile.KeyLength + profile.SaltLength, keyAndSalt)) return CryptoError.BadKey;

        var lifetime = 0UL;
        Span<byte> mki = stackalloc byte[SrtpMasterKey.MaxMki];
        var mkiLength = 0;
        if (!rest.IsEmpty && !rest.Contains(':'))
        {
            if (!TryReadLifetime(rest, out lifetime)) return CryptoError.BadLifetime;
        }
        else if (!rest.IsEmpty)
        {
            if (rest.Contains('|') && !TryReadLifetime(Take(ref rest, '|'), out lifetime)) return CryptoError.BadLifetime;
            if (!TryReadMki(rest, mki, out mkiLength)) return CryptoError.BadMki;
        }

        found.Add(new SrtpMasterKey(profile, keyAndSalt[..(profile.KeyLength + profile.SaltLength)], mki[..mkiLength], lifetime));
        CryptographicOperations.ZeroMemory(keyAndSalt);
        return CryptoError.None;
    }

    /// <summary>Base64 with its padding, or without: RFC 7714's 28 and 44 octets and others are sent both ways.</summary>
    private static bool TryDecode(ReadOnlySpan<char> encoded, int length, Span<byte> keyAndSalt)
    {
        Span<char> padded = stackalloc char[(SrtpProfiles.MaxKeyAndSalt + 2) / 3 * 4];
        var full = (length + 2) / 3 * 4;
        if (encoded.Length > full || encoded.Length < full - Base64Padding.Length) return false;

        encoded.CopyTo(padded);
        padded[encoded.Length..full].Fill('=');
        var decoded = Convert.TryFromBase64Chars(padded[..full], keyAndSalt, out var written) && written == length;
        padded.Clear();
        return decoded;
    }

    private static bool TryReadLifetime(ReadOnlySpan<char> text, out ulong lifetime)
    {
        if (!text.StartsWith("2^")) return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out lifetime) && lifetime is > 0 and <= 1UL << 48;

        lifetime = 0;
        if (!int.TryParse(text[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var power) || power > 48) return false;
        lifetime = 1UL << power;
        return true;
    }

    /// <summary>A decimal value, and in how many octets packets carry it (§6.1).</summary>
    private static bool TryReadMki(ReadOnlySpan<char> text, Span<byte> mki, out int length)
    {
        length = 0;
        var valueText = Take(ref text, ':');
        if (valueText.Length > 310) return false;   // 128 octets in decimal
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) || length is < 1 or > SrtpMasterKey.MaxMki) return false;
        if (!BigInteger.TryParse(valueText, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value.GetByteCount(isUnsigned: true) > length) return false;

        mki[..length].Clear();
        return value.TryWriteBytes(mki[(length - value.GetByteCount(isUnsigned: true))..length], out _, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>What stands before the separator, or all of it; the text goes on behind.</summary>
    private static ReadOnlySpan<char> Take(ref ReadOnlySpan<char> text, char separator)
    {
        var end = text.IndexOf(separator);
        var part = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..].TrimStart(' ');
        return part;
    }
}
