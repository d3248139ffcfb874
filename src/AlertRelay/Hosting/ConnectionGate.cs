using System.Collections.Concurrent;
using System.Net;
using EdgeAssist.Contracts;
using Microsoft.AspNetCore.Connections;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>How many connections one address may have, and how fast it may open them.</summary>
/// <param name="Open">At the same time.</param>
/// <param name="Burst">New ones at once.</param>
/// <param name="PerSecond">New ones in the long run.</param>
/// <param name="Loopback">Loopback is limited as well; off where a proxy on this machine stands for everybody.</param>
public sealed record ConnectionLimits(int Open, int Burst, double PerSecond, bool Loopback);

/// <summary>
/// Keeps one address from taking all connections: HTTP/2 floods (rapid reset, CVE-2023-44487) are ended by the server connection by
/// connection, and this bounds how many there can be and how soon they come back. What is over a limit is closed unread.
/// </summary>
internal sealed class ConnectionGate(ConnectionLimits limits, TimeProvider time, Action onRefused)
{
    private const int SweepAt = 4096;

    // Connections come and go on any thread; each address is counted under its own lock.
    private readonly ConcurrentDictionary<IPAddress, Place> _places = new();

    public async Task PassAsync(ConnectionContext connection, Func<Task> next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || (!limits.Loopback && IPAddress.IsLoopback(address)))
        {
            await next();
            return;
        }

        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (!TryEnter(address))
        {
            onRefused();
            connection.Abort(new ConnectionAbortedException("Too many connections from one address."));
            return;
        }

        try
        {
            await next();
        }
        finally
        {
            Leave(address);
        }
    }

    internal bool TryEnter(IPAddress address)
    {
        if (_places.Count >= SweepAt) Sweep();
        var now = Instant.Now(time);
        while (true)
        {
            var place = _places.GetOrAdd(address, _ => new Place(limits.Burst, now));
            lock (place)
            {
                if (place.Gone) continue;
                place.Fill(now, limits);
                if (place.Open >= limits.Open || place.Tokens < 1) return false;
                place.Open++;
                place.Tokens--;
                return true;
            }
        }
    }

    internal void Leave(IPAddress address)
    {
        if (!_places.TryGetValue(address, out var place)) return;
        lock (place) place.Open--;
    }

    // An address that is as good as new need not be remembered.
    private void Sweep()
    {
        var now = Instant.Now(time);
        foreach (var (address, place) in _places)
        {
            lock (place)
            {
                place.Fill(now, limits);
                if (place.Open > 0 || place.Tokens < limits.Burst) continue;
                place.Gone = true;
                _places.TryRemove(address, out _);
            }
        }
    }

    private sealed class Place(double tokens, Instant since)
    {
        private Instant _since = since;

        public int Open { get; set; }

        public double Tokens { get; set; } = tokens;

        public bool Gone { get; set; }

        public void Fill(Instant now, ConnectionLimits limits)
        {
            Tokens = Math.Min(limits.Burst, Tokens + (now - _since).TotalSeconds * limits.PerSecond);
            _since = now;
        }
    }
}
