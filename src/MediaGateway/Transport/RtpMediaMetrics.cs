using System.Diagnostics.Metrics;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Media counts of the whole gateway, read when somebody looks. No tag names a call.</summary>
internal sealed class RtpMediaMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly RtpMediaTransport _transport;
    private readonly Histogram<double> _loss, _jitter, _roundTrip, _quality;

    public RtpMediaMetrics(IMeterFactory meters, RtpMediaTransport transport)
    {
        _transport = transport;
        _meter = meters.Create("EdgeAssist.MediaGateway.Rtp");
        _loss = _meter.CreateHistogram<double>("edgeassist.rtp.leg.loss", "1", "Share of packets lost on a leg, when it closes");
        _jitter = _meter.CreateHistogram<double>("edgeassist.rtp.leg.jitter", "s", "Interarrival jitter of a leg, when it closes");
        _roundTrip = _meter.CreateHistogram<double>("edgeassist.rtp.leg.round_trip", "s", "Round trip of a leg whose peer tells, when it closes");
        _quality = _meter.CreateHistogram<double>("edgeassist.rtp.leg.mos", "1", "Estimated listening quality of a leg, 1 to 4.41, when it closes");
        transport.LegClosed += Record;
        _meter.CreateObservableUpDownCounter("edgeassist.rtp.legs", () => transport.OpenLegs, "{leg}", "Receive streams now open");
        Count("edgeassist.rtp.packets", "Packets received", counts => counts.Packets);
        Count("edgeassist.rtp.packets.lost", "Packets that did not come in time", counts => counts.Lost);
        Count("edgeassist.rtp.packets.late", "Packets that came after their place was given up", counts => counts.Late);
        Count("edgeassist.rtp.packets.duplicate", "Packets received twice", counts => counts.Duplicate);
        Count("edgeassist.rtp.packets.malformed", "Datagrams that were not RTP or RTCP", counts => counts.Malformed);
        Count("edgeassist.rtp.packets.wrong_source", "Datagrams from a source that was not negotiated", counts => counts.WrongSource);
        Count("edgeassist.rtp.packets.unknown_payload_type", "Packets of a payload type that was not negotiated", counts => counts.UnknownPayloadType);
        Count("edgeassist.rtp.packets.kernel_dropped", "Datagrams that the kernel dropped because a socket's buffer was full", counts => counts.KernelDropped);
        Count("edgeassist.srtp.packets.unauthentic", "Packets on protected legs whose tag was wrong", counts => counts.Unauthentic);
        Count("edgeassist.srtp.packets.replayed", "Protected packets that came twice", counts => counts.Replayed);
        Count("edgeassist.srtp.packets.without_keys", "Protected packets whose keys did not come in time", counts => counts.WithoutKeys);
        _meter.CreateObservableCounter("edgeassist.rtp.fork.dropped", () => Contracts.PcmFormat.Duration(transport.Totals.ForkDroppedSamples).TotalSeconds, "s", "Audio dropped because analysis was behind");

        void Count(string name, string description, Func<MediaLegStatistics, long> read) =>
            _meter.CreateObservableCounter(name, () => read(transport.Totals), "{packet}", description);
    }

    public void Dispose()
    {
        _transport.LegClosed -= Record;
        _meter.Dispose();
    }

    private void Record(MediaLegStatistics counts)
    {
        if (counts.Packets == 0) return;
        _loss.Record(counts.LossRatio);
        _jitter.Record(counts.Jitter.TotalSeconds);
        _quality.Record(counts.MeanOpinionScore);
        if (counts.RoundTrip is { } roundTrip) _roundTrip.Record(roundTrip.TotalSeconds);
    }
}
