using System.Net;
using Grpc.Core;
using Grpc.Net.Client;

namespace EdgeAssist.Client.Streams;

/// <summary>Opens connections with the caller's token, to one relay or to the next of several that share a log.</summary>
internal sealed class ConnectionSource(IReadOnlyList<Uri> addresses, Func<CancellationToken, ValueTask<string>> token, bool canRenew, EdgeAssistClientOptions options)
{
    // Several watches may find the same relay gone; whoever comes first moves on.
    private int _current;

    public bool SameClock { get; } = options.SameClock ?? addresses.All(IsLoopback);

    /// <summary>The token comes from a source that may have a newer one.</summary>
    public bool CanRenew { get; } = canRenew;

    /// <summary>The relay of that connection is gone or refuses: the next one is tried.</summary>
    public void MoveOn(OpenConnection from) => Interlocked.CompareExchange(ref _current, (from.Place + 1) % addresses.Count, from.Place);

    public async ValueTask<OpenConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var bearer = await token(cancellationToken);
        var place = Volatile.Read(ref _current);
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
        var channel = GrpcChannel.ForAddress(addresses[place], new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,

            // A long call's snapshot is a few megabytes.
            MaxReceiveMessageSize = 32 * 1024 * 1024,
            ThrowOperationCanceledOnCancellation = true,
        });
        return new OpenConnection(channel, bearer, place);
    }

    private static bool IsLoopback(Uri address) =>
        address.IsLoopback || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}

/// <summary>One connection and the token it is used with.</summary>
/// <param name="channel">The connection, owned.</param>
/// <param name="token">The access token.</param>
/// <param name="place">Which of the addresses.</param>
internal sealed class OpenConnection(GrpcChannel channel, string token, int place) : IDisposable
{
    private readonly Metadata _headers = new() { { "authorization", "Bearer " + token } };

    public string Token => token;

    public int Place => place;

    public CallInvoker Invoker { get; } = channel.CreateCallInvoker();

    public CallOptions Options(CancellationToken cancellationToken) => new(_headers, cancellationToken: cancellationToken);

    public CallOptions Options(DateTime deadline, CancellationToken cancellationToken) => new(_headers, deadline, cancellationToken);

    public void Dispose() => channel.Dispose();
}
