using System.Diagnostics.Metrics;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History;

/// <summary>What the history counts.</summary>
internal sealed class HistoryMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _lookUp;
    private readonly Counter<long> _forgotten;
    private readonly Counter<long> _pulled;

    public HistoryMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(RelayMetrics.MeterName);
        _lookUp = _meter.CreateHistogram<double>("edgeassist.history.lookup.duration", "s", "One look at what is kept, by outcome of the match.");
        _forgotten = _meter.CreateCounter<long>("edgeassist.history.calls.forgotten", "{call}", "Recognised calls that could not be remembered because the store was busy.");
        _pulled = _meter.CreateCounter<long>("edgeassist.history.pulls", "{request}", "Requests to the system that is asked, by result.");
    }

    public void LookedUp(TimeSpan duration, MatchOutcome outcome) =>
        _lookUp.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Forgotten(int calls) => _forgotten.Add(calls);

    public void Pulled(string result) => _pulled.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Dispose() => _meter.Dispose();
}
