using EdgeAssist.AlertRelay.Diagnostics;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.History;
using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.AlertRelay.Ingest;
using EdgeAssist.AlertRelay.Policy;
using EdgeAssist.AlertRelay.Supervision;
using EdgeAssist.Contracts;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.Hosting;

/// <summary>How a host takes the relay in.</summary>
public static class AlertRelayExtensions
{
    /// <summary>The authorization policy of links between parts: a token of the role internal.</summary>
    public const string InternalOnly = "edgeassist-internal";

    /// <summary>The name under which the health service tells whether the product can see.</summary>
    public const string SightService = "edgeassist.sight";

    /// <summary>Marks the check that only the health service's alarm is made of: the box takes calls all the same.</summary>
    public const string AlarmTag = "alarm";

    private const string JournalCheck = "journal", SightCheck = "sight", SightAlarmCheck = "sight-alarm";

    /// <summary>
    /// Adds the relay: journal, streams, identity, and <see cref="ICallScoreSink"/> as the way in from the same process.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options, or binds them to <see cref="AlertRelayOptions.Section"/>.</param>
    public static IServiceCollection AddAlertRelay(this IServiceCollection services, Action<AlertRelayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddOptions<AlertRelayOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AlertRelayOptions>, AlertRelayOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<RelayMetrics>();
        services.AddSingleton<AssistSource>();
        services.AddSingleton<RelayRuntime>();
        services.AddHostedService(provider => provider.GetRequiredService<RelayRuntime>());
        services.AddSingleton(provider => provider.GetRequiredService<RelayRuntime>().Table);
        services.AddSingleton(provider => provider.GetRequiredService<RelayRuntime>().Writer);
        services.AddSingleton<IDisclosurePolicy>(provider => new JournaledDisclosure(() => provider.GetRequiredService<RelayRuntime>().Writer));
        services.AddSingleton<ICallScoreSink>(provider =>
        {
            var runtime = provider.GetRequiredService<RelayRuntime>();
            return new RelayScoreSink(() => runtime.Writer, provider.GetRequiredService<TimeProvider>());
        });
        AddRelayIdentity(services, provider => provider.GetRequiredService<IOptions<AlertRelayOptions>>().Value.DataDirectory);
        services.AddGrpc(options => options.Interceptors.Add<FaultInterceptor>());
        services.AddSingleton(provider => new GatewayLinks(provider.GetServices<GatewayLink>()));
        services.AddHostedService<SupervisionFollower>();
        services.AddSingleton<MeasuresRuntime>();
        services.AddHostedService(provider => provider.GetRequiredService<MeasuresRuntime>());
        services.AddSingleton<AlertsService>();
        services.AddSingleton<CallsService>();
        services.AddSingleton<AssistService>();
        services.AddSingleton<IServiceMethodProvider<AssistEndpoint>, AssistBinding>();
        services.AddSingleton<IServiceMethodProvider<AlertsEndpoint>, AlertsBinding>();
        services.AddSingleton<IServiceMethodProvider<CallsEndpoint>, CallsBinding>();
        services.AddSingleton(new ReflectionServiceImpl(V1.Alerts.Descriptor, V1.Silences.Descriptor, V1.Calls.Descriptor, V1.History.Descriptor, V1.Policies.Descriptor, V1.Readiness.Descriptor, V1.Labelling.Descriptor, V1.Assist.Descriptor, V1.Supervision.Descriptor, V1.Measures.Descriptor, Health.Descriptor));
        services.AddGrpcReflection();
        services.AddSingleton(provider => Issuer(provider.GetRequiredService<IOptions<AlertRelayOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<BlindSpotWatch>();
        services.AddSingleton<SightAlarm>();
        services.AddHostedService(provider => provider.GetRequiredService<BlindSpotWatch>());
        services.AddHostedService<Policy.Rollout.RolloutRunner>();
        services.AddSingleton<ConnectionGate>(Gate);
        services.AddHistory();
        services.AddGrpcHealthChecks(health =>
            {
                // «Watch it» is a matter of one's own: who asks for the whole or a service hears whether it serves.
                health.Services.Map("", result => result.Name is not (SightCheck or SightAlarmCheck));
                foreach (var service in new[] { V1.Alerts.Descriptor, V1.Calls.Descriptor, V1.Silences.Descriptor, V1.Policies.Descriptor, V1.Readiness.Descriptor, V1.Labelling.Descriptor, V1.Assist.Descriptor, V1.Supervision.Descriptor, V1.Measures.Descriptor })
                    health.Services.Map(service.FullName, result => result.Name == JournalCheck);
                health.Services.Map(SightService, result => result.Name == SightAlarmCheck);
            })
            .AddCheck<JournalHealthCheck>(JournalCheck)
            .AddCheck<BlindSpotWatch>(SightCheck)
            .AddCheck<SightAlarm>(SightAlarmCheck, tags: [AlarmTag]);
        services.Configure<HealthCheckPublisherOptions>(publisher => (publisher.Delay, publisher.Period) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        return services;
    }

    /// <summary>
    /// Adds the way to a gateway in another process, for supervisors. One in this process is added as a <see cref="GatewayLink"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">Its name in the records of its calls; empty for any that no other link names.</param>
    /// <param name="channel">Makes the channel, with its credentials and the handler's keep-alive.</param>
    public static IServiceCollection AddRemoteGateway(this IServiceCollection services, string name, Func<IServiceProvider, ChannelBase> channel)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(provider => new GatewayLink(name, new GrpcCallControl(channel(provider), provider.GetRequiredService<TimeProvider>())));
    }

    /// <summary>
    /// Keeps one address from taking all connections. To be called on every listener, before TLS.
    /// </summary>
    public static ListenOptions UseRelayLimits(this ListenOptions listen)
    {
        ArgumentNullException.ThrowIfNull(listen);

        // A part that runs without the relay has no gate.
        if (listen.ApplicationServices.GetService<ConnectionGate>() is { } gate) listen.Use(next => connection => gate.PassAsync(connection, () => next(connection)));
        return listen;
    }

    /// <summary>
    /// Adds access tokens alone, for a part that runs without the relay and lets others in by the same key.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="dataDirectory">Holds the key.</param>
    public static IServiceCollection AddRelayIdentity(this IServiceCollection services, Func<IServiceProvider, string> dataDirectory)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new OidcSource(null));
        services.AddSingleton(provider => TokenAuthority.Open(dataDirectory(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddAuthentication(RelayAuthenticationHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, RelayAuthenticationHandler>(RelayAuthenticationHandler.SchemeName, null);
        services.AddAuthorizationBuilder().AddPolicy(InternalOnly, policy => policy
            .AddAuthenticationSchemes(RelayAuthenticationHandler.SchemeName)
            .RequireRole(nameof(PrincipalRole.Internal)));
        return services;
    }

    /// <summary>
    /// Maps the services, health, the browser console and, when it is switched on, reflection. gRPC-Web works on a <see cref="WebApplication"/>
    /// without further ado; other hosts call <c>UseGrpcWeb</c> themselves.
    /// </summary>
    public static IEndpointRouteBuilder MapAlertRelay(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);

        if (endpoints is IApplicationBuilder app) app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });

        var identified = new AuthorizeAttribute { AuthenticationSchemes = RelayAuthenticationHandler.SchemeName };
        endpoints.MapGrpcService<AlertsEndpoint>().RequireAuthorization(identified);
        endpoints.MapGrpcService<CallsEndpoint>().RequireAuthorization(identified);
        endpoints.MapGrpcService<AssistEndpoint>().RequireAuthorization(identified);
        endpoints.MapGrpcService<SilencesService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<PoliciesService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<SupervisionService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<MeasuresService>().RequireAuthorization(identified);
        ReportEndpoints.Map(endpoints, identified);
        endpoints.MapGrpcService<LabellingService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<ReadinessService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<CallScoresService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<HistoryService>().RequireAuthorization(identified);
        endpoints.MapGrpcService<CustomersService>().RequireAuthorization(identified);
        endpoints.MapGrpcHealthChecksService();
        endpoints.MapConsole(identified);
        if (endpoints.ServiceProvider.GetRequiredService<IOptions<AlertRelayOptions>>().Value.Reflection)
            endpoints.MapGrpcReflectionService().RequireAuthorization(identified);
        return endpoints;
    }

    /// <summary>
    /// The limits streams rely on: a gone client is noticed within 15 s by HTTP/2 pings (RFC 9113 §6.7), sooner by a write that
    /// stalls; floods of streams and headers meet ceilings.
    /// </summary>
    public static KestrelServerOptions ConfigureForAlertRelay(this KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);

        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(6);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 100;

        // A stream that is silent between heartbeats is healthy; its own stall limit looks after it.
        kestrel.Limits.MinResponseDataRate = null;
        return kestrel;
    }

    private static OidcSource Issuer(AlertRelayOptions options, TimeProvider time) => new(options.OidcIssuer.Length == 0
        ? null
        : new OidcTokens(new OidcSettings(options.OidcIssuer, options.OidcAudience, options.OidcTenant), time));

    private static ConnectionGate Gate(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<AlertRelayOptions>>().Value;
        var limits = new ConnectionLimits(options.MaxConnectionsPerAddress, options.NewConnectionsPerSecond * 10, options.NewConnectionsPerSecond, options.LimitLoopback);
        return new ConnectionGate(limits, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<RelayMetrics>().ConnectionRefused);
    }
}
