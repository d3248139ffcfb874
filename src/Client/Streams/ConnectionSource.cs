using System.Net;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.Client.Streams;

/// <summary>Opens connections to one relay with the caller's token.</summary>
internal sealed class ConnectionSource(Uri address, Func<CancellationToken, ValueTask<string>> token, bool canRenew, EdgeAssistClientOptions options)
{
    public bool SameClock { get; } = options.SameClock ?? IsLoopback(address);

    /// <summary>The token comes from a source that may have a newer one.</summary>
    public bool CanRenew { get; } = canRenew;

    public async ValueTask<OpenConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var bearer = await token(cancellationToken);
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = options.HelloTimeout,

            // Keeps address translators from forgetting the connection; slow enough for every server's ping limit.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        options.ConfigureHandler?.Invoke(handler);
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,

            // A long call's snapshot is a few megabytes.
            MaxReceiveMessageSize = 32 * 1024 * 1024,
            ThrowOperationCanceledOnCancellation = true,
        });
        return new OpenConnection(channel, bearer);
    }

    private static bool IsLoopback(Uri address) =>
        address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}

/// <summary>One connection and the token it is used with.</summary>
internal sealed class OpenConnection(GrpcChannel channel, string token) : IDisposable
{
    private readonly Metadata _headers = new() { { "authorization", "Bearer " + token } };

    public string Token => token;

    public CallInvoker Invoker { get; } = channel.CreateCallInvoker();

    public CallOptions Options(CancellationToken cancellationToken) => new(_headers, cancellationToken: cancellationToken);

    public CallOptions Options(DateTime deadline, CancellationToken cancellationToken) => new(_headers, deadline, cancellationToken);

    public void Dispose() => channel.Dispose();
}
