using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EdgeAssist.Inference.Hosting;

/// <summary>Healthy when calls can be understood; degraded, with the reason, when a model is missing: the rest goes on.</summary>
internal sealed class ModelsHealthCheck(IModelReadiness models) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(models.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(models.Problem));
}
