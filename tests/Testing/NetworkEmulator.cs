using System.Diagnostics.CodeAnalysis;
using EdgeAssist.Contracts;

namespace EdgeAssist.Testing;

/// <summary>How a network treats datagrams. Shares are probabilities, 0 to 1.</summary>
public sealed record NetworkProfile
{
    /// <summary>Delay of every datagram.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to this much more, evenly spread; keeps the order.</summary>
    public TimeSpan Jitter { get; init; }

    public double Loss { get; init; }

    /// <summary>Mean number of datagrams lost in a row (Gilbert 1960); up to 1 each is lost or not by itself.</summary>
    public double LossBurst { get; init; } = 1;

    public double Duplication { get; init; }

    /// <summary>Share of datagrams delayed by <see cref="ReorderDelay"/> on top, so that later ones overtake them.</summary>
    public double Reordering { get; init; }

    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(30);
}

/// <summary>
/// A network in virtual time: datagrams go in with the time they are sent and come out when they arrive. The same seed gives
/// the same fate to the same traffic. Keeps count of what it did, to compare receivers with.
/// </summary>
public sealed class NetworkEmulator(NetworkProfile profile, int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<byte[], (long Ticks, long Order)> _underWay = new();
    private Instant _lastInOrder = new(long.MinValue);
    private long _order;
    private bool _losing;

    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public long Duplicated { get; private set; }

    public long Reordered { get; private set; }

    /// <summary>When the next datagram arrives; <see cref="Instant.Never"/> when none is under way.</summary>
    public Instant NextArrival => _underWay.TryPeek(out _, out var due) ? new Instant(due.Ticks) : Instant.Never;

    public void Send(ReadOnlySpan<byte> datagram, Instant now)
    {
        Sent++;
        _losing = _random.NextDouble() < LossChance();
        if (_losing)
        {
            Lost++;
            return;
        }

        var bytes = datagram.ToArray();
        var arrival = now + profile.Delay + profile.Jitter * _random.NextDouble();
        if (_random.NextDouble() < profile.Reordering)
        {
            Reordered++;
            arrival += profile.ReorderDelay;
        }
        else
        {
            _lastInOrder = arrival = Instant.Max(arrival, _lastInOrder);
        }

        Enqueue(bytes, arrival);
        if (_random.NextDouble() >= profile.Duplication) return;
        Duplicated++;
        Enqueue(bytes, arrival);
    }

    /// <summary>Takes the next datagram that has arrived by now.</summary>
    public bool TryReceive(Instant now, [NotNullWhen(true)] out byte[]? datagram, out Instant arrivedAt)
    {
        datagram = null;
        arrivedAt = NextArrival;
        if (arrivedAt.IsNever || arrivedAt > now) return false;
        datagram = _underWay.Dequeue();
        return true;
    }

    // In a burst the next is lost with 1 - 1/mean; bursts begin as often as gives the share of loss.
    private double LossChance()
    {
        if (profile.LossBurst <= 1) return profile.Loss;
        return _losing ? 1 - (1 / profile.LossBurst) : profile.Loss / (profile.LossBurst * (1 - profile.Loss));
    }

    private void Enqueue(byte[] bytes, Instant arrival) => _underWay.Enqueue(bytes, (arrival.Ticks, _order++));
}
