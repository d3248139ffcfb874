using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Grpc;
using EdgeAssist.MediaGateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
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
        services.AddSingleton<IValidateOptions<SupervisionOptions>, SupervisionOptionsValidator>();
        services.AddOptions<SupervisionOptions>().BindConfiguration(SupervisionOptions.Section).ValidateOnStart();
        services.AddSingleton(provider => new SupervisionConfiguration(
            provider.GetRequiredService<IOptions<SupervisionOptions>>().Value, provider.GetRequiredService<RecordingSettings>().Trunks));
        services.AddSingleton(provider => provider.GetRequiredService<SupervisionConfiguration>().Settings);
        services.AddSingleton<SupervisorControl>();
        services.AddSingleton(provider => new SupervisorDesk(
            provider.GetRequiredService<SupervisionSettings>(), provider.GetRequiredService<RecordingSettings>(), provider.GetRequiredService<IMediaRelay>,
            provider.GetRequiredService<SupervisorControl>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<GatewayMetrics>(),
            provider.GetRequiredService<ILogger<SupervisorDesk>>()));
        services.AddSingleton<ICallControl>(provider => provider.GetRequiredService<SupervisorControl>());
        services.AddSingleton(provider => new CallRecords(
            provider.GetRequiredService<SipConfiguration>().CallRecords, provider.GetRequiredService<GatewayMetrics>(), provider.GetRequiredService<ILogger<CallRecords>>()));
        services.AddSingleton(provider => new SessionRouter(
            provider.GetRequiredService<RecordingSettings>(), provider.GetRequiredService<RecordingServer>(),
            provider.GetRequiredService<RecordingSettings>().Trunks.Any(trunk => trunk.Inline is not null) ? provider.GetRequiredService<BridgeServer>() : null,
            provider.GetRequiredService<SupervisorDesk>()));
        services.AddSingleton(provider => provider.GetRequiredService<RecordingServer>().Wishes);
        services.AddHostedService<SipService>();
        return services;
    }

    /// <summary>Maps the way in for relays in other processes: supervisors' orders. Needs gRPC among the services; the caller says who may use it.</summary>
    public static GrpcServiceEndpointConventionBuilder MapMediaGateway(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapGrpcService<CallControlService>();
    }
}
