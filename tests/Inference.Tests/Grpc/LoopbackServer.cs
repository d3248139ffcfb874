using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EdgeAssist.Inference.Tests.Grpc;

/// <summary>One gRPC service on a free port of the loopback, over HTTP/2 without TLS.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private LoopbackServer(WebApplication server)
    {
        _server = server;
        Channel = GrpcChannel.ForAddress(server.Urls.First());
    }

    public GrpcChannel Channel { get; }

    public static async Task<LoopbackServer> StartAsync<TService>(Action<IServiceCollection> configure)
        where TService : class
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        configure(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.Protocols = HttpProtocols.Http2));
        var server = builder.Build();
        server.MapGrpcService<TService>();
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new LoopbackServer(server);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(hurry.Token);
        await _server.DisposeAsync();
    }
}
