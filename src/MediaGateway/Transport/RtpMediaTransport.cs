using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Cryptography;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Opens legs on port pairs and ticks them. One timer serves all legs; their receive loops share the thread pool, where a
/// loop takes a thread only while it works on a datagram.
/// </summary>
internal sealed class RtpMediaTransport : IMediaTransport, IAsyncDisposable
{
    /// <summary>How late a held packet or a report may be: one packet.</summary>
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();   // opening and closing meet the tick
    private readonly RtpOptions _options;
    private readonly RtpPortPool? _ports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Lazy<DtlsIdentity> _identity;   // made when the first leg or description needs it
    private readonly string _cname = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));   // RFC 7022 §4.2: short-term, persistent for the run
    private ImmutableArray<RtpLeg> _legs = [];
    private MediaLegStatistics _ended = new();
    private int _ticking;

    public RtpMediaTransport(IOptions<RtpOptions> options, TimeProvider time, ILogger<RtpMediaTransport> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        if (_options.PortMin > 0) _ports = new RtpPortPool(_options.PortMin, _options.PortMax, _options.PortCoolDown);
        if (!OpusLibrary.IsAvailable) logger.OpusMissing(OpusLibrary.Package);
        _identity = new Lazy<DtlsIdentity>(() => new DtlsIdentity(time.GetUtcNow()));
        _timer = time.CreateTimer(_ => Tick(), null, s_tick, s_tick);
    }

    public ImmutableArray<string> Codecs { get; } =
        ["PCMU/8000", "PCMA/8000", "G722/8000", .. OpusLibrary.IsAvailable ? (ImmutableArray<string>)["opus/48000"] : [], "L16/16000", "L16/8000", "L16/48000"];

    /// <summary>Of our certificate, for <c>a=fingerprint</c>.</summary>
    public DtlsFingerprint Fingerprint => _identity.Value.Fingerprint;

    DtlsFingerprint? IMediaTransport.Fingerprint => Fingerprint;

    /// <summary>A leg closed, with what it counted. Raised outside of the lock, on the thread that closed it.</summary>
    public event Action<MediaLegStatistics>? LegClosed;

    /// <summary>Legs now open.</summary>
    public int OpenLegs => Snapshot().Length;

    /// <summary>Counts over all legs, those closed included.</summary>
    public MediaLegStatistics Totals
    {
        get
        {
            // One lock for both: a leg that closes meanwhile is counted once, here or there.
            lock (_gate) return _legs.Aggregate(_ended, (sum, leg) => Add(sum, leg.Statistics));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SocketException">Rtp:Address is not an address of this machine.</exception>
    public IMediaLeg? TryOpen(MediaLegPlan plan)
    {
        if (TryBind() is not { } sockets)
        {
            _logger.PortsExhausted(_options.PortMin, _options.PortMax);
            return null;
        }

        var reporter = new RtcpReporter(RandomNumber(), _cname, RandomNumber());
        var leg = new RtpLeg(sockets, plan, _options, reporter, _identity, _time, _logger, OnClosed);
        lock (_gate) _legs = _legs.Add(leg);
        return leg;
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (var leg in Snapshot()) await leg.DisposeAsync().ConfigureAwait(false);
    }

    private static uint RandomNumber() => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));

    private static MediaLegStatistics Add(MediaLegStatistics a, MediaLegStatistics b) => new()
    {
        Packets = a.Packets + b.Packets,
        Bytes = a.Bytes + b.Bytes,
        Lost = a.Lost + b.Lost,
        Late = a.Late + b.Late,
        Duplicate = a.Duplicate + b.Duplicate,
        Reordered = a.Reordered + b.Reordered,
        Malformed = a.Malformed + b.Malformed,
        WrongSource = a.WrongSource + b.WrongSource,
        UnknownPayloadType = a.UnknownPayloadType + b.UnknownPayloadType,
        Unauthentic = a.Unauthentic + b.Unauthentic,
        Replayed = a.Replayed + b.Replayed,
        WithoutKeys = a.WithoutKeys + b.WithoutKeys,
        UnknownEvents = a.UnknownEvents + b.UnknownEvents,
        KernelDropped = a.KernelDropped + b.KernelDropped,
        ForkDroppedSamples = a.ForkDroppedSamples + b.ForkDroppedSamples,
    };

    private ImmutableArray<RtpLeg> Snapshot()
    {
        lock (_gate) return _legs;
    }

    private void Tick()
    {
        // A tick that takes longer than its period is not joined by a second one.
        if (Interlocked.Exchange(ref _ticking, 1) != 0) return;
        try
        {
            var now = Instant.Now(_time);
            foreach (var leg in Snapshot()) leg.Tick(now);
        }
        finally
        {
            Volatile.Write(ref _ticking, 0);
        }
    }

    private RtpSocketPair? TryBind()
    {
        if (_ports is null) return RtpSocketPair.TryBindAny(_options.LocalAddress, _options.ReceiveBuffer);

        lock (_gate)
        {
            var now = Instant.Now(_time);
            for (var left = _ports.Free; left > 0 && _ports.TryTake(now, out var port); left--)
            {
                if (RtpSocketPair.TryBind(_options.LocalAddress, port, _options.ReceiveBuffer) is { } sockets) return sockets;
                _ports.Return(port, now);   // another program has it; it may be free after a rest
            }
        }

        return null;
    }

    private void OnClosed(RtpLeg leg)
    {
        var counts = leg.Statistics;
        lock (_gate)
        {
            _legs = _legs.Remove(leg);
            _ended = Add(_ended, counts);
            _ports?.Return(leg.LocalPort, Instant.Now(_time));
        }

        LegClosed?.Invoke(counts);
    }
}
