using System.Collections.Concurrent;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Relay;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// The thread that relays: waits for its sockets, hands each datagram to its stream, which sends it on at once, and carries
/// out what others ask of it in between. All state of its streams is its own, so nothing on the way of a packet is locked.
/// With much traffic it lets packets gather for a moment, so that one wake-up serves many of them.
/// </summary>
internal sealed class RelayLoop : IDisposable
{
    /// <summary>Rounds at one socket in a row: a flood at one port must not keep the others waiting.</summary>
    private const int MaxRounds = 4;

    /// <summary>Gathering pays from this many packets in a gathering time on.</summary>
    private const int MinGathered = 2;

    private static readonly TimeSpan s_rateWindow = TimeSpan.FromMilliseconds(10);

    // Signalling threads and the loop meet at this queue; the loop is woken after something was put in.
    private readonly ConcurrentQueue<Action> _commands = new();
    private readonly PriorityQueue<IRelayPortOwner, long> _due = new();
    private readonly IRelaySockets _sockets;
    private readonly TimeSpan _gather;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly byte[] _scratch = new byte[IRelaySockets.MaxDatagram + 256];
    private long _round;
    private volatile bool _stopping;

    public RelayLoop(string name, IRelaySockets sockets, RelayFork fork, RelayOptions options, TimeProvider time, ILogger logger)
    {
        (_sockets, Fork, _gather, _time, _logger) = (sockets, fork, options.Gather, time, logger);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public RelayFork Fork { get; }

    /// <summary>Payload type tables of the loop's streams; used on its thread.</summary>
    public PayloadTypeBridges Bridges { get; } = new();

    /// <summary>Streams on the loop, for spreading new ones.</summary>
    public int Streams;

    /// <summary>Memory for one datagram, free between two.</summary>
    public Span<byte> Scratch => _scratch;

    /// <summary>Does something on the loop's thread, between two batches.</summary>
    public void Post(Action command)
    {
        _commands.Enqueue(command);
        _sockets.Wake();
    }

    /// <summary>The same, told when it is done.</summary>
    public Task PostAsync(Action command)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                command();
            }
            finally
            {
                done.SetResult();   // a fault is logged by the loop; whoever waits must not wait for ever
            }
        });
        return done.Task;
    }

    /// <summary>Begins to listen at a port. On the loop's thread.</summary>
    public void Add(RelayPort port)
    {
        _sockets.Add(port.Rtp);
        _sockets.Add(port.Rtcp);
    }

    /// <summary>Reads what is still there and stops listening. On the loop's thread.</summary>
    public void Remove(RelayPort port)
    {
        var now = Instant.Now(_time);
        if (port.Rtp.Index >= 0) Receive(port.Rtp, IRelaySockets.Slots, now);
        if (port.Rtcp.Index >= 0) Receive(port.Rtcp, IRelaySockets.Slots, now);
        _sockets.Remove(port.Rtp);
        _sockets.Remove(port.Rtcp);
    }

    /// <summary>Calls <see cref="IRelayPortOwner.OnDue"/> at a time. On the loop's thread.</summary>
    public void Schedule(IRelayPortOwner owner, Instant at) => _due.Enqueue(owner, at.Ticks);

    public SendOutcome Send(RelaySocket socket, ReadOnlySpan<byte> datagram, in PeerAddress destination) => _sockets.Send(socket, datagram, destination);

    public void Dispose()
    {
        _stopping = true;
        _sockets.Wake();
        _thread.Join();
        _sockets.Dispose();
        Fork.Dispose();
    }

    private void Run()
    {
        if (OperatingSystem.IsLinux()) RelayNative.PreferThisThread();
        var (windowStart, windowCount, busy) = (Instant.Now(_time), 0, false);
        while (!_stopping)
        {
            windowCount += Round(busy ? 0 : MillisecondsToNextDue(), out var now);
            if (now - windowStart >= s_rateWindow)
            {
                busy = _gather > TimeSpan.Zero && windowCount * _gather.Ticks >= MinGathered * (now - windowStart).Ticks;
                (windowStart, windowCount) = (now, 0);
            }

            if (!busy) continue;
            windowCount += Round(0, out _);   // what a port holds beyond its first packet must not wait
            _sockets.Pause(_gather);
        }
    }

    /// <summary>Waits, carries out commands, and serves every socket that has something.</summary>
    /// <returns>The datagrams served.</returns>
    private int Round(int milliseconds, out Instant now)
    {
        var ready = _sockets.Wait(milliseconds);

        // What signalling asked for came before the packets that were waited for, or with them.
        while (_commands.TryDequeue(out var command)) Guarded(command);

        now = Instant.Now(_time);
        _round++;
        var served = 0;
        for (var i = 0; i < ready; i++)
        {
            if (_sockets.Ready(i) is not { } socket) continue;

            // One datagram is the usual case and asking for one is cheaper; a socket that is ready twice in a row holds more.
            var most = socket.ServedIn == _round - 1 ? IRelaySockets.Slots : 1;
            socket.ServedIn = _round;
            served += Guarded(socket, most, now);
        }

        RunDue(now);
        return served;
    }

    private int MillisecondsToNextDue()
    {
        if (!_due.TryPeek(out _, out var ticks)) return -1;
        return (int)Math.Clamp(Math.Ceiling((new Instant(ticks) - Instant.Now(_time)).TotalMilliseconds), 0, 1_000);
    }

    private void RunDue(Instant now)
    {
        while (_due.TryPeek(out var owner, out var ticks) && ticks <= now.Ticks)
        {
            _due.Dequeue();
            try
            {
                owner.OnDue(now);
            }
            catch (Exception fault)   // the loop's outermost: costs that call its supervisor, the others nothing
            {
                _logger.RelayFailed(fault);
            }
        }
    }

    private void Guarded(Action command)
    {
        try
        {
            command();
        }
        catch (Exception fault)   // the loop's outermost: costs the call that asked, the others nothing
        {
            _logger.RelayFailed(fault);
        }
    }

    private int Guarded(RelaySocket socket, int most, Instant now)
    {
        try
        {
            return Receive(socket, most, now);
        }
        catch (Exception fault)   // the loop's outermost: ends the relaying of that one port, the other calls go on
        {
            _logger.RelayFailed(fault);
            _sockets.Remove(socket);
            return 0;
        }
    }

    private int Receive(RelaySocket socket, int most, Instant now)
    {
        var (port, total) = (socket.Owner, 0);
        for (var round = 0; round < MaxRounds; round++)
        {
            var count = _sockets.Receive(socket, most);
            for (var i = 0; i < count; i++)
                port.Owner.OnDatagram(port, socket.IsControl, _sockets.Source(i), _sockets.Slot(i), _sockets.Length(i), now);
            total += count;
            if (most == 1 || count < most) break;
        }

        return total;
    }
}
