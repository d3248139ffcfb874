using EdgeAssist.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.History;

internal static class HistoryExtensions
{
    private const string HistoryCheck = "history";

    /// <summary>
    /// Adds the customer's history: <see cref="ICustomerDirectory"/> for analysis in the same process, <see cref="ICallHistories"/> for
    /// parts of the relay, and the health check <c>history</c>.
    /// </summary>
    public static void AddHistory(this IServiceCollection services)
    {
        services.AddOptions<HistoryOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<HistoryOptions>, HistoryOptionsValidator>();
        services.AddSingleton<HistoryMetrics>();
        services.AddSingleton<RecentHistories>();
        services.AddSingleton<ICallHistories>(provider => provider.GetRequiredService<RecentHistories>());
        services.AddSingleton<HistoryRuntime>();
        services.AddHostedService(provider => provider.GetRequiredService<HistoryRuntime>());
        services.AddSingleton<CustomerDirectory>();
        services.AddSingleton<ICustomerDirectory>(provider => provider.GetRequiredService<CustomerDirectory>());
        services.AddHealthChecks().AddCheck<HistoryHealthCheck>(HistoryCheck);
    }
}
