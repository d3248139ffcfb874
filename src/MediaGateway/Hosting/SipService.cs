using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sip.Auth;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Siprec.Profiles;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>
/// Owner of signalling: binds the ports, runs one loop that feeds the user agent core with messages and time and sends what
/// it says, and drains it at shutdown. Receive loops parse and only meet this loop in one bounded channel.
/// </summary>
internal sealed class SipService : BackgroundService, IOutboundFlows
{
    private const int QueueLength = 4096;
    private static readonly TimeSpan s_byeTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_silenceCheck = TimeSpan.FromSeconds(5);

    private readonly SipConfiguration _configuration;
    private readonly SessionRouter _server;
    private readonly UserAgentCore _core;
    private readonly SipEndpoints _endpoints;
    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger<SipService> _logger;
    private readonly Channel<SipInput> _inputs = Channel.CreateBounded<SipInput>(new BoundedChannelOptions(QueueLength)
    {
        SingleReader = true,
        FullMode = BoundedChannelFullMode.Wait,   // TryWrite refuses and UDP drops the newest; TCP waits
    });

    private readonly SipAdmission _admission;
    private readonly SipTransports _transports;
    private readonly RouteNames _names;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _drainWanted;
    private Instant _nextSilenceCheck;
    private Instant _drainAt = Instant.Never;

    public SipService(
        SipConfiguration configuration, SupervisionConfiguration supervision, SessionRouter server, SipEndpoints endpoints, TimeProvider time, GatewayMetrics metrics, ILogger<SipService> logger)
    {
        (_configuration, _server, _endpoints, _time, _metrics, _logger) = (configuration, server, endpoints, time, metrics, logger);
        _core = new UserAgentCore(server, configuration.UserAgent, NewToken,
            new TrunkGate(configuration.Recording.Trunks, server.Load, NewDigest(configuration), RandomNumberGenerator.GetBytes, configuration.UserAgent.RetryAfter));
        VendorProfiles.Warm();
        server.Connect(_core, this, NewToken);
        server.Wishes.Wake = () => _inputs.Writer.TryWrite(default);
        if (server.Supervisors is { } supervisors) supervisors.Wake = () => _inputs.Writer.TryWrite(default);
        _names = new RouteNames(configuration, supervision, time, logger);
        _admission = new SipAdmission(configuration.Admission);
        var tls = configuration.Tls.Files.Any() ? new SipTls(configuration.Tls, time, logger) : null;
        _transports = new SipTransports(_admission, tls, time, metrics)
        {
            IdleTimeout = configuration.IdleTimeout, MaxConnections = configuration.MaxConnections,
        };
    }

    /// <summary>Binds every port before anything runs.</summary>
    /// <exception cref="GatewayStartException">A port cannot be bound.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var address in _configuration.Listen) Bind(address);
        _endpoints.Udp = _transports.EndPoints(SipTransport.Udp);
        _endpoints.Tcp = _transports.EndPoints(SipTransport.Tcp);
        _endpoints.Tls = _transports.EndPoints(SipTransport.Tls);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Refuses new calls, says BYE to the live ones, lets analysis finish their last words, then closes the ports.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _drainWanted = true;
        _inputs.Writer.TryWrite(default);
        try
        {
            await _drained.Task.WaitAsync(_configuration.DrainTime + s_byeTime, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            SipLog.DrainTimedOut(_logger, (_configuration.DrainTime + s_byeTime).TotalSeconds);
        }

        await _server.WhenClosedAsync();
        await base.StopAsync(cancellationToken);
    }

    public SipFlow? To(SipTransport transport, IPEndPoint remote, string domain = "")
    {
        _admission.Expect(remote.Address);   // whoever is asked may answer
        return _transports.FlowTo(transport, remote, domain);
    }

