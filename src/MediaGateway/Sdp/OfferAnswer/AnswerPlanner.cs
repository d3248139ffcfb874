using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Srtp.Dtls;

namespace EdgeAssist.MediaGateway.Sdp.OfferAnswer;

/// <summary>
/// Decides the answer of a recording server to an offer (RFC 3264 §6, RFC 7866 §7.1): it only ever receives.
/// </summary>
/// <param name="codecs">What can be received, <c>NAME/clock</c>.</param>
/// <param name="protection">Which transport profiles are taken.</param>
internal sealed class AnswerPlanner(ImmutableArray<string> codecs, MediaProtection protection = default)
{
    /// <summary>Redundancy against loss, mono, no more band than analysis hears.</summary>
    private const string OpusParameters = "maxplaybackrate=16000;stereo=0;useinbandfec=1";

    /// <summary>One plan for each m= line, in order.</summary>
    /// <param name="offer">The offer.</param>
    /// <param name="source">Where signalling came from: stands in for a c= line that is missing.</param>
    public ImmutableArray<LinePlan> Plan(SessionDescription offer, IPAddress source) =>
        [.. offer.Media.Select((media, index) => PlanLine(offer, media, index, source))];

    private LinePlan PlanLine(SessionDescription offer, MediaDescription media, int index, IPAddress source)
    {
        var plan = new LinePlan { Index = index, Offered = media };
        if (media.Kind != "audio" || media.Port == 0) return plan;
        var dtls = MediaProtection.IsDtls(media.Protocol) ? PlanDtls(offer, media) : null;
        if ((dtls is not null ? true : MediaProtection.IsProtected(media.Protocol)) is not { } isProtected) return plan;
        if (!(isProtected ? protection.TakesProtected : protection.TakesPlain)) return plan;

        var formats = Choose(media.PayloadFormats());
        if (formats.IsEmpty) return plan;

        // A name in the c= line is not looked up; like a missing one it is replaced by where the request came from.
        var address = media.AddressIn(offer) ?? source;
        var isHeld = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return plan with
        {
            Formats = formats,
            Direction = isHeld ? SdpDirection.Inactive : AnswerTo(media.DirectionIn(offer)),
            Remote = new IPEndPoint(address, media.Port),
            RtcpMux = media.Attribute("rtcp-mux") is not null,
            IsProtected = isProtected,
            Dtls = dtls,
        };
    }

    /// <summary>Our role and the peer's fingerprint, of the line or of the session (RFC 5763 §5); null without either of them.</summary>
    private static DtlsPlan? PlanDtls(SessionDescription offer, MediaDescription media)
    {
        var setup = DtlsSetups.Parse(Attribute("setup"));
        var fingerprint = DtlsFingerprint.Parse(Attribute("fingerprint"));
        return setup is { } offered && fingerprint is not null ? new DtlsPlan(offered.Answer(), fingerprint) : null;

        string? Attribute(string name) => media.Attribute(name) ?? offer.Attributes.FirstOrDefault(attribute => attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
    }

    // sendrecv comes from clients that forgot to say sendonly; recvonly asks us to send, which we never do.
    private static SdpDirection AnswerTo(SdpDirection offered) => offered switch
    {
        SdpDirection.SendOnly or SdpDirection.SendRecv => SdpDirection.RecvOnly,
        _ => SdpDirection.Inactive,
    };

    /// <summary>The first codec of the offer that we have: the client listed them in its own order (RFC 3264 §6.1).</summary>
    private ImmutableArray<MediaFormat> Choose(ImmutableArray<MediaFormat> offered)
    {
        var codec = offered.FirstOrDefault(format => (format.Channels == 1 || IsOpus(format)) && codecs.Any(name => Matches(name, format)));
        if (codec is null) return [];

        // Parameters of Opus say what their writer wants to receive (RFC 7587 §6.1): ours, not those of the offer.
        if (IsOpus(codec)) codec = codec with { Parameters = OpusParameters };
        var formats = ImmutableArray.Create(codec);
        foreach (var name in (ReadOnlySpan<string>)["telephone-event", "CN"])
            if (offered.FirstOrDefault(format => Is(format, name) && format.ClockRate == codec.ClockRate) is { } extra)
                formats = formats.Add(extra);
        return formats;
    }

    /// <summary>Two channels on the line whatever they carry (RFC 7587 §7).</summary>
    private static bool IsOpus(MediaFormat format) => Is(format, "opus");

    private static bool Is(MediaFormat format, string name) => format.EncodingName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool Matches(string codec, MediaFormat format) =>
        codec.Equals(string.Create(CultureInfo.InvariantCulture, $"{format.EncodingName}/{format.ClockRate}"), StringComparison.OrdinalIgnoreCase);
}
