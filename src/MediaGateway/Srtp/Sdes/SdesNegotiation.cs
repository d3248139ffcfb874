using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EdgeAssist.MediaGateway.Srtp.Sdes;

/// <summary>What both sides of one media line send with after an offer and its answer (RFC 4568 §5.1).</summary>
/// <param name="Ours">Goes into our description; protects what we send.</param>
/// <param name="Theirs">Came in the peer's description; unprotects what we receive.</param>
internal sealed record SdesAgreement(CryptoAttribute Ours, CryptoAttribute Theirs) : IDisposable
{
    /// <summary>The keys of a leg. Copies: they outlive the agreement.</summary>
    public SrtpLegKeys ToLegKeys() => new([.. Theirs.Keys.Select(key => key.Copy())], Ours.Keys[0].Copy());

    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }
}

/// <summary>
/// Offer and answer of <c>a=crypto</c>. Both sides are strict: what cannot be agreed ends in null, and the line is refused,
/// never carried unprotected (RFC 4568 §7.1.2).
/// </summary>
internal static class SdesNegotiation
{
    /// <summary>One line with a fresh key for each profile, in this order of preference, tagged from 1.</summary>
    public static ImmutableArray<CryptoAttribute> Offer(params ReadOnlySpan<SrtpProfile> profiles)
    {
        var lines = ImmutableArray.CreateBuilder<CryptoAttribute>(profiles.Length);
        for (var i = 0; i < profiles.Length; i++) lines.Add(CryptoAttribute.Generate(i + 1, profiles[i]));
        return lines.ToImmutable();
    }

    /// <summary>Answers an offer: its first line that is understood and allowed, with a fresh key of ours (§5.1.2).</summary>
    /// <param name="offered">The values of the line's <c>a=crypto</c> attributes, in their order.</param>
    /// <param name="allowed">Profiles that are good enough; <see cref="SrtpProfiles.All"/> for any.</param>
    /// <returns>Null when nothing fits.</returns>
    public static SdesAgreement? Answer(IEnumerable<string> offered, ReadOnlySpan<SrtpProfile> allowed)
    {
        foreach (var value in offered)
        {
            if (!TryParse(value, out var theirs)) continue;
            if (allowed.Contains(theirs.Profile)) return new SdesAgreement(CryptoAttribute.Generate(theirs.Tag, theirs.Profile), theirs);
            theirs.Dispose();
        }

        return null;
    }

    /// <summary>Takes the answer to an offer of ours (§5.1.3): exactly one line, with the tag and suite of one of ours.</summary>
    /// <returns>Null when the answer is none: the line must then not be used.</returns>
    public static SdesAgreement? Accept(ImmutableArray<CryptoAttribute> offer, IReadOnlyList<string> answered)
    {
        if (answered.Count != 1 || !TryParse(answered[0], out var theirs)) return null;

        var ours = offer.FirstOrDefault(line => line.Tag == theirs.Tag && line.Profile == theirs.Profile);
        if (ours is not null) return new SdesAgreement(ours, theirs);
        theirs.Dispose();
        return null;
    }

    private static bool TryParse(string value, [NotNullWhen(true)] out CryptoAttribute? attribute) =>
        CryptoAttribute.TryParse(value, out attribute) == CryptoError.None && attribute is not null;
}
