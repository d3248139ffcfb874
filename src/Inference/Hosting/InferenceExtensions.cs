using EdgeAssist.Contracts;
using EdgeAssist.Inference.Diagnostics;
using EdgeAssist.Inference.Grpc;
using EdgeAssist.Inference.Models;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Inference.Hosting;

/// <summary>How a host takes analysis in.</summary>
public static class InferenceExtensions
{
    /// <summary>
    /// Adds analysis: <see cref="ICallAudioSink"/> as the way in from the same process, <see cref="IModelReadiness"/>, and the
    /// health check <c>models</c>. An <see cref="ICallScoreSink"/> must be there: the relay's, or <see cref="AddRemoteScores"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets the options, or binds them to <see cref="InferenceOptions.Section"/>.</param>
    public static IServiceCollection AddInference(this IServiceCollection services, Action<InferenceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddOptions<InferenceOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<InferenceOptions>, InferenceOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton<InferenceMetrics>();
        services.TryAddSingleton(provider => Store(provider.GetRequiredService<IOptions<InferenceOptions>>().Value));
        services.AddSingleton<InferenceRuntime>();
        services.AddHostedService(provider => provider.GetRequiredService<InferenceRuntime>());
        services.AddSingleton<ICallAudioSink>(provider => provider.GetRequiredService<InferenceRuntime>());
        services.AddSingleton<IModelReadiness>(provider => provider.GetRequiredService<InferenceRuntime>());
        services.AddHealthChecks().AddCheck<ModelsHealthCheck>("models");
        return services;
    }

    /// <summary>Adds an <see cref="ICallScoreSink"/> that hands results to a relay in another process.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="channel">Makes the channel to the relay, with its credentials and the handler's keep-alive.</param>
    public static IServiceCollection AddRemoteScores(this IServiceCollection services, Func<IServiceProvider, GrpcChannel> channel)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ICallScoreSink>(provider => new GrpcCallScoreSink(
            channel(provider).CreateCallInvoker(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<GrpcCallScoreSink>>()));
        return services;
    }

    /// <summary>Adds an <see cref="ICustomerDirectory"/> that asks a relay in another process.</summary>
    /// <inheritdoc cref="AddRemoteScores"/>
    public static IServiceCollection AddRemoteCustomers(this IServiceCollection services, Func<IServiceProvider, GrpcChannel> channel)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddSingleton<ICustomerDirectory>(provider => new GrpcCustomerDirectory(channel(provider).CreateCallInvoker(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static ModelStore Store(InferenceOptions options)
    {
        var store = new ModelStore(options.ModelDirectory.Length > 0 ? options.ModelDirectory : null);
        return options.Manifest.Length == 0 ? store : new ModelStore(store.Directory, store.Manifest.And(options.Manifest));
    }

    /// <summary>Maps the way in for gateways in other processes. The caller says who may use it.</summary>
    public static GrpcServiceEndpointConventionBuilder MapInference(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapGrpcService<CallAudioService>();
    }
}
