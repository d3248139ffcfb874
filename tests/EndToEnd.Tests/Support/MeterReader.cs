using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>Sums the whole-number counters of one appliance; another appliance in this process has meters of its own.</summary>
internal sealed class MeterReader : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _added = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _observed = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MeterReader(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.IsObservable) _observed[instrument.Name] = value;
            else _added.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        });
        _listener.Start();
    }

    /// <summary>What a counter stands at now; 0 when it never counted.</summary>
    public long Read(string counter)
    {
        _listener.RecordObservableInstruments();
        return _observed.TryGetValue(counter, out var observed) ? observed : _added.GetValueOrDefault(counter);
    }

    public void Dispose() => _listener.Dispose();
}
