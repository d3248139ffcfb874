using System.Diagnostics.Metrics;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.Inference.Hosting;

namespace EdgeAssist.Host.Composition;

/// <summary>No model, no words.</summary>
internal sealed class RecognitionProbe(IModelReadiness models) : IBlindSpotProbe
{
    public string Missing => "recognition";

    public string? Problem() => models.IsReady ? null : models.Problem;
}

/// <summary>
/// Streams of audio are open and no packet comes on any of them. Reads the gateway's own counters, so that it notices what an
/// operator's graphs would show.
/// </summary>
internal sealed class AudioProbe : IBlindSpotProbe, IDisposable
{
    private const string Legs = "edgeassist.rtp.legs", Packets = "edgeassist.rtp.packets";

    private readonly MeterListener _listener = new();
    private long _legs;
    private long _packets;
    private long _packetsBefore;

    public AudioProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is Legs or Packets) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Take(instrument, value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Take(instrument, value));
        _listener.Start();
    }

    public string Missing => "audio";

    // Asked twice a second by one loop; the callbacks run within.
    public string? Problem()
    {
        (_legs, _packets, _packetsBefore) = (0, 0, _packets);
        _listener.RecordObservableInstruments();
        return _legs > 0 && _packets == _packetsBefore
            ? $"{_legs} streams of audio are open and no packet comes on any of them. Check the network and the recorder's media address."
            : null;
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, long value)
    {
        if (instrument.Name == Legs) _legs += value;
        else _packets += value;
    }
}
