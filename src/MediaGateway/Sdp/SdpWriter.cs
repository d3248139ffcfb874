using System.Globalization;
using System.Text;

namespace EdgeAssist.MediaGateway.Sdp;

/// <summary>Writes session descriptions (RFC 8866 §5), lines in the order of the RFC.</summary>
internal static class SdpWriter
{
    public static byte[] Write(SessionDescription description)
    {
        var text = new StringBuilder(512);
        Line(text, "v=0");
        Line(text, description.Origin.ToString());
        Line(text, "s=" + description.Name);
        if (description.Connection is { } connection) Line(text, Connection(connection));
        foreach (var bandwidth in description.Bandwidth) Line(text, "b=" + bandwidth);
        Line(text, "t=0 0");
        foreach (var attribute in description.Attributes) Line(text, attribute.ToString());
        foreach (var media in description.Media)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"m={media.Kind} {media.Port} {media.Protocol} {string.Join(' ', media.Formats)}"));
            if (media.Connection is { } own) Line(text, Connection(own));
            foreach (var bandwidth in media.Bandwidth) Line(text, "b=" + bandwidth);
            foreach (var attribute in media.Attributes) Line(text, attribute.ToString());
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static string AddressType(string address) => address.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4";

    private static string Connection(string address) => $"c=IN {AddressType(address)} {address}";

    private static void Line(StringBuilder text, string line) => text.Append(line).Append("\r\n");
}