    public override void Dispose()
    {
        _transports.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var receiving = _transports.RunAsync(_inputs.Writer, stoppingToken);
        var resolving = _names.RunAsync(stoppingToken);
        await using (var timer = _time.CreateTimer(_ => _inputs.Writer.TryWrite(default), null, s_silenceCheck, Timeout.InfiniteTimeSpan))
        {
            try
            {
                await RunAsync(timer, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The host is done with us.
            }
        }

        await receiving;
        await resolving;
    }

    private async Task RunAsync(ITimer timer, CancellationToken stoppingToken)
    {
        while (await _inputs.Reader.WaitToReadAsync(stoppingToken))
        {
            while (_inputs.Reader.TryRead(out var input)) Handle(input);

            var now = Instant.Now(_time);
            var wake = Instant.Min(Instant.Min(_core.Deadline, _server.Deadline), Instant.Min(_drainAt, _nextSilenceCheck));
            timer.Change(wake <= now ? TimeSpan.Zero : wake - now, Timeout.InfiniteTimeSpan);
        }
    }

    private void Handle(SipInput input)
    {
        try
        {
            var now = Instant.Now(_time);
            if (input.Message is { } message)
            {
                _metrics.Received(input.Flow.Transport);
                if (input.IsOverLimit) _core.OnOverLimit(message, input.Flow, now);
                else _core.OnMessage(message, input.Flow, now);
            }
            else if (input.Failure is { } failure)
            {
                _metrics.Malformed(failure.Error);
                if (!input.IsAnswered) _core.OnMalformed(failure, input.Flow);
            }

            if (input.IsLost) _core.OnLost(input.Flow);
            if (input.IsUnreachable) _core.OnUnreachable(input.Flow, now);
            OnTime(now);
        }
        catch (Exception e)
        {
            // The outermost loop of this service: one message's failure must not end everybody's calls.
            SipLog.Failed(_logger, e);
        }

        while (_core.TryTake(out var output)) Send(output);
        if (_core.IsDraining && _core.SessionCount == 0 && _core.PendingRequestCount == 0) _drained.TrySetResult();
    }

    private void OnTime(Instant now)
    {
        _core.OnTime(now);
        _server.OnTime(now);
        if (now >= _nextSilenceCheck)
        {
            _nextSilenceCheck = now + s_silenceCheck;
            _server.EndSilent(now);
            _transports.Sweep(_core.ConnectionsInUse(), now);
        }

        if (_drainWanted) Drain(now);
    }

    /// <summary>Takes nothing new at once; what is live gets its time, then BYE.</summary>
    private void Drain(Instant now)
    {
        if (!_core.IsDraining)
        {
            _core.StopTaking();
            _drainAt = now + _configuration.DrainTime;
            SipLog.Draining(_logger, _core.SessionCount, _configuration.DrainTime.TotalSeconds);
        }

        if (_drainAt > now) return;
        _drainAt = Instant.Never;
        _core.Drain(now);
    }

    private static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    private void Send(SipOutput output)
    {
        var sent = _transports.Send(output);
        if (sent is null) _metrics.Dropped("no_connection");
        else if (sent == false) _metrics.Dropped("send_failed");
        else if (output.Status > 0) _metrics.Responded(output.Status);
    }

    private static DigestServer NewDigest(SipConfiguration configuration) =>
        new(configuration.Realm, new DigestNonces(RandomNumberGenerator.GetBytes(32), configuration.NonceLifetime), configuration.AllowMd5);

    private void Bind(SipListenAddress address)
    {
        try
        {
            SipLog.Listening(_logger, address.Transport, _transports.Bind(address.Transport, address.EndPoint));
        }
        catch (SocketException e)
        {
            var protocol = address.Transport.ToString().ToUpperInvariant();
            var why = e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"port {address.EndPoint.Port} is in use by another program",
                SocketError.AddressNotAvailable => $"{address.EndPoint.Address} is not an address of this machine",
                SocketError.AccessDenied => $"port {address.EndPoint.Port} needs rights this process does not have",
                _ => e.Message,
            };
            throw new GatewayStartException($"SIP cannot be received on {protocol} {address.EndPoint}: {why}. Change Sip:Listen, or free the port.", e);
        }
    }
}
