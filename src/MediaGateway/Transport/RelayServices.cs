using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the media relay.</summary>
public static class RelayServices
{
    /// <summary>
    /// Adds <c>IMediaRelay</c>, configured by section <see cref="RelayOptions.Section"/>. A bad value stops the start with a
    /// sentence that names it. Its threads start when it is first asked for.
    /// </summary>
    public static IServiceCollection AddMediaRelay(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<IValidateOptions<RelayOptions>, RelayOptionsValidator>();
        services.AddOptions<RelayOptions>().BindConfiguration(RelayOptions.Section).ValidateOnStart();
        services.TryAddSingleton<MediaRelay>();
        services.TryAddSingleton<RelayMetrics>();
        services.TryAddSingleton<IMediaRelay>(provider =>
        {
            _ = provider.GetRequiredService<RelayMetrics>();   // nothing else asks for it, and it must live as long
            return provider.GetRequiredService<MediaRelay>();
        });
        return services;
    }
}
