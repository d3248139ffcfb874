using System.Collections.Concurrent;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Fanout;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Journal;
using EdgeAssist.AlertRelay.Rules;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>Numbers that every stream keeps to.</summary>
internal sealed record StreamRules
{
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    public int MaxPending { get; init; } = 256;

    /// <summary>With up to a tenth taken off at random, so that streams that began together do not end together.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A reader that takes nothing for so long is gone.</summary>
    public TimeSpan WriteStall { get; init; } = TimeSpan.FromSeconds(15);

    public int MaxStreamsPerPrincipal { get; init; } = 32;

    /// <summary>As a mean; four in ten of them may come at once.</summary>
    public int NewStreamsPerMinute { get; init; } = 600;

    /// <summary>A filtered stream is told its place when so many records passed it by.</summary>
    public int BookmarkEvery { get; init; } = 100;

    /// <summary>How often deadlines are looked at; a heartbeat is sent so much earlier.</summary>
    public TimeSpan Sweep => Heartbeat / 5;
}

/// <summary>What the sweep looks at.</summary>
internal interface ISweptStream
{
    void Sweep(Instant now, DateTimeOffset wall);

    void Drain();
}

/// <summary>All open streams and what they share. One timer looks after the deadlines of all of them.</summary>
internal sealed class StreamTable : IDisposable
{
    // Streams come and go on request threads; the sweep reads.
    private readonly ConcurrentDictionary<ISweptStream, Principal> _streams = new();
    private readonly ConcurrentDictionary<string, int> _bySubject = new(StringComparer.Ordinal);
    private readonly ITimer _timer;
    private readonly StreamRate _rate;
    private volatile bool _draining;

    public StreamTable(FanoutHub hub, IJournal journal, RelayWriter writer, ResumeTokens tokens, StreamRules rules, RelayMetrics metrics, ILogger logger, TimeProvider time)
    {
        (Hub, Journal, Writer, Tokens, Rules, Metrics, Logger, Time) = (hub, journal, writer, tokens, rules, metrics, logger, time);
        _rate = new StreamRate(rules.NewStreamsPerMinute, time);
        _timer = time.CreateTimer(_ => Sweep(), null, rules.Sweep, rules.Sweep);
    }

    public FanoutHub Hub { get; }

    public IJournal Journal { get; }

    public RelayWriter Writer { get; }

    public ResumeTokens Tokens { get; }

    public StreamRules Rules { get; }

    public RelayMetrics Metrics { get; }

    public ILogger Logger { get; }

    public TimeProvider Time { get; }

    public int Count => _streams.Count;

    /// <summary>False when the principal has too many streams already.</summary>
    /// <exception cref="global::Grpc.Core.RpcException">The relay is shutting down.</exception>
    public bool TryEnter(ISweptStream stream, Principal principal)
    {
        var subject = principal.Subject;
        if (_draining) throw RelayStatus.ShuttingDown();
        if (!_rate.TryEnter(subject)) throw RelayStatus.TooManyNewStreams();
        if (_bySubject.AddOrUpdate(subject, 1, (_, count) => count + 1) > Rules.MaxStreamsPerPrincipal)
        {
            LeaveSubject(subject);
            return false;
        }

        _streams[stream] = principal;
        if (_draining) stream.Drain();
        return true;
    }

    public void Leave(ISweptStream stream)
    {
        if (_streams.TryRemove(stream, out var principal)) LeaveSubject(principal.Subject);
    }

    /// <summary>True when a supervisor or an admin has a stream open.</summary>
    public bool HasSupervisor => _streams.Values.Any(principal => principal.MayAct);

    /// <summary>Supervisors with a stream open that see one of the calls and hold no alert.</summary>
    public int FreeSupervisors(IEnumerable<V1.Call> calls, IEnumerable<V1.Alert> alerts)
    {
        var holders = alerts.Where(alert => alert.Holder.Length > 0 && !alert.IsOver()).Select(alert => alert.Holder).ToHashSet(StringComparer.Ordinal);
        var seen = calls.Select(call => (call.Team, call.Agent)).Distinct().ToList();
        return _streams.Values
            .Where(principal => principal.Role == PrincipalRole.Supervisor && !holders.Contains(principal.Subject) && seen.Exists(call => principal.Covers(call.Team, call.Agent)))
            .Select(principal => principal.Subject)
            .Distinct(StringComparer.Ordinal)
            .Count();
    }

    /// <summary>Supervisors with a stream open, each once.</summary>
    public IEnumerable<Principal> Supervisors() => _streams.Values.Where(principal => principal.Role == PrincipalRole.Supervisor).DistinctBy(principal => principal.Subject, StringComparer.Ordinal);

    /// <summary>What is missing now; null while all is well.</summary>
    public V1.Blindness? Blindness { get; private set; }

    /// <summary>Tells every alert stream what the product cannot see, and those that come later.</summary>
    public void Announce(V1.Blindness blindness)
    {
        Blindness = blindness.Missing.Count == 0 ? null : blindness;
        Hub.Announce(AlertDialect.Frame(blindness), view => view is AlertView);
    }

    /// <summary>Tells every stream to say goodbye. New ones are refused.</summary>
    public void Drain()
    {
        _draining = true;
        foreach (var stream in _streams.Keys) stream.Drain();
    }

    public void Dispose() => _timer.Dispose();

    private void LeaveSubject(string subject)
    {
        var left = _bySubject.AddOrUpdate(subject, 0, (_, count) => count - 1);
        if (left == 0) ((ICollection<KeyValuePair<string, int>>)_bySubject).Remove(new(subject, 0));
    }

    private void Sweep()
    {
        var clock = ClockAnchor.Read(Time);
        _rate.Forget();
        foreach (var stream in _streams.Keys) stream.Sweep(clock.Monotonic, clock.Wall);
    }
}
