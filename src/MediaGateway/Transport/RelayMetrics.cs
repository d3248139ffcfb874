using System.Diagnostics.Metrics;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Counts of the whole relay, read when somebody looks. No tag names a call.</summary>
internal sealed class RelayMetrics : IDisposable
{
    private readonly Meter _meter;

    public RelayMetrics(IMeterFactory meters, MediaRelay relay)
    {
        _meter = meters.Create("EdgeAssist.MediaGateway.Relay");
        _meter.CreateObservableUpDownCounter("edgeassist.relay.streams", () => relay.OpenStreams, "{stream}", "Streams now relayed");
        Count("edgeassist.relay.packets.received", "Packets taken from the sides of calls", counts => counts.PacketsReceived);
        Count("edgeassist.relay.packets.sent", "Packets sent on", counts => counts.PacketsSent);
        Count("edgeassist.relay.packets.lost", "Packets that never came here", counts => counts.Lost);
        Count("edgeassist.relay.packets.wrong_source", "Datagrams from strangers", counts => counts.WrongSource);
        Count("edgeassist.relay.packets.unauthenticated", "Datagrams without valid protection", counts => counts.Unauthenticated);
        Count("edgeassist.relay.packets.malformed", "Datagrams that were neither RTP nor RTCP", counts => counts.Malformed);
        Count("edgeassist.relay.packets.send_failed", "Datagrams the system refused to send", counts => counts.SendFailed);
        Count("edgeassist.relay.packets.kernel_dropped", "Datagrams that met a full kernel buffer", counts => counts.KernelDropped);
        Count("edgeassist.relay.fork.dropped", "Packets relayed but not analysed", counts => counts.ForkDropped);

        void Count(string name, string description, Func<RelaySideStatistics, long> read) =>
            _meter.CreateObservableCounter(name, () => read(relay.Totals), "{packet}", description);
    }

    public void Dispose() => _meter.Dispose();
}
