using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the gateway's signalling.</summary>
public static class MediaGatewayServices
{
    /// <summary>
    /// Adds the SIPREC recording server, configured by section <see cref="SipOptions.Section"/> and then by
    /// <paramref name="configure"/>. Needs an <c>ICallAudioSink</c> and <see cref="RtpMediaServices.AddRtpMedia"/>. A bad
    /// value, or a port that cannot be bound, stops the start with a sentence that names it.
    /// </summary>
    public static IServiceCollection AddMediaGateway(this IServiceCollection services, Action<SipOptions>? configure = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<IValidateOptions<SipOptions>, SipOptionsValidator>();
        var options = services.AddOptions<SipOptions>().BindConfiguration(SipOptions.Section);
        if (configure is not null) options.Configure(configure);
        options.ValidateOnStart();

        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<SipEndpoints>();
        services.AddSingleton(provider => SipConfiguration.Read(provider.GetRequiredService<IOptions<SipOptions>>().Value));
        services.AddSingleton(provider => provider.GetRequiredService<SipConfiguration>().Recording);
        services.AddSingleton<RecordingServer>();
        services.AddSingleton<BridgeServer>();
        services.AddSingleton(provider => new CallRecords(
            provider.GetRequiredService<SipConfiguration>().CallRecords, provider.GetRequiredService<GatewayMetrics>(), provider.GetRequiredService<ILogger<CallRecords>>()));
        services.AddSingleton(provider => new SessionRouter(
            provider.GetRequiredService<RecordingSettings>(), provider.GetRequiredService<RecordingServer>(),
            provider.GetRequiredService<RecordingSettings>().Trunks.Any(trunk => trunk.Inline is not null) ? provider.GetRequiredService<BridgeServer>() : null));
        services.AddSingleton(provider => provider.GetRequiredService<RecordingServer>().Wishes);
        services.AddHostedService<SipService>();
        return services;
    }
}
