using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Sdes;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// One relayed m= line of a bridged call: the stream and what is agreed with each side. Descriptions come in by
/// <see cref="Read"/>, what the other side is told comes out of <see cref="Write"/>, and nothing reaches the stream before
/// <see cref="Commit"/>.
/// </summary>
/// <param name="index">Place among the m= lines.</param>
/// <param name="stream">The stream.</param>
/// <param name="learnPort">Both sides may send from another port than they say.</param>
/// <param name="protections">What is offered to and taken from each side: a side that is protected and one that is not may meet here.</param>
internal sealed class BridgeLine(int index, IRelayStream stream, bool learnPort, Protections protections) : IAsyncDisposable
{
    // What tells of the network or of a transport that ends here: ICE, DTLS, BUNDLE, ports of RTCP, sources of packets.
    private static readonly HashSet<string> s_ownAttributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "candidate", "ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "remote-candidates", "end-of-candidates", "fingerprint", "setup", "connection",
        "tls-id", "crypto", "rtcp", "rtcp-mux", "rtcp-mux-only", "rtcp-rsize", "bundle-only", "group", "msid", "msid-semantic", "ssrc", "ssrc-group", "identity", "candidate-pair",
    };

    private readonly Side[] _sides = [new(), new()];
    private Protections _protections = protections;

    public int Index => index;

    public IRelayStream Stream => stream;

    /// <summary>The codec the answer named first, empty before it.</summary>
    public string Codec { get; private set; } = "";

    /// <summary>The side's media is protected.</summary>
    public bool IsProtected(RelaySide side) => _sides[(int)side].Crypto is not null;

    /// <summary>
    /// Whether an answer keeps to what its side was offered: protected as that, with the suite that was offered. Anything else is
    /// refused, for the one who answers plain to a protected offer takes from the call what it was promised (RFC 3264 §6, RFC 4568 §5.1.3).
    /// </summary>
    public bool IsKeptBy(RelaySide answerer, MediaDescription answer)
    {
        var told = _sides[(int)answerer].Told;
        if (SrtpLine.IsProtected(answer) != told.Protected) return false;
        return !told.Protected || SrtpLine.FirstUsable(answer)?.Profile == _sides[(int)answerer].Ours?.Profile;
    }

    /// <summary>Takes what a side said about this line.</summary>
    public void Read(RelaySide from, MediaDescription line, SessionDescription session)
    {
        var side = _sides[(int)from];
        side.Said = line;
        side.Crypto = SrtpLine.IsProtected(line) ? SrtpLine.FirstUsable(line) : null;
        var address = line.AddressIn(session);
        var isOldHold = address is not null && address.Equals(IPAddress.Any);
        side.Direction = (line.DirectionIn(session), isOldHold) switch
        {
            (SdpDirection.SendRecv, true) => SdpDirection.SendOnly,
            (SdpDirection.RecvOnly, true) => SdpDirection.Inactive,
            (var direction, _) => direction,
        };
        side.Remote = new IPEndPoint(address ?? IPAddress.Any, line.Port);
    }

    /// <summary>The line as the other side is told it: our port, our key, its formats, and nothing of the network behind us.</summary>
    /// <param name="to">Who is told.</param>
    /// <param name="address">Our media address there.</param>
    /// <param name="isAnswer">It answers the side's own offer, whose transport it therefore has.</param>
    public MediaDescription Write(RelaySide to, IPAddress address, bool isAnswer)
    {
        var (said, told) = (_sides[(int)Other(to)], _sides[(int)to]);
        var line = said.Said!;
        var isProtected = isAnswer ? told.Crypto is not null : _protections[to].Offers(said.Crypto is not null || told.Crypto is not null);   // once protected, never less
        var mux = isAnswer ? told.OffersMux : told.Mux;
        told.Told = (isProtected, mux);
        var attributes = ImmutableArray.CreateBuilder<SdpAttribute>();
        attributes.AddRange(line.Attributes.Where(attribute => !s_ownAttributes.Contains(attribute.Name) && !IsDirection(attribute)));
        attributes.Add(new SdpAttribute(said.Direction.Name(), null));
        if (mux) attributes.Add(new SdpAttribute("rtcp-mux", null));
        if (isProtected)
        {
            // The suite the side has, else that of the other one, else the one every SDES peer must have (RFC 4568 §6.2.1).
            var profile = told.Crypto?.Profile ?? said.Crypto?.Profile ?? SrtpProfile.AesCm128HmacSha1Tag80;
            var ours = told.Ours is { } kept && kept.Profile == profile && (told.Crypto is null || kept.Tag == told.Crypto.Tag)
                ? kept
                : CryptoAttribute.Generate(told.Crypto?.Tag ?? said.Crypto?.Tag ?? 1, profile);
            told.Ours = ours;
            attributes.Add(new SdpAttribute("crypto", ours.Write()));
        }

        return line with { Protocol = isAnswer ? told.Said!.Protocol : SrtpLine.Protocol(isProtected, line.Protocol), Port = stream.LocalEndPoint(to).Port, Connection = address.ToString(), Attributes = attributes.ToImmutable() };
    }

    /// <summary>Gives the stream what both sides said last. The answerer's codec is the call's.</summary>
    /// <param name="answerer">Who answered.</param>
    public void Commit(RelaySide answerer)
    {
        if (_sides[(int)answerer].Said?.PayloadFormats() is [var first, ..]) Codec = first.EncodingName;
        foreach (var side in (ReadOnlySpan<RelaySide>)[RelaySide.Caller, RelaySide.Callee])
        {
            if (PlanOf(side) is { } plan) stream.Update(side, plan);
        }
    }

    /// <summary>Gives the stream what the offering side said, so that what the other one sends early finds its way.</summary>
    public void Prepare(RelaySide offerer)
    {
        if (PlanOf(offerer) is { } plan) stream.Update(offerer, plan);
    }

    /// <summary>
    /// Somebody else is to take a side: nothing is known of it any more. Nothing reaches the stream before <see cref="Commit"/>.
    /// </summary>
    /// <param name="of">The side.</param>
    /// <param name="protection">What is offered to and taken from whoever comes.</param>
    /// <returns>What <see cref="Restore"/> puts back.</returns>
    public object Replace(RelaySide of, MediaProtection protection)
    {
        var before = (_sides[(int)of], _protections);
        _sides[(int)of] = new Side();
        _protections = _protections.With(of, protection);
        return before;
    }

    /// <summary>Nobody else took the side.</summary>
    public void Restore(RelaySide of, object before) => (_sides[(int)of], _protections) = ((Side, Protections))before;

    /// <summary>The line as a side said it last, with those formats alone that both sides have.</summary>
    public MediaDescription? Agreed(RelaySide by)
    {
        var others = _sides[(int)Other(by)].Said?.PayloadFormats() ?? [];
        if (_sides[(int)by].Said is not { Port: not 0 } said) return null;
        var find = PayloadFormat.Find(said);
        var kept = said.Formats.Where(text => find(text) is { } format && others.Any(other => other.EncodingName.Equals(format.EncodingName, StringComparison.OrdinalIgnoreCase) && other.ClockRate == format.ClockRate)).ToImmutableArray();
        return said with { Formats = kept, Attributes = [.. said.Attributes.Where(attribute => attribute.Name is not ("rtpmap" or "fmtp") || kept.Contains(attribute.Value?.Split(' ', 2)[0] ?? ""))] };
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    public static RelaySide Other(RelaySide side) => side == RelaySide.Caller ? RelaySide.Callee : RelaySide.Caller;

    private RelaySidePlan? PlanOf(RelaySide of)
    {
        var side = _sides[(int)of];
        if (side.Said is not { } line || (line.Port != 0 && side is { Crypto: not null, Ours: null })) return null;   // no key of ours yet: nothing flows
        var formats = line.PayloadFormats();
        return new RelaySidePlan
        {
            Remote = side.Remote,
            LearnPort = learnPort,
            Formats = formats,
            SentFormats = _sides[(int)Other(of)].Said?.PayloadFormats() ?? [],
            RtcpMux = side.Mux,
            Direction = line.Port == 0 ? SdpDirection.Inactive : side.Direction,
            Keys = side is { Crypto: { } theirs, Ours: { } ours } ? new SrtpLegKeys(theirs.Keys, ours.Keys[0]) : null,
        };
    }

    private static bool IsDirection(SdpAttribute attribute) =>
        attribute.Value is null && attribute.Name.ToLowerInvariant() is "sendrecv" or "sendonly" or "recvonly" or "inactive";

    /// <summary>One side of the line.</summary>
    private sealed class Side
    {
        public MediaDescription? Said { get; set; }

        public SdpDirection Direction { get; set; }

        public IPEndPoint Remote { get; set; } = new(IPAddress.Any, 0);

        /// <summary>The key the side sends with, null for plain RTP.</summary>
        public CryptoAttribute? Crypto { get; set; }

        /// <summary>Ours to it.</summary>
        public CryptoAttribute? Ours { get; set; }

        /// <summary>How our last description for it was: protected, and with RTP and RTCP on one port.</summary>
        public (bool Protected, bool Mux) Told { get; set; }

        public bool OffersMux => Said?.Attributes.Any(attribute => attribute.Name.Equals("rtcp-mux", StringComparison.OrdinalIgnoreCase)) == true;

        /// <summary>Both said it (RFC 5761 §5.1.1).</summary>
        public bool Mux => OffersMux && Told.Mux;
    }
}

