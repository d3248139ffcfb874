using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Rtcp;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Srtp.Dtls;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// The sockets of one leg around its <see cref="LegReceiver"/>. Three threads meet here: the RTP loop, the RTCP loop and
/// the transport's tick; besides them signalling, rarely. The lock is held for the work on one packet.
/// </summary>
internal sealed class RtpLeg : IMediaLeg
{
    /// <summary>Larger than any packet that is accepted, so that a cut one is never mistaken for a whole one.</summary>
    private const int MaxDatagram = 8_192;

    /// <summary>How long an expected stream may be silent before somebody is told.</summary>
    private static readonly TimeSpan s_silenceAlarm = TimeSpan.FromSeconds(5);

    /// <summary>Errors in a row, each without a datagram, after which a socket is given up.</summary>
    private const int MaxErrors = 100;

    /// <summary>Datagrams read after the end, at most: a flood must not keep a leg open. Five seconds of audio.</summary>
    private const int MaxLeftOver = 256;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly RtpSocketPair _sockets;
    private readonly LegReceiver _receiver;
    private readonly RtpSourceLock _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<RtpLeg> _closed;
    private readonly SocketAddress _reportTo;
    private readonly Lazy<DtlsIdentity> _identity;
    private SocketAddress _handshakeTo;   // replaced, never written to: the handshake's thread reads it
    private DtlsHandshake? _handshake;
    private Task _handshakes = Task.CompletedTask;
    private readonly int _leg;
    private readonly Task _loops;
    private readonly Channel<KeyPress> _presses = Channel.CreateBounded<KeyPress>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });
    private Instant _expectedSince;
    private bool _expectMedia, _alarmed, _multiplexed, _refused;
    private long _wrongSource, _kernelDropped;
    private bool _disposed;

    public RtpLeg(RtpSocketPair sockets, MediaLegPlan plan, RtpOptions options, RtcpReporter reporter, Lazy<DtlsIdentity> identity, TimeProvider time, ILogger logger, Action<RtpLeg> closed)
    {
        _identity = identity;
        _sockets = sockets;
        _time = time;
        _logger = logger;
        _closed = closed;
        _leg = plan.Leg.Value;
        _multiplexed = plan.RtcpMux;
        _expectMedia = plan.ExpectMedia;
        _expectedSince = Instant.Now(time);
        Audio = new AudioPipe(options.ForkMaxAge);
        _receiver = new LegReceiver(plan, options.JitterDepth, Audio, reporter);
        _source = new RtpSourceLock(sockets.Rtp.AddressFamily, plan.Remote);
        _reportTo = new SocketAddress(sockets.Rtp.AddressFamily);
        _handshakeTo = AddressOf(plan.Remote);
        Handshake(plan.Dtls);
        _loops = Task.WhenAll(ReceiveAsync(sockets.Rtp, isMedia: true), ReceiveAsync(sockets.Rtcp, isMedia: false));
        logger.LegOpened(_leg, LocalPort);
    }

    public int LocalPort => _sockets.Port;

    public AudioPipe Audio { get; }

    public ChannelReader<KeyPress> KeyPresses => _presses.Reader;

    public MediaLegStatistics Statistics
    {
        get
        {
            lock (_gate) return _receiver.Statistics(_wrongSource) with { KernelDropped = _kernelDropped };
        }
    }

    public void Update(MediaLegPlan plan)
    {
        lock (_gate)
        {
            var now = Instant.Now(_time);
            _receiver.Update(plan, now);
            _source.Update(plan.Remote);
            _multiplexed = plan.RtcpMux;
            Handshake(plan.Dtls);
            (_expectMedia, _expectedSince) = (plan.ExpectMedia, now);
        }
    }

    /// <summary>Does what is due without a datagram. Called by the transport's timer.</summary>
    public void Tick(Instant now)
    {
        lock (_gate)
        {
            if (_disposed) return;
            _receiver.Tick(now);
            PassKeyPresses();
            if (now >= _receiver.ReportDeadline) SendReport(now);
            WatchForSilence(now);
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            SendBye();
        }

        // The BYE may overtake media on its way through this machine: what has come by now is still read.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        lock (_gate) _kernelDropped = _sockets.KernelDropped;
        _sockets.Dispose();
        _closing.Dispose();

        lock (_gate)
        {
            _receiver.Flush(Instant.Now(_time));
            PassKeyPresses();
            _handshake?.Dispose();
            _receiver.Dispose();
        }

        await _handshakes.ConfigureAwait(false);
        _presses.Writer.Complete();
        Audio.Complete();
        _closed(this);
        var counts = Statistics;
        _logger.LegClosed(_leg, LocalPort, counts.Packets, counts.Lost, counts.Late, counts.Duplicate, counts.Malformed, counts.WrongSource, counts.UnknownPayloadType);
    }

    private async Task ReceiveAsync(Socket socket, bool isMedia)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(isMedia ? MaxDatagram : 2_048, pinned: true).AsMemory();
        var source = new SocketAddress(socket.AddressFamily);
        for (var errors = 0; ;)
        {
            try
            {
                var length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, source, _closing.Token).ConfigureAwait(false);
                errors = 0;
                OnDatagram(buffer.Span[..length], source, isMedia);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                TakeLeftOver(socket, buffer.Span, source, isMedia);
                return;
            }
            catch (SocketException) when (Volatile.Read(ref _disposed))
            {
                return;
            }
            catch (SocketException e) when (++errors >= MaxErrors)
            {
                _logger.ReceiveFailed(e, _leg, LocalPort);
                return;
            }
            catch (SocketException)
            {
                // An ICMP message about something we sent (a report to a port nobody listens on) comes back as an error of
                // the next receive. It says nothing about receiving.
            }
        }
    }

    private void WatchForSilence(Instant now)
    {
        var since = _receiver.LastPacketAt.IsNever ? _expectedSince : Instant.Max(_expectedSince, _receiver.LastPacketAt);
        var silent = _expectMedia && now - since >= s_silenceAlarm;
        if (silent && !_alarmed) _logger.NoMedia(_leg, LocalPort, s_silenceAlarm.TotalSeconds);
        _alarmed = silent;
    }

    private void TakeLeftOver(Socket socket, Span<byte> buffer, SocketAddress source, bool isMedia)
    {
        try
        {
            for (var i = 0; i < MaxLeftOver && socket.Available > 0; i++)
                OnDatagram(buffer[..socket.ReceiveFrom(buffer, SocketFlags.None, source)], source, isMedia);
        }
        catch (SocketException)
        {
            // The leg is over either way; what cannot be read shows as lost.
        }
    }

    private void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, bool isMedia)
    {
        var now = Instant.Now(_time);
        lock (_gate)
        {
            if (isMedia) OnMediaSocket(datagram, source, now);
            else OnControlSocket(datagram, source, now);
            PassKeyPresses();
        }
    }

    private void OnMediaSocket(ReadOnlySpan<byte> datagram, SocketAddress source, Instant now)
    {
        if (!_source.Admits(source, _receiver.HasSource))
        {
            CountWrongSource();
            return;
        }

        if (_handshake is { } handshake && DatagramDemultiplexer.Classify(datagram) == DatagramKind.Dtls)
        {
            if (!Raw(source).SequenceEqual(Raw(_handshakeTo))) _handshakeTo = Copy(source);
            handshake.OnDatagram(datagram, Raw(source));
            return;
        }

        switch (_receiver.OnDatagram(datagram, now))
        {
            case LegDatagram.Media:
                _source.Latch(source);
                break;
            case LegDatagram.Refused when !_refused:
                _refused = true;
                _logger.Unauthentic(_leg, LocalPort);
                break;
        }
    }

    private void OnControlSocket(ReadOnlySpan<byte> datagram, SocketAddress source, Instant now)
    {
        if (_source.AdmitsControl(source)) _receiver.OnDatagram(datagram, now);
        else CountWrongSource();
    }

    /// <summary>Begins a handshake when signalling names one that is not the one at hand.</summary>
    private void Handshake(DtlsPlan? plan)
    {
        if (plan is null || plan == _handshake?.Plan) return;

        _handshake?.Dispose();
        var handshake = _handshake = new DtlsHandshake(_identity.Value, plan, SendHandshake);
        _handshakes = Task.WhenAll(_handshakes, TakeOutcomeAsync(handshake));
    }

    private async Task TakeOutcomeAsync(DtlsHandshake handshake)
    {
        var outcome = await handshake.Outcome.ConfigureAwait(false);
        using var keys = outcome.Keys;
        lock (_gate)
        {
            if (_disposed || handshake != _handshake) return;
            if (keys is not null) _receiver.TakeKeys(keys, Instant.Now(_time));
        }

        if (keys is null) _logger.HandshakeFailed(_leg, LocalPort, outcome.Reason);
    }

    private void SendHandshake(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _sockets.Rtp.SendTo(datagram, SocketFlags.None, _handshakeTo);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Handshakes send again; a leg that closed meanwhile has ended its own.
        }
    }

    private SocketAddress AddressOf(IPEndPoint remote) =>
        (_sockets.Rtp.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(remote.Address.MapToIPv6(), remote.Port) : remote).Serialize();

    private static ReadOnlySpan<byte> Raw(SocketAddress address) => address.Buffer.Span[..address.Size];

    private static SocketAddress Copy(SocketAddress address)
    {
        var copy = new SocketAddress(address.Family, address.Size);
        Raw(address).CopyTo(copy.Buffer.Span);
        return copy;
    }

    private void PassKeyPresses()
    {
        while (_receiver.TryTakeKeyPress(out var press)) _presses.Writer.TryWrite(press);
    }

    private void CountWrongSource()
    {
        if (_wrongSource++ == 0) _logger.WrongSource(_leg, LocalPort);
    }

    private void SendReport(Instant now)
    {
        _kernelDropped = _sockets.KernelDropped;
        Span<byte> report = stackalloc byte[LegReceiver.MaxReport];
        Send(report[.._receiver.WriteReport(now, report)]);
    }

    private void SendBye()
    {
        Span<byte> bye = stackalloc byte[LegReceiver.MaxReport];
        Send(bye[.._receiver.WriteBye(bye)]);
    }

    private void Send(ReadOnlySpan<byte> report)
    {
        if (report.IsEmpty || !_source.TryGetControlAddress(_multiplexed, _reportTo)) return;
        try
        {
            (_multiplexed ? _sockets.Rtp : _sockets.Rtcp).SendTo(report, SocketFlags.None, _reportTo);
        }
        catch (SocketException)
        {
            // Reports are best effort: the peer counts on none, and the next one says it all again (RFC 3550 §6.4).
        }
    }
}
