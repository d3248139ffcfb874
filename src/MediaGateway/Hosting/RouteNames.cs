using System.Collections.Immutable;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Sip.Resolution;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Hosting;

/// <summary>
/// Looks up the names among the routes of inline trunks and the places of supervisors' phones, at the start and every five seconds, so that the signalling loop never
/// waits for DNS. The answers are kept as long as their servers allow: most rounds ask nobody, and only draw anew among SRV weights.
/// </summary>
internal sealed class RouteNames
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(5);

    private readonly ImmutableArray<NamedTarget> _targets;
    private readonly HashSet<NamedTarget> _found = [];
    private readonly HashSet<NamedTarget> _lost = [];
    private readonly SipLocator _locator;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public RouteNames(SipConfiguration configuration, SupervisionConfiguration supervision, TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _targets =
        [
            .. configuration.Recording.Trunks.Select(trunk => trunk.Inline).OfType<InlineTrunk>()
                .SelectMany(inline => inline.Routes).SelectMany(route => route.Targets).OfType<NamedTarget>(),
            .. supervision.Names,
        ];
        var dns = configuration.DnsServers.IsEmpty ? DnsClient.OfSystem(time) : new DnsClient(configuration.DnsServers, time, askSystem: false);
        _locator = new SipLocator(dns.LookupAsync, most => Random.Shared.Next(most + 1));
    }

    /// <summary>Runs until the token ends it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_targets.IsEmpty) return;
        using var timer = new PeriodicTimer(s_period, _time);
        try
        {
            do await Task.WhenAll(_targets.Select(target => FindAsync(target, cancellationToken)).ToList());
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host is done with us.
        }
    }

    private async Task FindAsync(NamedTarget target, CancellationToken cancellationToken)
    {
        var found = await _locator.FindAsync(target.Uri, cancellationToken);
        target.Learn(found);
        lock (_found)   // names are looked up side by side
        {
            if (found.IsEmpty && _lost.Add(target)) SipLog.NameLost(_logger, target.Uri.ToString(), target.Places.Length);
            if (found.IsEmpty) _found.Remove(target);
            else if (_lost.Remove(target) | _found.Add(target)) SipLog.NameFound(_logger, target.Uri.ToString(), found.Length, found[0].EndPoint);
        }
    }
}
