using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Sdp;

/// <summary>One attribute (RFC 8866 §5.13): a flag when <paramref name="Value"/> is null.</summary>
internal readonly record struct SdpAttribute(string Name, string? Value)
{
    public override string ToString() => Value is null ? $"a={Name}" : $"a={Name}:{Value}";
}

/// <summary>Origin (RFC 8866 §5.2). The version goes up by one when the description changes, and only then.</summary>
internal sealed record SdpOrigin(string User, string SessionId, ulong Version, string Address)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"o={User} {SessionId} {Version} IN {SdpWriter.AddressType(Address)} {Address}");
}

/// <summary>Direction of a stream as its sender states it (RFC 3264 §5.1).</summary>
internal enum SdpDirection
{
    SendRecv = 0,
    SendOnly = 1,
    RecvOnly = 2,
    Inactive = 3,
}

/// <summary>Directions as attributes.</summary>
internal static class SdpDirections
{
    /// <summary>The attribute that states it.</summary>
    public static string Name(this SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        SdpDirection.Inactive => "inactive",
        _ => "sendrecv",
    };
}

/// <summary>A session description (RFC 8866). Attributes it does not know are kept in order.</summary>
internal sealed record SessionDescription
{
    public SdpOrigin Origin { get; init; } = new("-", "0", 0, "0.0.0.0");

    public string Name { get; init; } = "-";

    /// <summary>Address of the session-level c= line, null when absent; a name or an address.</summary>
    public string? Connection { get; init; }

    /// <summary>Values of the b= lines (RFC 8866 §5.8).</summary>
    public ImmutableArray<string> Bandwidth { get; init; } = [];

    public ImmutableArray<SdpAttribute> Attributes { get; init; } = [];

    public ImmutableArray<MediaDescription> Media { get; init; } = [];

    /// <summary>Direction that holds for streams that state none.</summary>
    public SdpDirection Direction => MediaDescription.DirectionOf(Attributes) ?? SdpDirection.SendRecv;
}

/// <summary>One m= line with what belongs to it (RFC 8866 §5.14).</summary>
internal sealed record MediaDescription
{
    /// <summary>audio, video, message, …</summary>
    public required string Kind { get; init; }

    /// <summary>0 to 65 535; 0 refuses or ends the stream.</summary>
    public required int Port { get; init; }

    /// <summary>Transport profile, for example <c>RTP/AVP</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Format list as written: payload types for RTP.</summary>
    public ImmutableArray<string> Formats { get; init; } = [];

    /// <summary>Address of the media-level c= line, null when absent.</summary>
    public string? Connection { get; init; }

    /// <summary>Values of the b= lines (RFC 8866 §5.8).</summary>
    public ImmutableArray<string> Bandwidth { get; init; } = [];

    public ImmutableArray<SdpAttribute> Attributes { get; init; } = [];

    /// <summary>Label (RFC 4574), empty when absent.</summary>
    public string Label => Attribute("label") ?? "";

    /// <summary>The value of the first attribute of this name, "" for a flag, null when absent.</summary>
    public string? Attribute(string name)
    {
        foreach (var attribute in Attributes)
            if (attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return attribute.Value ?? "";
        return null;
    }

    /// <summary>The stream's own direction, or that of its session.</summary>
    public SdpDirection DirectionIn(SessionDescription session) => DirectionOf(Attributes) ?? session.Direction;

    /// <summary>Where media comes from: the c= line of the stream, else of the session, else null (seen from OpenSIPS).</summary>
    public IPAddress? AddressIn(SessionDescription session) =>
        IPAddress.TryParse(Connection ?? session.Connection, out var address) ? address : null;

    /// <summary>The payload formats in the order of the m= line; one whose meaning is not given anywhere is left out.</summary>
    public ImmutableArray<MediaFormat> PayloadFormats() =>
        [.. Formats.Select(PayloadFormat.Find(this)).OfType<MediaFormat>()];

    internal static SdpDirection? DirectionOf(ImmutableArray<SdpAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Value is not null) continue;
            switch (attribute.Name.ToLowerInvariant())
            {
                case "sendrecv": return SdpDirection.SendRecv;
                case "sendonly": return SdpDirection.SendOnly;
                case "recvonly": return SdpDirection.RecvOnly;
                case "inactive": return SdpDirection.Inactive;
            }
        }

        return null;
    }
}
