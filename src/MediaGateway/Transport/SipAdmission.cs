using System.Collections.Immutable;
using System.Net;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>What becomes of a message before it is parsed.</summary>
internal enum SipAdmissionVerdict
{
    /// <summary>Taken.</summary>
    Take = 0,

    /// <summary>Gone without an answer.</summary>
    Drop,

    /// <summary>Parsed, and refused with 503 without keeping state: its source asks for calls faster than it may.</summary>
    RefuseCall,
}

/// <summary>Limits of <see cref="SipAdmission"/>.</summary>
internal sealed record SipAdmissionSettings
{
    /// <summary>Whose addresses are known.</summary>
    public ImmutableArray<Trunk> Trunks { get; init; } = [new Trunk()];

    /// <summary>A source on no trunk is refused by name (403) in place of getting nothing.</summary>
    public bool AnswerUnknown { get; init; }

    /// <summary>Messages a second of one source; twice as many at once.</summary>
    public int MessagesPerSecond { get; init; } = 1000;

    /// <summary>New calls a second of one source; twice as many at once.</summary>
    public int CallsPerSecond { get; init; } = 100;

    /// <summary>Connections of one source at once.</summary>
    public int ConnectionsPerSource { get; init; } = 256;
}

/// <summary>
/// Asked by every receive loop before it parses: is the source known, and within its limits? A stranger costs a look at the
/// trunks' networks, a flood a look into a table of fixed size. Receive loops of all ports meet here, under one lock.
/// </summary>
internal sealed class SipAdmission(SipAdmissionSettings settings)
{
    /// <summary>Messages a second of a source on no trunk, when those are answered at all.</summary>
    private const int UnknownPerSecond = 20;

    /// <summary>Refusals a second of one source; a flood beyond them gets nothing, so that answers are never more than the trouble they save.</summary>
    private const int RefusalsPerSecond = 50;

    private const int MaxExpected = 1_000;

    private readonly Lock _lock = new();
    private readonly SourceBuckets _messages = new(settings.MessagesPerSecond);
    private readonly SourceBuckets _calls = new(settings.CallsPerSecond);
    private readonly SourceBuckets _refusals = new(RefusalsPerSecond);
    private readonly SourceBuckets _unknown = new(UnknownPerSecond);
    private readonly Dictionary<UInt128, int> _connections = [];
    private volatile ImmutableHashSet<IPAddress> _expected = [];   // read by receive loops without the lock

    /// <summary>Whether a trunk names the address, sends its calls there, or over TLS leaves that to the certificate; or whether we asked it something.</summary>
    public bool Knows(IPAddress source, bool isTls) =>
        settings.Trunks.Any(trunk => trunk.CoversAddress(source, isTls) || trunk.Inline?.HasTarget(source) == true) || _expected.Contains(Plain(source));

    /// <summary>
    /// Lets an address answer what we ask it, and speak inside calls we place there; a new call of its own still needs a trunk. At most
    /// a thousand are remembered; then it begins anew.
    /// </summary>
    public void Expect(IPAddress address)
    {
        var plain = Plain(address);
        if (_expected.Contains(plain)) return;
        lock (_lock) _expected = (_expected.Count >= MaxExpected ? ImmutableHashSet<IPAddress>.Empty : _expected).Add(plain);
    }

    /// <summary>Judges a datagram; over its limit it is dropped, because its sender repeats it.</summary>
    public SipAdmissionVerdict Judge(IPAddress source, ReadOnlySpan<byte> message, Instant now)
    {
        var key = SourceBuckets.KeyOf(source);
        var isKnown = Knows(source, isTls: false);
        if (!isKnown && !settings.AnswerUnknown) return SipAdmissionVerdict.Drop;
        lock (_lock)
        {
            if (!(isKnown ? _messages : _unknown).TryTake(key, now)) return SipAdmissionVerdict.Drop;
            if (!SipGlance.IsNewCall(message) || _calls.TryTake(key, now)) return SipAdmissionVerdict.Take;
            return _refusals.TryTake(key, now) ? SipAdmissionVerdict.RefuseCall : SipAdmissionVerdict.Drop;
        }
    }

    /// <summary>Judges a message of a stream, whose sender will not repeat it: over the limit it waits, and so does its sender.</summary>
    public (SipAdmissionVerdict Verdict, TimeSpan Wait) JudgeStream(IPAddress source, ReadOnlySpan<byte> message, Instant now)
    {
        var key = SourceBuckets.KeyOf(source);
        lock (_lock)
        {
            var wait = _messages.TimeUntil(key, now);
            if (wait > TimeSpan.Zero) return (SipAdmissionVerdict.Take, wait);
            _messages.TryTake(key, now);
            var isOver = SipGlance.IsNewCall(message) && !_calls.TryTake(key, now);
            return (isOver ? SipAdmissionVerdict.RefuseCall : SipAdmissionVerdict.Take, TimeSpan.Zero);
        }
    }

    /// <summary>Counts a connection in; false when the source is unknown or has too many. Every true needs a <see cref="Disconnect"/>.</summary>
    public bool TryConnect(IPAddress source, bool isTls)
    {
        if (!settings.AnswerUnknown && !Knows(source, isTls)) return false;
        var key = SourceBuckets.KeyOf(source);
        lock (_lock)
        {
            var count = _connections.GetValueOrDefault(key);
            if (count >= settings.ConnectionsPerSource) return false;
            _connections[key] = count + 1;
            return true;
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    public void Disconnect(IPAddress source)
    {
        var key = SourceBuckets.KeyOf(source);
        lock (_lock)
        {
            if (_connections[key] == 1) _connections.Remove(key);
            else _connections[key]--;
        }
    }
}
