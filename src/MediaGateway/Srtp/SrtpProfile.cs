namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>Cipher and authentication of a protected stream; the numbers are those of DTLS-SRTP (RFC 5764 §4.1.2, RFC 7714 §14.2) where it has one.</summary>
internal enum SrtpProfile
{
    /// <summary>RFC 3711: AES-128 counter mode, HMAC-SHA1 of 80 bits.</summary>
    AesCm128HmacSha1Tag80 = 0x0001,

    /// <summary>RFC 3711: AES-128 counter mode, HMAC-SHA1 of 32 bits for RTP and 80 for RTCP.</summary>
    AesCm128HmacSha1Tag32 = 0x0002,

    /// <summary>RFC 7714.</summary>
    AeadAes128Gcm = 0x0007,

    /// <summary>RFC 7714.</summary>
    AeadAes256Gcm = 0x0008,

    /// <summary>RFC 6188; SDES only, DTLS-SRTP has no number for it.</summary>
    AesCm256HmacSha1Tag80 = 0x1_0001,

    /// <summary>RFC 6188; SDES only.</summary>
    AesCm256HmacSha1Tag32 = 0x1_0002,
}

/// <summary>The lengths of each profile, in octets, and its name in SDES.</summary>
internal static class SrtpProfiles
{
    /// <summary>The longest master key and salt together.</summary>
    public const int MaxKeyAndSalt = 32 + 14;

    extension(SrtpProfile profile)
    {
        public bool IsAead => profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm;

        public int KeyLength => profile is SrtpProfile.AeadAes256Gcm or SrtpProfile.AesCm256HmacSha1Tag80 or SrtpProfile.AesCm256HmacSha1Tag32 ? 32 : 16;

        public int SaltLength => profile.IsAead ? 12 : 14;

        /// <summary>Authentication tag of an RTP packet.</summary>
        public int TagLength => profile switch
        {
            SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm => 16,
            SrtpProfile.AesCm128HmacSha1Tag32 or SrtpProfile.AesCm256HmacSha1Tag32 => 4,
            _ => 10,
        };

        /// <summary>Authentication tag of an RTCP packet: 80 bits even where RTP has 32 (RFC 3711 §5.2, RFC 4568 §6.2.2).</summary>
        public int ControlTagLength => profile.IsAead ? 16 : 10;

        /// <summary>The crypto-suite of SDES (RFC 4568 §6.2, RFC 6188 §3.1, RFC 7714 §14.1).</summary>
        public string SuiteName => profile switch
        {
            SrtpProfile.AesCm128HmacSha1Tag80 => "AES_CM_128_HMAC_SHA1_80",
            SrtpProfile.AesCm128HmacSha1Tag32 => "AES_CM_128_HMAC_SHA1_32",
            SrtpProfile.AesCm256HmacSha1Tag80 => "AES_256_CM_HMAC_SHA1_80",
            SrtpProfile.AesCm256HmacSha1Tag32 => "AES_256_CM_HMAC_SHA1_32",
            SrtpProfile.AeadAes128Gcm => "AEAD_AES_128_GCM",
            _ => "AEAD_AES_256_GCM",
        };
    }

    /// <summary>All profiles, the strongest first: the order in which we prefer them.</summary>
    public static ReadOnlySpan<SrtpProfile> All =>
    [
        SrtpProfile.AeadAes256Gcm, SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm256HmacSha1Tag80, SrtpProfile.AesCm128HmacSha1Tag80,
        SrtpProfile.AesCm256HmacSha1Tag32, SrtpProfile.AesCm128HmacSha1Tag32,
    ];

    /// <summary>The profile of a crypto-suite; names compare without case (RFC 4568 §9.2 through RFC 5234 §2.3).</summary>
    public static bool TryParse(ReadOnlySpan<char> suite, out SrtpProfile profile)
    {
        foreach (var candidate in All)
        {
            if (!suite.Equals(candidate.SuiteName, StringComparison.OrdinalIgnoreCase)) continue;
            profile = candidate;
            return true;
        }

        profile = default;
        return false;
    }
}
