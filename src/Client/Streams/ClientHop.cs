using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Client.Streams;

/// <summary>The last hop of a latency: written by the server → received here. Only where both read the same clock.</summary>
internal static class ClientHop
{
    public static void Add(V1.Latency latency, DateTimeOffset now)
    {
        if (latency.WordsEndedAt is null) return;
        var end = latency.Hops.Aggregate(latency.WordsEndedAt.ToDateTimeOffset(), (sum, hop) => sum + hop.Duration.ToTimeSpan());
        latency.Hops.Add(new V1.HopTime { Hop = V1.Hop.Client, Duration = Duration.FromTimeSpan(now > end ? now - end : TimeSpan.Zero) });
    }
}
