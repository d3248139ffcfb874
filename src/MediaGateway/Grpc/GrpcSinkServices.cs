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
    /// <summary>Makes <see cref="ICallAudioSink"/> the workers in other processes.</summary>
    /// <param name="services">The services.</param>
    /// <param name="channels">Makes a channel to each worker, with its credentials and the handler's keep-alive; at least one.</param>
    public static IServiceCollection AddGrpcCallAudioSink(this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<GrpcChannel>> channels)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ICallAudioSink>(provider => new GrpcCallAudioSink(
            new WorkerPool([.. channels(provider).Select(channel => new CallAudio.CallAudioClient(channel))], provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GrpcCallAudioSink>>()));
        return services;
    }
}
