using System.Diagnostics.Metrics;

namespace EdgeAssist.AlertRelay.Diagnostics;

/// <summary>What the relay counts. Tags are few and bounded: never a call, an alert or a person.</summary>
internal sealed class RelayMetrics : IDisposable
{
    public const string MeterName = "EdgeAssist.AlertRelay";

    private readonly Meter _meter;
    private readonly UpDownCounter<long> _subscribers;
    private readonly Histogram<double> _queueAge;
    private readonly Counter<long> _conflated;
    private readonly Counter<long> _resumed;
    private readonly Counter<long> _reset;
    private readonly Counter<long> _cut;
    private readonly Histogram<double> _commit;
    private readonly Histogram<long> _batch;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _trimmed;
    private readonly Counter<long> _partialsDropped;
    private readonly Counter<long> _connectionsRefused;
    private readonly Counter<long> _prompts;
    private readonly Counter<long> _promptsWithheld;

    public RelayMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _subscribers = _meter.CreateUpDownCounter<long>("edgeassist.relay.subscribers", "{stream}", "Watch streams open.");
        _queueAge = _meter.CreateHistogram<double>("edgeassist.relay.queue.age", "s", "From the commit of an event to its writing to a live stream.");
        _conflated = _meter.CreateCounter<long>("edgeassist.relay.conflated", "{event}", "Scores and partials that a newer one replaced before a slow reader took them.");
        _resumed = _meter.CreateCounter<long>("edgeassist.relay.resumed", "{stream}", "Streams that went on where an earlier one ended.");
        _reset = _meter.CreateCounter<long>("edgeassist.relay.reset", "{stream}", "Resumes refused because the history is not there, by reason.");
        _cut = _meter.CreateCounter<long>("edgeassist.relay.cut", "{stream}", "Streams ended by the relay, by reason.");
        _commit = _meter.CreateHistogram<double>("edgeassist.relay.commit.duration", "s", "One durable append.");
        _batch = _meter.CreateHistogram<long>("edgeassist.relay.commit.size", "{record}", "Records that shared one durable append.");
        _refused = _meter.CreateCounter<long>("edgeassist.relay.commit.refused", "{record}", "Records the journal could not take, by fault.");
        _trimmed = _meter.CreateCounter<long>("edgeassist.relay.trimmed", "{record}", "Records past their retention.");
        _partialsDropped = _meter.CreateCounter<long>("edgeassist.relay.partials.dropped", "{event}", "Partial transcripts dropped because the writer was busy.");
        _connectionsRefused = _meter.CreateCounter<long>("edgeassist.relay.connections.refused", "{connection}", "Connections closed because one address had too many.");
        _prompts = _meter.CreateCounter<long>("edgeassist.relay.prompts", "{prompt}", "Prompts by the state they came into.");
        _promptsWithheld = _meter.CreateCounter<long>("edgeassist.relay.prompts.withheld", "{prompt}", "Prompts that the attention budget kept back, by cause.");
    }

    public void PromptChanged(string state) => _prompts.Add(1, Tag("state", state));

    public void PromptWithheld(string cause) => _promptsWithheld.Add(1, Tag("cause", cause));

    public void ConnectionRefused() => _connectionsRefused.Add(1);

    public void StreamOpened(string service) => _subscribers.Add(1, Tag("service", service));

    public void StreamClosed(string service) => _subscribers.Add(-1, Tag("service", service));

    public void QueueAge(string service, TimeSpan age) => _queueAge.Record(Math.Max(0, age.TotalSeconds), Tag("service", service));

    public void Conflated(long count) => _conflated.Add(count);

    public void Resumed(string service) => _resumed.Add(1, Tag("service", service));

    public void Reset(string service, string reason) => _reset.Add(1, Tag("service", service), Tag("reason", reason));

    public void Cut(string service, string reason) => _cut.Add(1, Tag("service", service), Tag("reason", reason));

    public void Committed(TimeSpan duration, int records)
    {
        _commit.Record(duration.TotalSeconds);
        _batch.Record(records);
    }

    public void Refused(string fault, int records) => _refused.Add(records, Tag("fault", fault));

    public void Trimmed(long records) => _trimmed.Add(records);

    public void PartialDropped() => _partialsDropped.Add(1);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
