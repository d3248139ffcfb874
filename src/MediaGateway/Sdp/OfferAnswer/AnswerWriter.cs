using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Srtp.Dtls;

namespace EdgeAssist.MediaGateway.Sdp.OfferAnswer;

/// <summary>
/// One side's own description in a dialog: its m= lines follow the offer's, its o= version goes up by one exactly when the
/// text changes (RFC 3264 §8).
/// </summary>
/// <param name="sessionId">Session id of o=, decimal digits.</param>
/// <param name="fingerprint">Of our certificate, for lines keyed by DTLS.</param>
internal sealed class AnswerWriter(string sessionId, Func<DtlsFingerprint?> fingerprint)
{
    private string? _last;
    private ulong _version = 1;

    /// <summary>The answer.</summary>
    /// <param name="plans">One plan for each m= line of the offer.</param>
    /// <param name="ports">Local RTP port for each of them, 0 to refuse it.</param>
    /// <param name="address">Our media address.</param>
    public byte[] Answer(ImmutableArray<LinePlan> plans, ImmutableArray<int> ports, string address) =>
        Write([.. plans.Select((plan, index) => Line(plan, ports[index]))], address);

    /// <summary>Our own offer, for an INVITE that brought none: receive-only audio.</summary>
    /// <param name="formats">What we receive.</param>
    /// <param name="ports">One local RTP port for each stream.</param>
    /// <param name="address">Our media address.</param>
    public byte[] Offer(ImmutableArray<MediaFormat> formats, ImmutableArray<int> ports, string address) =>
        Write([.. ports.Select(port => Audio("RTP/AVP", port, formats, [new SdpAttribute("recvonly", null)]))], address);

    private byte[] Write(ImmutableArray<MediaDescription> media, string address)
    {
        var description = new SessionDescription
        {
            Origin = new SdpOrigin("-", sessionId, 0, address), Name = "-", Connection = address, Media = media,
        };
        var text = System.Text.Encoding.UTF8.GetString(SdpWriter.Write(description));
        if (_last is not null && _last != text) _version++;
        _last = text;
        return SdpWriter.Write(description with { Origin = description.Origin with { Version = _version } });
    }

    private MediaDescription Line(LinePlan plan, int port)
    {
        var offered = plan.Offered;
        if (!plan.IsAccepted || port == 0)
        {
            // A refused line keeps its place and its formats (RFC 3264 §6).
            return new MediaDescription { Kind = offered.Kind, Port = 0, Protocol = offered.Protocol, Formats = offered.Formats };
        }

        var attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        attributes.Add(new SdpAttribute(plan.Direction == SdpDirection.RecvOnly ? "recvonly" : "inactive", null));
        if (offered.Label.Length > 0) attributes.Add(new SdpAttribute("label", offered.Label));
        if (plan.RtcpMux) attributes.Add(new SdpAttribute("rtcp-mux", null));
        if (plan.Crypto is { } crypto) attributes.Add(new SdpAttribute("crypto", crypto.Ours.Write()));
        if (plan.Dtls is { } dtls)
        {
            attributes.Add(new SdpAttribute("setup", dtls.Role.Write()));
            attributes.Add(new SdpAttribute("fingerprint", fingerprint()!.ToString()));
        }

        return Audio(offered.Protocol, port, plan.Formats, attributes.ToImmutable());
    }

    private static MediaDescription Audio(string protocol, int port, ImmutableArray<MediaFormat> formats, ImmutableArray<SdpAttribute> more)
    {
        var attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        foreach (var format in formats)
        {
            var channels = format.Channels == 1 ? "" : "/" + format.Channels.ToString(CultureInfo.InvariantCulture);
            attributes.Add(new SdpAttribute("rtpmap",
                string.Create(CultureInfo.InvariantCulture, $"{format.PayloadType} {format.EncodingName}/{format.ClockRate}{channels}")));
            if (format.Parameters.Length > 0)
                attributes.Add(new SdpAttribute("fmtp", string.Create(CultureInfo.InvariantCulture, $"{format.PayloadType} {format.Parameters}")));
        }

        attributes.AddRange(more);
        return new MediaDescription
        {
            Kind = "audio", Port = port, Protocol = protocol,
            Formats = [.. formats.Select(format => format.PayloadType.ToString(CultureInfo.InvariantCulture))],
            Attributes = attributes.ToImmutable(),
        };
    }
}
