using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>Time as RTCP sends it round: the middle 32 bits of 32.32 fixed point seconds (RFC 3550 §4).</summary>
internal static class CompactNtp
{
    /// <summary>The round trip: now, less the time the report spent at the peer, less when it left here (RFC 3550 §6.4.1).</summary>
    /// <returns>Null when the peer's figures are impossible.</returns>
    public static TimeSpan? RoundTrip(uint now, uint left, uint delayAtPeer)
    {
        var units = unchecked((int)(now - left - delayAtPeer));
        return left == 0 || units is < 0 or > 60 * 65_536 ? null : TimeSpan.FromSeconds(units / 65_536.0);
    }

    /// <summary>A monotonic instant in the same units: both ends of a round trip are taken here, so the epoch does not matter.</summary>
    public static uint Of(Instant instant) => (uint)((Int128)instant.Ticks * 65_536 / TimeSpan.TicksPerSecond);
}
