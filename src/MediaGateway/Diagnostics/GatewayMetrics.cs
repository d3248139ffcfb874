using System.Diagnostics.Metrics;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec;

namespace EdgeAssist.MediaGateway.Diagnostics;

/// <summary>Metrics of signalling and calls. Tags come from small fixed sets, never from the wire.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _received;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _responses;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _tlsRefused;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _metadataRefused;
    private readonly Counter<long> _closings;
    private readonly Counter<long> _partsIgnored;
    private readonly Counter<long> _recordsLost;
    private readonly UpDownCounter<long> _active;

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("EdgeAssist.MediaGateway");
        _received = _meter.CreateCounter<long>("edgeassist.sip.messages.received", "{message}", "SIP messages taken, by transport.");
        _malformed = _meter.CreateCounter<long>("edgeassist.sip.messages.malformed", "{message}", "SIP messages refused by the parser, by reason.");
        _responses = _meter.CreateCounter<long>("edgeassist.sip.responses.sent", "{message}", "SIP responses sent, by status.");
        _dropped = _meter.CreateCounter<long>("edgeassist.sip.messages.dropped", "{message}", "SIP messages dropped, by cause.");
        _tlsRefused = _meter.CreateCounter<long>("edgeassist.sip.tls.refused", "{connection}", "TLS connections refused in the handshake, by cause.");
        _started = _meter.CreateCounter<long>("edgeassist.calls.started", "{call}", "Calls accepted.");
        _ended = _meter.CreateCounter<long>("edgeassist.calls.ended", "{call}", "Calls ended, by cause.");
        _active = _meter.CreateUpDownCounter<long>("edgeassist.calls.active", "{call}", "Calls now.");
        _metadataRefused = _meter.CreateCounter<long>("edgeassist.siprec.metadata.refused", "{document}", "Metadata documents refused, by reason.");
        _partsIgnored = _meter.CreateCounter<long>("edgeassist.siprec.parts.ignored", "{part}", "Body parts of unknown types, passed over.");
        _recordsLost = _meter.CreateCounter<long>("edgeassist.calls.records.lost", "{record}", "Call detail records that could not be written.");
        _closings = _meter.CreateCounter<long>("edgeassist.calls.closings.failed", "{call}", "Calls that analysis did not close in time or that failed to close.");
    }

    public void Received(SipTransport transport) => _received.Add(1, new KeyValuePair<string, object?>("transport", transport.ToString()));

    public void Malformed(SipParseError error) => _malformed.Add(1, new KeyValuePair<string, object?>("reason", error.ToString()));

    public void Responded(int status) => _responses.Add(1, new KeyValuePair<string, object?>("status", status));

    /// <param name="cause">queue_full, source_limit, source_connections, too_many_connections, idle_connection, connect_failed, no_connection, send_failed, accept_failed or receive_failed.</param>
    public void Dropped(string cause) => _dropped.Add(1, new KeyValuePair<string, object?>("cause", cause));

    /// <param name="cause">handshake_failed, handshake_timeout or certificate_ with its fault.</param>
    public void TlsRefused(string cause) => _tlsRefused.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void CallStarted()
    {
        _started.Add(1);
        _active.Add(1);
    }

    public void CallEnded(SessionEnd end)
    {
        _ended.Add(1, new KeyValuePair<string, object?>("cause", end.ToString()));
        _active.Add(-1);
    }

    public void MetadataRefused(MetadataError error) => _metadataRefused.Add(1, new KeyValuePair<string, object?>("reason", error.ToString()));

    public void PartsIgnored(int count) => _partsIgnored.Add(count);

    public void AnalysisFailed() => _closings.Add(1, new KeyValuePair<string, object?>("cause", "analysis"));

    public void RecordLost() => _recordsLost.Add(1);

    public void CloseTimedOut() => _closings.Add(1, new KeyValuePair<string, object?>("cause", "timeout"));

    public void CloseFailed() => _closings.Add(1, new KeyValuePair<string, object?>("cause", "failure"));

    public void Dispose() => _meter.Dispose();
}