/// <summary>What is offered to and taken from either side.</summary>
internal readonly record struct Protections(MediaProtection Caller, MediaProtection Callee)
{
    public MediaProtection this[RelaySide side] => side == RelaySide.Caller ? Caller : Callee;

    public Protections With(RelaySide side, MediaProtection protection) => side == RelaySide.Caller ? this with { Caller = protection } : this with { Callee = protection };
}

/// <summary>The SDES part of an m= line (RFC 4568).</summary>
internal static class SrtpLine
{
    public static bool IsProtected(MediaDescription line) => MediaProtection.IsProtected(line.Protocol) == true;

    /// <summary>The profile with or without protection, with the feedback of another (RFC 4585, RFC 5124).</summary>
    public static string Protocol(bool isProtected, string like) =>
        (isProtected ? "RTP/SAVP" : "RTP/AVP") + (like.EndsWith('F') || like.EndsWith('f') ? "F" : "");

    /// <summary>The first crypto attribute that can be used, null when there is none.</summary>
    public static CryptoAttribute? FirstUsable(MediaDescription line)
    {
        foreach (var attribute in line.Attributes)
            if (attribute.Name.Equals("crypto", StringComparison.OrdinalIgnoreCase) && attribute.Value is { } value
                && CryptoAttribute.TryParse(value, out var crypto) == CryptoError.None) return crypto;
        return null;
    }
}
