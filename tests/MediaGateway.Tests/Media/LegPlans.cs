using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>Plans for tests.</summary>
internal static class LegPlans
{
    public static readonly MediaFormat Pcmu = new(0, "PCMU", 8_000, 1, "");
    public static readonly MediaFormat Pcma = new(8, "PCMA", 8_000, 1, "");
    public static readonly MediaFormat L16 = new(96, "L16", 16_000, 1, "");
    public static readonly MediaFormat TelephoneEvent = new(101, "telephone-event", 8_000, 1, "0-16");

    public static MediaLegPlan Plan(Instant origin, params ImmutableArray<MediaFormat> formats) => new()
    {
        Leg = new LegId(0),
        Origin = origin,
        Remote = new IPEndPoint(IPAddress.Any, 0),
        Formats = formats,
        ExpectMedia = true,
    };
}
