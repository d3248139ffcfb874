namespace EdgeAssist.MediaGateway.Sdp.OfferAnswer;

/// <summary>When protected media (RTP/SAVP with SDES keys, RFC 4568, or UDP/TLS/RTP/SAVP with DTLS, RFC 5763) is taken, and whether plain media is.</summary>
internal enum SrtpPolicy
{
    /// <summary>Protected media where signalling is TLS: keys in the clear protect nothing (RFC 4568 §8.2), nor does a fingerprint that anybody could have changed (RFC 5763 §7.1). Plain media is taken too.</summary>
    WithTls = 0,

    /// <summary>Protected media over any signalling: a peer that cannot speak TLS, in a network that is trusted. Plain media is taken too.</summary>
    Allowed = 1,

    /// <summary>Protected media alone, and only where signalling is TLS.</summary>
    Required = 2,
}

/// <summary>What of an offer may be taken, by the trunk's policy and the signalling it came over. Refused means port 0, never a weaker profile.</summary>
internal readonly record struct MediaProtection(SrtpPolicy Policy, bool IsSecureSignalling)
{
    public bool TakesPlain => Policy != SrtpPolicy.Required;

    public bool TakesProtected => IsSecureSignalling || Policy == SrtpPolicy.Allowed;

    /// <summary>Whether the peer can be offered media at all: one that must be protected and has no secure signalling cannot.</summary>
    public bool CanOffer => TakesPlain || TakesProtected;

    /// <summary>Whether the peer is offered protected media.</summary>
    /// <param name="wish">The other party of the call has it protected.</param>
    public bool Offers(bool wish) => TakesProtected && (wish || !TakesPlain);

    /// <summary>Whether a transport profile is one of SDES; false for plain RTP, null for anything else.</summary>
    public static bool? IsProtected(string protocol) => protocol.ToUpperInvariant() switch
    {
        "RTP/AVP" or "RTP/AVPF" => false,
        "RTP/SAVP" or "RTP/SAVPF" => true,
        _ => null,
    };

    /// <summary>Whether a transport profile has its keys by DTLS over the media's own path (RFC 5764 §8).</summary>
    public static bool IsDtls(string protocol) => protocol.ToUpperInvariant() is "UDP/TLS/RTP/SAVP" or "UDP/TLS/RTP/SAVPF";
}
