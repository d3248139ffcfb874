using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using EdgeAssist.MediaGateway.Grpc;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the way to an inference worker in another process.</summary>
public static class GrpcSinkServices
{
    /// <summary>Makes <see cref="ICallAudioSink"/> a worker in another process.</summary>
    /// <param name="services">The services.</param>
    /// <param name="channel">Makes the channel to the worker, with its credentials and the handler's keep-alive.</param>
    public static IServiceCollection AddGrpcCallAudioSink(this IServiceCollection services, Func<IServiceProvider, GrpcChannel> channel)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ICallAudioSink>(provider => new GrpcCallAudioSink(
            new CallAudio.CallAudioClient(channel(provider)),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GrpcCallAudioSink>>()));
        return services;
    }
}
