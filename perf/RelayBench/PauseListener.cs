using System.Diagnostics.Tracing;

namespace EdgeAssist.RelayBench;

/// <summary>The longest time the collector stopped this process's threads, from the runtime's own events.</summary>
internal sealed class PauseListener : EventListener
{
    private const EventKeywords Collector = (EventKeywords)1;

    private DateTime _stoppedAt;
    private long _longest;

    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

    public void Reset() => Interlocked.Exchange(ref _longest, 0);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Informational, Collector);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName == "GCSuspendEEBegin_V1") _stoppedAt = eventData.TimeStamp;
        else if (eventData.EventName == "GCRestartEEEnd_V1" && (eventData.TimeStamp - _stoppedAt).Ticks is var ticks && ticks > Interlocked.Read(ref _longest)) Interlocked.Exchange(ref _longest, ticks);
    }
}
