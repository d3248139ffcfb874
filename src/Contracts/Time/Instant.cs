using System.Globalization;

namespace EdgeAssist.Contracts;

/// <summary>
/// A point on this process's monotonic clock, in ticks of 100 ns from an arbitrary origin. Never goes back and knows no
/// date: compare and subtract only instants of one process (see <see cref="ClockAnchor"/> for the way to wall-clock time).
/// </summary>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>Later than every other instant: the value of a timer that is not set.</summary>
    public static Instant Never { get; } = new(long.MaxValue);

    public bool IsNever => Ticks == long.MaxValue;

    /// <summary>Reads the clock. Called by shells only; cores receive the result as <c>now</c>.</summary>
    public static Instant Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);

        // Split so that the product stays inside 64 bits for centuries at nanosecond frequency.
        var (seconds, rest) = Math.DivRem(time.GetTimestamp(), time.TimestampFrequency);
        return new Instant(seconds * TimeSpan.TicksPerSecond + rest * TimeSpan.TicksPerSecond / time.TimestampFrequency);
    }

    public static Instant Min(Instant a, Instant b) => a.Ticks <= b.Ticks ? a : b;

    public static Instant Max(Instant a, Instant b) => a.Ticks >= b.Ticks ? a : b;

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Adds a duration; <see cref="Never"/> stays <see cref="Never"/>.</summary>
    public static Instant operator +(Instant instant, TimeSpan duration) =>
        instant.IsNever ? Never : new Instant(instant.Ticks + duration.Ticks);

    public static Instant operator -(Instant instant, TimeSpan duration) =>
        instant.IsNever ? Never : new Instant(instant.Ticks - duration.Ticks);

    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    public static bool operator <(Instant a, Instant b) => a.Ticks < b.Ticks;

    public static bool operator >(Instant a, Instant b) => a.Ticks > b.Ticks;

    public static bool operator <=(Instant a, Instant b) => a.Ticks <= b.Ticks;

    public static bool operator >=(Instant a, Instant b) => a.Ticks >= b.Ticks;

    public override string ToString() =>
        IsNever ? "never" : TimeSpan.FromTicks(Ticks).TotalSeconds.ToString("0.000000 s", CultureInfo.InvariantCulture);
}
