namespace EdgeAssist.Contracts;

/// <summary>
/// One moment read on both clocks. Turns monotonic instants into wall-clock time at the borders of the process (wire, log,
/// journal) and back, so that a step of the wall clock in between never changes a duration.
/// </summary>
public readonly record struct ClockAnchor(Instant Monotonic, DateTimeOffset Wall)
{
    /// <summary>Reads both clocks now.</summary>
    public static ClockAnchor Read(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new ClockAnchor(Instant.Now(time), time.GetUtcNow());
    }

    public DateTimeOffset ToWall(Instant instant) => Wall + (instant - Monotonic);

    public Instant ToInstant(DateTimeOffset wall) => Monotonic + (wall - Wall);
}
