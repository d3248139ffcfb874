using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EdgeAssist.AlertRelay.History;

/// <summary>Without the history calls are taken and understood all the same: degraded, never unhealthy.</summary>
internal sealed class HistoryHealthCheck(HistoryRuntime runtime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runtime.Problem is { Length: > 0 } problem ? HealthCheckResult.Degraded(problem) : HealthCheckResult.Healthy());
}
