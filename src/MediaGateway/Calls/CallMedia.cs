using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sdp.OfferAnswer;
using EdgeAssist.MediaGateway.Srtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using EdgeAssist.MediaGateway.Srtp.Sdes;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>How an offer or an answer was taken.</summary>
internal enum OfferOutcome
{
    Taken = 0,

    /// <summary>No line of it can be received: 488.</summary>
    NothingUsable,

    /// <summary>No RTP port is free: 503.</summary>
    NoPort,
}

/// <summary>The streams of one call: opens, changes and ends them as offers and answers say.</summary>
internal sealed class CallMedia(IMediaTransport transport, Instant origin, IPAddress address, string sessionId, MediaProtection protection = default)
{
    /// <summary>Streams offered to a client that left the offer to us: one a party.</summary>
    private const int OwnOfferLines = 2;

    private readonly AnswerPlanner _planner = new(transport.Codecs, protection);
    private readonly AnswerWriter _writer = new(sessionId, () => transport.Fingerprint);
    private readonly SortedDictionary<int, CallLine> _lines = [];
    private readonly List<IMediaLeg> _ended = [];
    private int _nextLeg;

    public IReadOnlyCollection<CallLine> Lines => _lines.Values;

    /// <summary>The description sent last; answers a request that carries none with an offer of ours.</summary>
    public byte[] Description { get; private set; } = [];

    /// <summary>Takes an offer and writes the answer into <see cref="Description"/>. Streams it does not touch go on as they are.</summary>
    public OfferOutcome TakeOffer(SessionDescription offer, IPAddress source)
    {
        ImmutableArray<LinePlan> plans = [.. _planner.Plan(offer, source).Select(Secure)];
        var wanted = plans.Count(plan => plan.Offered.Port != 0);
        if (wanted > 0 && !plans.Any(plan => plan.IsAccepted)) return OfferOutcome.NothingUsable;

        // RFC 3264 §8: a later offer keeps every line of an earlier one. What a client drops all the same is over.
        foreach (var line in _lines.Values.Where(line => line.Index >= plans.Length).ToList()) End(line);
        var ports = plans.Select((plan, index) => Take(plan, AudioPosition(plans, index))).ToImmutableArray();
        if (wanted > 0 && ports.All(port => port == 0)) return OfferOutcome.NoPort;
        Description = _writer.Answer(plans, ports, address.ToString());
        return OfferOutcome.Taken;
    }

    /// <summary>Makes an offer of our own, for an INVITE without one (RFC 3264 §5).</summary>
    public OfferOutcome MakeOffer(ImmutableArray<MediaFormat> formats)
    {
        // Ours is plain: where that is not taken, the client has to make the offer.
        if (!protection.TakesPlain) return OfferOutcome.NothingUsable;
        for (var index = 0; index < OwnOfferLines; index++)
        {
            var leg = new LegId(_nextLeg);
            var media = transport.TryOpen(new MediaLegPlan
            {
                Leg = leg, Origin = origin, Remote = new IPEndPoint(IPAddress.Any, 0), Formats = formats, ExpectMedia = false,
            });
            if (media is null) break;
            _nextLeg++;
            _lines[index] = new CallLine(index, index, leg, media) { Codec = formats[0].EncodingName };
        }

        if (_lines.Count == 0) return OfferOutcome.NoPort;
        Description = _writer.Offer(formats, [.. _lines.Values.Select(line => line.Media.LocalPort)], address.ToString());
        return OfferOutcome.Taken;
    }

    /// <summary>Takes the answer to <see cref="MakeOffer"/>.</summary>
    public OfferOutcome TakeAnswer(SessionDescription answer, IPAddress source)
    {
        var plans = _planner.Plan(answer, source);
        foreach (var plan in plans.Where(plan => _lines.ContainsKey(plan.Index))) Take(plan, AudioPosition(plans, plan.Index));
        foreach (var line in _lines.Values.Where(line => line.Index >= plans.Length).ToList()) End(line);
        return _lines.Count > 0 ? OfferOutcome.Taken : OfferOutcome.NothingUsable;
    }

    /// <summary>Streams that ended since the last call of this method, to be disposed by the caller.</summary>
    public IReadOnlyList<IMediaLeg> TakeEnded()
    {
        IMediaLeg[] ended = [.. _ended];
        _ended.Clear();
        return ended;
    }

    /// <summary>Ends every stream.</summary>
    public void EndAll()
    {
        foreach (var line in _lines.Values.ToList()) End(line);
    }

    private static int AudioPosition(ImmutableArray<LinePlan> plans, int index) => plans.Take(index).Count(plan => plan.Offered.Kind == "audio");

    /// <summary>
    /// Agrees on the keys of a protected line: with the offered tag and a key of our own (RFC 4568 §5.1.2), the one we have while the
    /// client keeps its own. What cannot be agreed refuses the line; it is never carried unprotected.
    /// </summary>
    private LinePlan Secure(LinePlan plan)
    {
        if (!plan.IsAccepted || !plan.IsProtected) return plan;
        if (plan.Dtls is { } dtls) return transport.Fingerprint is null ? plan with { Formats = [] } : plan with { Dtls = Keep(dtls, plan) };
        var offered = plan.Offered.Attributes.Where(attribute => attribute.Name.Equals("crypto", StringComparison.OrdinalIgnoreCase)).Select(attribute => attribute.Value ?? "");
        if (SdesNegotiation.Answer(offered, SrtpProfiles.All) is not { } agreement) return plan with { Formats = [] };
        if (_lines.GetValueOrDefault(plan.Index)?.Crypto is not { } known || !SameOffer(known.Theirs, agreement.Theirs)) return plan with { Crypto = agreement };
        agreement.Dispose();
        return plan with { Crypto = known };
    }

    /// <summary>A client that offers the choice again keeps the association, and so the role that we took (RFC 8842 §5.4).</summary>
    private DtlsPlan Keep(DtlsPlan offered, LinePlan plan) =>
        _lines.GetValueOrDefault(plan.Index)?.Dtls is { } known && known.Peer == offered.Peer
            && DtlsSetups.Parse(plan.Offered.Attribute("setup")) is null or DtlsSetup.ActPass ? known : offered;

    private static bool SameOffer(CryptoAttribute a, CryptoAttribute b) =>
        a.Tag == b.Tag && a.Keys.Length == b.Keys.Length && a.Keys.Zip(b.Keys).All(pair => pair.First.Matches(pair.Second));

    private int Take(LinePlan plan, int position)
    {
        using var keys = plan.Crypto?.ToLegKeys();
        if (_lines.TryGetValue(plan.Index, out var line))
        {
            if (!plan.IsAccepted)
            {
                End(line);
                return 0;
            }

            // The same description again changes nothing: a refresh must not make the receiver start over.
            if (line.IsPlannedAs(plan)) return line.Media.LocalPort;
            line.Media.Update(CallLine.PlanOf(plan, line.Leg, origin, keys));
        }
        else
        {
            if (!plan.IsAccepted) return 0;
            var leg = new LegId(_nextLeg);
            if (transport.TryOpen(CallLine.PlanOf(plan, leg, origin, keys)) is not { } media)
            {
                plan.Crypto?.Dispose();
                return 0;
            }

            _nextLeg++;
            _lines[plan.Index] = line = new CallLine(plan.Index, position, leg, media);
        }

        line.Apply(plan);
        return line.Media.LocalPort;
    }

    private void End(CallLine line)
    {
        _lines.Remove(line.Index);
        line.Crypto?.Dispose();
        _ended.Add(line.Media);
    }
}
