namespace EdgeAssist.MeasuresBench.CallCentre;

/// <summary>
/// A clock that stands where it was put. Steps may be days long: a timer that came due on the way goes off once, as behind a
/// machine that slept, and not once for every period that passed.
/// </summary>
internal sealed class SteppedTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private long _ticks = start.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    /// <summary>Goes to a moment; one that has passed changes nothing.</summary>
    public void StepTo(DateTimeOffset moment)
    {
        List<Timer> due;
        lock (_lock)
        {
            if (moment.UtcTicks <= _ticks) return;
            Interlocked.Exchange(ref _ticks, moment.UtcTicks);
            due = [.. _timers.Where(timer => timer.TakeDue(_ticks))];
        }

        due.ForEach(timer => timer.GoOff());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SteppedTime owner, TimerCallback callback, object? state) : ITimer
    {
        private long _due = long.MaxValue, _period;

        public bool TakeDue(long now)
        {
            if (now < _due) return false;
            _due = _period > 0 ? now + _period : long.MaxValue;
            return true;
        }

        public void GoOff() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                _period = period > TimeSpan.Zero ? period.Ticks : 0;
                _due = dueTime < TimeSpan.Zero ? long.MaxValue : owner._ticks + Math.Max(1, dueTime.Ticks);
                if (!owner._timers.Contains(this)) owner._timers.Add(this);
            }

            return true;
        }

        public void Dispose()
        {
            lock (owner._lock) owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
