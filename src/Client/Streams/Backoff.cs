namespace EdgeAssist.Client.Streams;

/// <summary>Pauses between attempts: doubling, capped, with up to half taken off at random so that clients do not come back together.</summary>
internal sealed class Backoff(TimeSpan least, TimeSpan most, Random random)
{
    private int _attempt;

    /// <summary>The next pause: none before the first attempt after a success.</summary>
    public TimeSpan Next()
    {
        var attempt = _attempt++;
        if (attempt == 0) return TimeSpan.Zero;
        var pause = Math.Min(most.Ticks, least.Ticks * Math.Pow(2, attempt - 1));
        return TimeSpan.FromTicks((long)(pause * (1 - 0.5 * random.NextDouble())));
    }

    public void Succeeded() => _attempt = 0;
}
