using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Sdes;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>The one audio line between us and a supervisor's phone: what we say of it, and what the phone's words make of it.</summary>
internal sealed class SupervisorDescription
{
    private const int EventPayloadType = 101;
    private static readonly string[] s_narrow = ["PCMU", "PCMA"];

    private readonly string _sessionId;
    private readonly IPAddress _address;
    private readonly ImmutableArray<MediaFormat> _offered;
    private readonly CryptoAttribute? _ours;
    private readonly bool _learnPort;
    private int _port;
    private string? _text;

    /// <param name="sessionId">Session id of o=, decimal digits.</param>
    /// <param name="address">Our media address.</param>
    /// <param name="formats">What we offer.</param>
    /// <param name="isProtected">Whether the line is SAVP with a key of ours.</param>
    /// <param name="learnPort">The phone sends from another port than it says.</param>
    public SupervisorDescription(string sessionId, IPAddress address, ImmutableArray<MediaFormat> formats, bool isProtected, bool learnPort)
    {
        (_sessionId, _address, _offered, _learnPort) = (sessionId, address, formats, learnPort);
        _ours = isProtected ? CryptoAttribute.Generate(1, SrtpProfile.AesCm128HmacSha1Tag80) : null;
    }

    /// <summary>Origin of what was said last.</summary>
    public SdpOrigin Origin { get; private set; } = new("-", "0", 0, "");

    /// <summary>What was said last.</summary>
    public ReadOnlyMemory<byte> Last { get; private set; }

    /// <summary>Formats for a call that is mixed: its own first, so that nothing has to be recoded.</summary>
    public static ImmutableArray<MediaFormat> ForMixing(string codec, ImmutableArray<string> wanted) =>
        Formats([.. s_narrow.OrderByDescending(name => name.Equals(codec, StringComparison.OrdinalIgnoreCase))], wanted);

    /// <summary>Formats for hearing a fork, which is wideband.</summary>
    public static ImmutableArray<MediaFormat> ForListening(ImmutableArray<string> wanted) => Formats(["G722", "PCMU", "PCMA"], wanted);

    /// <summary>What the port takes before the phone has answered: nothing.</summary>
    public RelaySidePlan Unanswered => new() { Remote = new IPEndPoint(IPAddress.Any, 0), Formats = _offered, Direction = SdpDirection.Inactive };

    /// <summary>Our offer, or our answer.</summary>
    /// <param name="port">Our port.</param>
    /// <param name="direction">Ours.</param>
    public ReadOnlyMemory<byte> Write(int port, SdpDirection direction = SdpDirection.SendRecv)
    {
        _port = port;
        var unversioned = new SessionDescription
        {
            Origin = new SdpOrigin("-", _sessionId, 0, _address.ToString()),
            Connection = _address.ToString(),
            Media = [Line(direction)],
        };
        var text = System.Text.Encoding.UTF8.GetString(SdpWriter.Write(unversioned));
        if (text == _text) return Last;
        _text = text;
        Origin = unversioned.Origin with { Version = Origin.Version + 1 };
        return Last = SdpWriter.Write(unversioned with { Origin = Origin });
    }

    /// <summary>Answers a change the phone offers.</summary>
    public ReadOnlyMemory<byte> Answer(RelaySidePlan plan) => Write(_port, plan.Direction switch
    {
        SdpDirection.SendOnly => SdpDirection.RecvOnly,
        SdpDirection.RecvOnly => SdpDirection.SendOnly,
        var same => same,
    });

    /// <summary>Reads what the phone says of the line.</summary>
    /// <returns>Null when it cannot be used: no audio, no format of ours, or another protection than ours.</returns>
    public RelaySidePlan? Read(SessionDescription said)
    {
        if (said.Media is not [{ Kind: "audio", Port: not 0 } line, ..] || line.AddressIn(said) is not { } address) return null;
        var formats = line.PayloadFormats();
        if (!formats.Any(format => format.IsVoice && _offered.Any(format.IsSameAs))) return null;
        if (SrtpLine.IsProtected(line) != _ours is not null) return null;
        SrtpLegKeys? keys = null;
        if (_ours is not null)
        {
            if (SrtpLine.FirstUsable(line) is not { } theirs || theirs.Profile != _ours.Profile) return null;
            keys = new SrtpLegKeys(theirs.Keys, _ours.Keys[0]);
        }

        var isOldHold = address.Equals(IPAddress.Any);
        var direction = line.DirectionIn(said);
        return new RelaySidePlan
        {
            Remote = new IPEndPoint(address, line.Port),
            Formats = [.. formats.Where(format => _offered.Any(format.IsSameAs))],
            SentFormats = _offered,
            Direction = isOldHold && direction == SdpDirection.SendRecv ? SdpDirection.SendOnly : direction,
            LearnPort = _learnPort,
            Keys = keys,
        };
    }

    private static ImmutableArray<MediaFormat> Formats(ImmutableArray<string> possible, ImmutableArray<string> wanted)
    {
        var names = wanted.IsEmpty ? possible : [.. wanted.Where(name => possible.Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (names.IsEmpty) names = possible;
        return
        [
            .. names.Select(name => new MediaFormat(name.ToUpperInvariant() switch { "PCMU" => 0, "PCMA" => 8, _ => 9 }, name.ToUpperInvariant(), 8_000, 1, "")),
            new MediaFormat(EventPayloadType, "telephone-event", 8_000, 1, "0-16"),
        ];
    }

    private MediaDescription Line(SdpDirection direction)
    {
        var attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        foreach (var format in _offered)
        {
            attributes.Add(new SdpAttribute("rtpmap", string.Create(CultureInfo.InvariantCulture, $"{format.PayloadType} {format.EncodingName}/{format.ClockRate}")));
            if (format.Parameters.Length > 0) attributes.Add(new SdpAttribute("fmtp", string.Create(CultureInfo.InvariantCulture, $"{format.PayloadType} {format.Parameters}")));
        }

        attributes.Add(new SdpAttribute("ptime", "20"));
        attributes.Add(new SdpAttribute(direction.Name(), null));
        if (_ours is not null) attributes.Add(new SdpAttribute("crypto", _ours.Write()));
        return new MediaDescription
        {
            Kind = "audio", Port = _port, Protocol = SrtpLine.Protocol(_ours is not null, "RTP/AVP"),
            Formats = [.. _offered.Select(format => format.PayloadType.ToString(CultureInfo.InvariantCulture))],
            Attributes = attributes.ToImmutable(),
        };
    }
}
