using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Srtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// The two-sided stream without its sockets: what came in on one side's port goes out to the other, in two steps, so that the
/// owner can copy the plain packet for the fork in between. Datagrams are changed where they lie. One owner, no lock, nothing
/// allocated per packet.
/// </summary>
/// <param name="bridges">Payload type tables, shared by the streams of one owner.</param>
internal sealed class RelayLink(PayloadTypeBridges bridges)
{
    private readonly RelayEnd[] _ends = [new(), new()];
    private readonly RelayFlow[] _flows = [new(), new()];   // by the side they come from

    public RelayEnd End(RelaySide side) => _ends[(int)side];

    /// <summary>The direction that comes from a side.</summary>
    public RelayFlow FlowFrom(RelaySide side) => _flows[(int)side];

    /// <summary>Applies an offer or answer of a side.</summary>
    public void Update(RelaySide side, RelaySidePlan plan, RelayProtection? protection, Instant now)
    {
        if (End(side).Update(plan, protection)) FlowFrom(side).Numbers.Arm();

        var (caller, callee) = (End(RelaySide.Caller), End(RelaySide.Callee));
        FlowFrom(RelaySide.Caller).Use(bridges.Of(caller.SentFormats, callee.ReceivedFormats), now);
        FlowFrom(RelaySide.Callee).Use(bridges.Of(callee.SentFormats, caller.ReceivedFormats), now);
        var bothKnown = caller.Plan is not null && callee.Plan is not null;
        caller.Expect(bothKnown && caller.Sends && callee.Receives, now);
        callee.Expect(bothKnown && callee.Sends && caller.Receives, now);
    }

    /// <summary>Makes a packet taken from one side into one for the other.</summary>
    /// <param name="from">Where it came from.</param>
    /// <param name="buffer">The plain packet and room behind it; holds what is to be sent afterwards.</param>
    /// <param name="length">Of the packet, before and after.</param>
    /// <param name="now">The time.</param>
    /// <param name="destination">Where it goes.</param>
    /// <returns>False when it is not to be sent; counted.</returns>
    public bool TryForward(RelaySide from, Span<byte> buffer, ref int length, Instant now, out PeerAddress destination)
    {
        var (end, other, flow) = (_ends[(int)from], _ends[1 - (int)from], _flows[(int)from]);
        destination = other.Gate.Media;
        switch (flow.Translate(buffer, now))
        {
            case FlowVerdict.UnknownPayloadType:
                end.UnknownPayloadType++;
                return false;
            case FlowVerdict.Displaced:
                end.NotForwarded++;
                return false;
        }

        if (!destination.IsComplete || !end.Sends || !other.Receives)
        {
            end.NotForwarded++;
            return false;
        }

        return other.TryProtect(buffer, ref length);
    }

    /// <summary>Makes an RTCP compound taken from one side into one for the other: the sources and times it names are those the other side knows.</summary>
    /// <param name="toMediaPort">Send it from and to the RTP ports (RFC 5761).</param>
    /// <inheritdoc cref="TryForward"/>
    public bool TryForwardControl(RelaySide from, Span<byte> buffer, ref int length, out PeerAddress destination, out bool toMediaPort)
    {
        var (other, flow, back) = (_ends[1 - (int)from], _flows[(int)from], _flows[1 - (int)from]);
        toMediaPort = other.RtcpMux;
        destination = toMediaPort ? other.Gate.Media : other.Gate.Control;
        if (!destination.IsComplete || !RtcpTranslation.TryTranslate(buffer[..length], flow.Numbers, back.Numbers))
        {
            _ends[(int)from].NotForwarded++;
            return false;
        }

        return other.Protection is null || other.Protection.TryProtectControl(buffer, ref length) == SrtpResult.Ok;
    }
}
