using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Transport;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers media reception.</summary>
public static class RtpMediaServices
{
    /// <summary>
    /// Adds the RTP transport, configured by section <see cref="RtpOptions.Section"/>. A bad value stops the start with a
    /// sentence that names it.
    /// </summary>
    public static IServiceCollection AddRtpMedia(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<IValidateOptions<RtpOptions>, RtpOptionsValidator>();
        services.AddOptions<RtpOptions>().BindConfiguration(RtpOptions.Section).ValidateOnStart();
        services.AddSingleton<RtpMediaTransport>();
        services.AddSingleton<RtpMediaMetrics>();
        services.AddSingleton<RtpPlayoutFactory>(provider => (local, streams) => RtpPlayout.Bind(local, streams, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMediaTransport>(provider =>
        {
            _ = provider.GetRequiredService<RtpMediaMetrics>();   // nothing else asks for it, and it must live as long
            return provider.GetRequiredService<RtpMediaTransport>();
        });
        return services;
    }
}
