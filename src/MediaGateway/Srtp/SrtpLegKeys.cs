using System.Collections.Immutable;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>
/// The keys of one leg, however they were agreed (SDES or DTLS). Belongs to whoever made it, for as long as the leg: the leg
/// derives what it needs, and the maker disposes of it.
/// </summary>
/// <param name="Inbound">What the peer sends with; several are told apart by their MKI.</param>
/// <param name="Outbound">What we send with.</param>
internal sealed record SrtpLegKeys(ImmutableArray<SrtpMasterKey> Inbound, SrtpMasterKey Outbound) : IDisposable
{
    public void Dispose()
    {
        foreach (var key in Inbound) key.Dispose();
        Outbound.Dispose();
    }

    public override string ToString() => $"{Outbound.Profile.SuiteName} (keys redacted)";

    public bool Equals(SrtpLegKeys? other) => other is not null && Outbound.Matches(other.Outbound)
        && Inbound.Length == other.Inbound.Length && Inbound.Zip(other.Inbound).All(pair => pair.First.Matches(pair.Second));

    public override int GetHashCode() => Outbound.Profile.GetHashCode();
}
