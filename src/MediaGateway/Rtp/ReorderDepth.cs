using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// How long to wait behind a gap: as long as packets that were overtaken took to come, and a quarter more. Grows with the
/// first packet that needed more, shrinks a step each window in which less would have done. Between 20 and 120 ms.
/// </summary>
internal sealed class ReorderDepth(TimeSpan initial)
{
    public static readonly TimeSpan Min = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan Max = TimeSpan.FromMilliseconds(120);

    /// <summary>How long the need of a window is remembered: reordering comes in bursts (routing, Wi-Fi), seconds apart.</summary>
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    private const double Margin = 1.25;
    private const int Gaps = 8;

    private readonly (long First, long Last, Instant OpenedAt)[] _gaps = new (long, long, Instant)[Gaps];
    private int _nextGap;
    private Instant _windowEnd = Instant.Never;
    private TimeSpan _needed;

    public TimeSpan Current { get; private set; } = initial;

    /// <summary>Numbers were skipped: whatever comes of them later was overtaken at this moment.</summary>
    public void OnGap(long first, long last, Instant now)
    {
        _gaps[_nextGap] = (first, last, now);
        _nextGap = (_nextGap + 1) % Gaps;
    }

    /// <summary>A packet came that others had overtaken, in time or too late.</summary>
    public void OnOvertaken(long number, Instant now)
    {
        foreach (var (first, last, openedAt) in _gaps)
        {
            if (number < first || number > last) continue;
            Need((now - openedAt) * Margin);
            return;
        }
    }

    /// <summary>Called with each packet; ends a window when it is time.</summary>
    public void OnPacket(Instant now)
    {
        if (_windowEnd.IsNever) _windowEnd = now + s_window;
        if (now < _windowEnd) return;

        var target = _needed > Min ? _needed : Min;
        if (target < Current) Current = Current - Min > target ? Current - Min : target;
        (_windowEnd, _needed) = (now + s_window, TimeSpan.Zero);
    }

    /// <summary>Another source: its gaps are its own, what was learned of the way stays.</summary>
    public void StartSource()
    {
        Array.Clear(_gaps);
        _windowEnd = Instant.Never;
    }

    private void Need(TimeSpan wait)
    {
        if (wait > Max) wait = Max;
        if (wait > _needed) _needed = wait;
        if (wait > Current) Current = wait;
    }
}
