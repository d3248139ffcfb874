using System.Net;
using System.Net.Sockets;
using EdgeAssist.AlertRelay.Hosting;
using EdgeAssist.AlertRelay.Tests.Support;
using EdgeAssist.Client;
using EdgeAssist.Contracts;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.AlertRelay.Tests.Streams;

/// <summary>Networks that go quiet, floods, and other ways over the wire.</summary>
public sealed class NetworkTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_network_that_goes_quiet_is_noticed_on_both_sides_within_fifteen_seconds()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        await using var network = new CutProxy(server.Address);
        await using var client = new EdgeAssistClient(network.Address, server.Token());
        var heldAt = 0L;
        TimeSpan? noticedByClient = null;
        await foreach (var item in client.WatchAlertsAsync(cancellationToken: Patience.Of(60)))
        {
            if (item is WatchItem<V1.Alert, V1.AlertEvent>.SnapshotEnd)
            {
                Assert.Equal(1, server.Table.Count);
                network.Hold();
                heldAt = TimeProvider.System.GetTimestamp();
            }

            if (item is not WatchItem<V1.Alert, V1.AlertEvent>.Connection { State: ConnectionState.Reconnecting }) continue;
            noticedByClient = TimeProvider.System.GetElapsedTime(heldAt);
            break;
        }

        var deadline = Patience.Of(30);
        while (server.Table.Count > 0) deadline.ThrowIfCancellationRequested();
        var noticedByServer = TimeProvider.System.GetElapsedTime(heldAt);

        Assert.InRange(noticedByClient!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));   // 15 s, and what a busy machine adds
        Assert.InRange(noticedByServer, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_reader_whose_window_stays_shut_is_cut_and_its_token_is_good()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options =>
        {
            options.WriteStall = TimeSpan.FromSeconds(1);
            options.Heartbeat = TimeSpan.FromSeconds(1);
        });
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        using var slow = RawWatch.Calls(server.Invoker(), server.Headers());
        await slow.NextAsync(Patience.Normal);
        // One alone, larger than the windows: what waits behind it would cut the reader for its length.
        await server.Sink.PublishAsync(Say.Final(call, 1, new string('w', 2_000_000)), Patience.Normal);

        var deadline = Patience.Normal;
        while (server.Table.Count > 0) deadline.ThrowIfCancellationRequested();
        var cut = await slow.FailureAsync(Patience.Normal);

        Assert.Equal("SLOW_READER", cut.Reason());
        Assert.NotEmpty(cut.ResumeToken());
    }

    [Fact]
    public async Task Rapid_resets_end_their_own_connection_and_disturb_nobody_else()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);
        using var calm = RawWatch.Alerts(server.Invoker(), server.Headers());
        await calm.NextAsync(Patience.Normal);

        var resets = 0;
        for (var connection = 0; connection < 10; connection++) resets += await RapidResetClient.RunAsync(server.Address.Port, 2_000, Patience.Normal);
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);
        V1.AlertEvent? told = null;
        while (told is null) told = (await calm.NextAsync(Patience.Of(30))).Event;

        Assert.InRange(resets, 10, 10 * 1_999);   // every connection was ended before its flood was over
        Assert.Equal(V1.AlertChange.Opened, told.Change);
    }

    [Fact]
    public async Task An_address_with_too_many_connections_is_closed_unread_and_let_in_again_later()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options =>
        {
            options.LimitLoopback = true;
            options.MaxConnectionsPerAddress = 3;
        });
        var sockets = new List<Socket>();
        for (var i = 0; i < 3; i++) sockets.Add(await RapidResetClient.ConnectAsync(server.Address.Port, Patience.Normal));

        var closed = await FourthIsClosedAsync();
        sockets.ForEach(socket => socket.Dispose());
        var deadline = Patience.Normal;
        while (true)
        {
            deadline.ThrowIfCancellationRequested();
            try
            {
                using var watch = RawWatch.Alerts(server.Invoker(), server.Headers());
                Assert.NotNull((await watch.NextAsync(Patience.Normal)).Hello);
                break;
            }
            catch (RpcException notYet) when (notYet.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                // The closed ones are still being cleared away.
            }
        }

        Assert.True(closed);

        async Task<bool> FourthIsClosedAsync()
        {
            try
            {
                using var fourth = await RapidResetClient.ConnectAsync(server.Address.Port, Patience.Normal, greeting: false);
                return await ClosedAsync(fourth);
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                return true;   // closed so soon that connecting itself tells of it
            }
        }

        static async Task<bool> ClosedAsync(Socket socket)
        {
            try
            {
                return await socket.ReceiveAsync(new byte[64], Patience.Of(30)) == 0;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void New_connections_are_metered_by_address()
    {
        var time = new FakeTimeProvider();
        var gate = new ConnectionGate(new ConnectionLimits(100, 5, 2, true), time, () => { });
        var (one, other) = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

        var burst = Enumerable.Range(0, 8).Count(_ => gate.TryEnter(one));
        time.Advance(TimeSpan.FromSeconds(1));
        var later = Enumerable.Range(0, 8).Count(_ => gate.TryEnter(one));

        Assert.Equal([5, 2], [burst, later]);
        Assert.True(gate.TryEnter(other));
    }

    [Fact]
    public async Task A_principal_that_opens_streams_too_fast_is_told_when_to_come_back()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options => options.NewStreamsPerMinute = 10);
        var invoker = server.Invoker();
        for (var i = 0; i < 4; i++)
        {
            using var watch = RawWatch.Alerts(invoker, server.Headers());
            await watch.NextAsync(Patience.Normal);
        }

        var refused = await RawWatch.Alerts(invoker, server.Headers()).FailureAsync(Patience.Normal);
        var details = Rpc.Status.Parser.ParseFrom(refused.Trailers.GetValueBytes("grpc-status-details-bin"));

        Assert.Equal("TOO_MANY_STREAMS", refused.Reason());
        Assert.Equal("TOO_MANY_STREAMS", details.Details[0].Unpack<Rpc.ErrorInfo>().Reason);
        Assert.Equal("edgeassist.v1", details.Details[0].Unpack<Rpc.ErrorInfo>().Domain);
        Assert.Equal(TimeSpan.FromSeconds(5), details.Details[1].Unpack<Rpc.RetryInfo>().RetryDelay.ToTimeSpan());
    }

    [Fact]
    public async Task A_refusal_before_the_service_carries_the_same_details()
    {
        await using var server = await RelayServer.StartAsync(_directory.Path);

        var refused = await RawWatch.Alerts(server.Invoker(), []).FailureAsync(Patience.Normal);
        var details = Rpc.Status.Parser.ParseFrom(refused.Trailers.GetValueBytes("grpc-status-details-bin"));

        Assert.Equal("NO_TOKEN", refused.Reason());
        Assert.Equal("NO_TOKEN", details.Details.Single().Unpack<Rpc.ErrorInfo>().Reason);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, GrpcWebMode.GrpcWeb)]
    [InlineData(HttpProtocols.Http1, GrpcWebMode.GrpcWebText)]
    [InlineData(HttpProtocols.Http2, GrpcWebMode.GrpcWeb)]
    public async Task A_browser_follows_alerts_over_grpc_web(HttpProtocols protocol, GrpcWebMode mode)
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, listen: listen => listen.Protocols = protocol);
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions
        {
            HttpHandler = new GrpcWebHandler(mode, new SocketsHttpHandler()),
            HttpVersion = protocol == HttpProtocols.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,
            HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        using var watch = RawWatch.Alerts(channel.CreateCallInvoker(), server.Headers());
        await watch.NextAsync(Patience.Normal);
        var call = Say.NewCall();
        await server.Sink.PublishAsync(Say.Started(call), Patience.Normal);
        await server.Sink.PublishAsync(Say.Score(call, EscalationLevel.Escalated), Patience.Normal);

        V1.AlertEvent? told = null;
        while (told is null) told = (await watch.NextAsync(Patience.Normal)).Event;
        var refused = await RawWatch.Alerts(channel.CreateCallInvoker(), []).FailureAsync(Patience.Normal);

        Assert.Equal(call.Value, told.Alert.CallId);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tools_may_list_the_services_only_where_that_is_switched_on(bool on)
    {
        await using var server = await RelayServer.StartAsync(_directory.Path, options => options.Reflection = on);
        using var ask = new ServerReflection.ServerReflectionClient(server.Invoker()).ServerReflectionInfo(server.Headers());
        try
        {
            await ask.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
            Assert.True(await ask.ResponseStream.MoveNext(Patience.Normal));
            Assert.True(on);
            Assert.Superset(
                new HashSet<string> { "edgeassist.v1.Alerts", "edgeassist.v1.Calls", "edgeassist.v1.Silences" },
                ask.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToHashSet());
        }
        catch (RpcException refused)
        {
            Assert.False(on, refused.Status.ToString());
            Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        }
    }
}
