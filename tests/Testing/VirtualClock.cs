using EdgeAssist.Contracts;

namespace EdgeAssist.Testing;

/// <summary>Time that passes only when told to.</summary>
public sealed class VirtualClock
{
    /// <summary>Starts an hour in, so that instants before «now» exist.</summary>
    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    public Instant Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return Now += by;
    }

    /// <summary>Goes to an instant; one that has passed changes nothing.</summary>
    public Instant AdvanceTo(Instant instant) => Now = Instant.Max(Now, instant);
}
