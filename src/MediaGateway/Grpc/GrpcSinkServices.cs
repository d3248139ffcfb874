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
    /// <summary>Makes <see cref="ICallAudioSink"/> the worker at an address.</summary>
    /// <param name="services">The services.</param>
    /// <param name="worker"><c>https://…</c>, or <c>http://…</c> on loopback.</param>
    public static IServiceCollection AddGrpcCallAudioSink(this IServiceCollection services, Uri worker)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => GrpcChannel.ForAddress(worker, ChannelOptions()));
        services.AddSingleton<ICallAudioSink>(provider => new GrpcCallAudioSink(
            new CallAudio.CallAudioClient(provider.GetRequiredService<GrpcChannel>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GrpcCallAudioSink>>()));
        return services;
    }

    /// <summary>A worker that vanishes without a word is noticed within half a minute; calls beyond a connection's stream limit open another.</summary>
    private static GrpcChannelOptions ChannelOptions() => new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
        },
        DisposeHttpClient = true,
    };
}
