using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>One side's way into analysis. Belongs to the fork's thread.</summary>
internal sealed class ForkLeg(MediaLegPlan plan, TimeSpan jitterDepth, TimeSpan maxAge, RtcpReporter reporter)
{
    public AudioPipe Audio { get; } = new(maxAge);

    /// <summary>Null once it failed.</summary>
    public LegReceiver? Receiver { get; set; }

    public int Id { get; set; } = -1;

    public MediaLegPlan Plan { get; set; } = plan;

    public void Start() => Receiver = new LegReceiver(Plan, jitterDepth, Audio, reporter);
}

/// <summary>
/// Turns copies of relayed packets into audio for analysis, on a thread of its own: whatever happens behind it, the relay loop
/// only ever copies into a ring and goes on. One for each loop. The ring holds a second of eight hundred streams; what
/// waited longer than the pipes keep audio is dropped.
/// </summary>
internal sealed class RelayFork : IDisposable
{
    private const int RingLength = 8 * 1024 * 1024;
    /// <summary>Packets between two looks at the clock: well under a millisecond of work.</summary>
    private const int ClockEvery = 32;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();   // signalling and the fork's thread meet at the table and the commands
    private readonly RelayRing _ring = new(RingLength);
    private readonly AutoResetEvent _work = new(false);
    private readonly Queue<(long Position, Action Command)> _commands = new();
    private readonly Stack<int> _freeIds = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TimeSpan _maxAge;
    private readonly Thread _thread;
    private ForkLeg?[] _legs = new ForkLeg?[16];
    private int _used;
    private long _dropped;
    private volatile bool _stopping;

    public RelayFork(string name, TimeSpan maxAge, TimeProvider time, ILogger logger)
    {
        (_maxAge, _time, _logger) = (maxAge, time, logger);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Packets that waited too long and were not analysed.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Adds a leg. Packets offered before it is added are lost to analysis.</summary>
    public void Add(ForkLeg leg)
    {
        leg.Start();
        lock (_gate)
        {
            if (!_freeIds.TryPop(out var id)) id = _used++;
            var legs = _legs;
            if (id == legs.Length) Array.Resize(ref legs, 2 * id);
            legs[id] = leg;
            leg.Id = id;
            Volatile.Write(ref _legs, legs);
        }

        _work.Set();
    }

    /// <summary>Copies a packet for analysis. Called by the relay loop alone; never waits.</summary>
    /// <returns>False when there was no room.</returns>
    public bool Offer(ForkLeg leg, ReadOnlySpan<byte> packet, Instant arrivedAt) => _ring.TryWrite(leg.Id, packet, arrivedAt);

    /// <summary>Applies a new description to a leg.</summary>
    public void Update(ForkLeg leg, MediaLegPlan plan) => Post(() =>
    {
        leg.Plan = plan;
        leg.Receiver?.Update(plan, Instant.Now(_time));
    });

    /// <summary>Ends a leg: what was offered before is analysed, then its pipe is completed.</summary>
    public Task RemoveAsync(ForkLeg leg)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            leg.Receiver?.Flush(Instant.Now(_time));
            leg.Audio.Complete();
            lock (_gate)
            {
                _legs[leg.Id] = null;
                _freeIds.Push(leg.Id);
            }

            done.SetResult();
        });
        return done.Task;
    }

    /// <summary>Does something on the fork's thread, behind what was offered before.</summary>
    public void Post(Action command)
    {
        lock (_gate) _commands.Enqueue((_ring.Written, command));
        _work.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _work.Set();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        var nextTick = Instant.Now(_time);
        while (!_stopping)
        {
            while (TryTakeCommand(out var position, out var command))
            {
                DrainTo(position);
                command();
            }

            DrainTo(_ring.Written);
            var now = Instant.Now(_time);
            if (now >= nextTick)
            {
                foreach (var leg in Volatile.Read(ref _legs))
                    if (leg is not null) Guard(leg, default, now);
                nextTick = now + s_tick;
            }

            if (HasLegs()) _work.WaitOne(s_tick);
            else _work.WaitOne();
        }
    }

    private bool HasLegs()
    {
        lock (_gate) return _used > _freeIds.Count;
    }

    private bool TryTakeCommand(out long position, out Action command)
    {
        lock (_gate)
        {
            var taken = _commands.TryDequeue(out var next);
            (position, command) = next;
            return taken;
        }
    }

    private void DrainTo(long position)
    {
        var (now, seen) = (Instant.Now(_time), 0);
        while (_ring.Consumed < position && _ring.TryPeek(out var id, out var packet, out var arrivedAt))
        {
            if (++seen % ClockEvery == 0) now = Instant.Now(_time);
            var leg = Volatile.Read(ref _legs)[id];
            if (now - arrivedAt > _maxAge) Interlocked.Increment(ref _dropped);
            else if (leg is not null) Guard(leg, packet, arrivedAt);
            _ring.Release(packet.Length);
        }
    }

    /// <summary>Works on a leg so that a fault in it costs that leg's analysis and nothing else.</summary>
    private void Guard(ForkLeg leg, ReadOnlySpan<byte> packet, Instant now)
    {
        if (leg.Receiver is not { } receiver) return;
        try
        {
            if (packet.IsEmpty) receiver.Tick(now);
            else receiver.OnDatagram(packet, now);
        }
        catch (Exception fault)   // the outermost loop of the fork: ends the analysis of this leg, the call goes on
        {
            leg.Receiver = null;
            leg.Audio.Complete();
            _logger.ForkFailed(fault);
        }
    }
}
