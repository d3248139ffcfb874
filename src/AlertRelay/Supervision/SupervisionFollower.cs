using System.Collections.Immutable;
using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>
/// Follows what gateways say of interventions and has it journaled, one loop a gateway. A gateway that was started anew knows of
/// none: what was live there is over.
/// </summary>
internal sealed class SupervisionFollower(RelayRuntime runtime, GatewayLinks links, TimeProvider time, ILogger<SupervisionFollower> logger) : BackgroundService
{
    /// <summary>An intervention that young may not have reached its gateway yet.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_check = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(links.All.Select(link => FollowAsync(link, stoppingToken)));

    private async Task FollowAsync(GatewayLink link, CancellationToken stoppingToken)
    {
        var pause = s_firstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowOnceAsync(link, () => pause = s_firstPause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception lost)
            {
                // The outermost loop of this link: whatever breaks it, it is tried again; calls are not affected.
                RelayLog.GatewayLost(logger, link.Name, lost.Message);
            }

            try
            {
                await Task.Delay(pause, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            pause = pause * 2 > s_longestPause ? s_longestPause : pause * 2;
        }
    }

    private async Task FollowOnceAsync(GatewayLink link, Action connected, CancellationToken stoppingToken)
    {
        await using var lists = link.Control.WatchAsync(stoppingToken).GetAsyncEnumerator(stoppingToken);
        using var timer = new PeriodicTimer(s_check, time);
        var next = lists.MoveNextAsync().AsTask();
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        ImmutableArray<InterventionReport> newest = default;
        try
        {
            while (true)
            {
                await Task.WhenAny(next, tick);
                if (next.IsCompleted)
                {
                    if (!await next) return;
                    connected();
                    newest = lists.Current;
                    foreach (var report in newest) await ObserveAsync(link, report, stoppingToken);
                    next = lists.MoveNextAsync().AsTask();
                }

                if (tick.IsCompleted)
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                }

                if (!newest.IsDefault) await EndLostAsync(link, newest, stoppingToken);
            }
        }
        finally
        {
            // The enumerator may only be disposed when nothing waits for it; the token, or the break, ends the wait.
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task ObserveAsync(GatewayLink link, InterventionReport report, CancellationToken cancellationToken)
    {
        if (runtime.Writer.State.Interventions.GetValueOrDefault(report.Id) is not { } known) return;
        if (!RelayStep.IsLive(known))
        {
            // An order whose answer was lost on its way was taken all the same: nobody stays on a call who is not on record.
            if (report.Phase != InterventionPhase.Ended) await link.Control.LeaveAsync(report.Id, cancellationToken);
            return;
        }

        await runtime.Writer.InterveneAsync(step => step.Observe(report), cancellationToken);
    }

    private async Task EndLostAsync(GatewayLink link, ImmutableArray<InterventionReport> newest, CancellationToken cancellationToken)
    {
        var state = runtime.Writer.State;
        var now = time.GetUtcNow();
        foreach (var live in state.Interventions.Values.Where(RelayStep.IsLive))
        {
            if (state.Calls.GetValueOrDefault(live.CallId) is not { } call || links.Of(call.Info.Gateway) != link) continue;
            if (now - live.RequestedAt.ToDateTimeOffset() < s_grace || newest.Any(report => report.Id == live.InterventionId)) continue;
            await runtime.Writer.InterveneAsync(step => step.Lose(live.InterventionId), cancellationToken);
        }
    }
}
