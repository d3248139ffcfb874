using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Srtp.Sdes;

namespace EdgeAssist.MediaGateway.Sdp.OfferAnswer;

/// <summary>What becomes of one m= line of an offer.</summary>
internal sealed record LinePlan
{
    /// <summary>Position among the m= lines, from 0.</summary>
    public required int Index { get; init; }

    public required MediaDescription Offered { get; init; }

    /// <summary>Formats answered, the codec first, then telephone-event and CN at its clock rate; empty refuses the line.</summary>
    public ImmutableArray<MediaFormat> Formats { get; init; } = [];

    /// <summary>Direction answered: recvonly or inactive.</summary>
    public SdpDirection Direction { get; init; } = SdpDirection.Inactive;

    /// <summary>Where the peer sends from, as far as it says; address any when it does not.</summary>
    public IPEndPoint Remote { get; init; } = new(IPAddress.Any, 0);

    /// <summary>RTCP shares the RTP port (RFC 5761): asked for and granted.</summary>
    public bool RtcpMux { get; init; }

    /// <summary>The line is of a protected profile: without <see cref="Crypto"/> or <see cref="Dtls"/> it is refused.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Keys of both sides (RFC 4568), null on a plain line. Belongs to the line it is agreed for.</summary>
    public SdesAgreement? Crypto { get; init; }

    /// <summary>The keys come by DTLS instead: our role and the peer's fingerprint. Null by SDES, and on a plain line.</summary>
    public DtlsPlan? Dtls { get; init; }

    public bool IsAccepted => !Formats.IsEmpty;

    public string Label => Offered.Label;
}
