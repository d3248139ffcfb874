using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>The relay serves while its journal takes records.</summary>
internal sealed class JournalHealthCheck(RelayRuntime runtime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(runtime.Writer.Fault is { } fault ? HealthCheckResult.Unhealthy(fault.Message) : HealthCheckResult.Healthy());
}
