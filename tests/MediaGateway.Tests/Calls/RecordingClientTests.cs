using System.Net;
using System.Net.Sockets;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Transport;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>The recording client over real sockets, against the gateway and against peers that behave badly.</summary>
public sealed class RecordingClientTests : IAsyncDisposable
{
    private readonly FakePlayout _playout = new();

    public ValueTask DisposeAsync() => _playout.DisposeAsync();

    [Theory] // RFC 7866 §6.1
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task A_placed_call_is_answered_played_and_ended(SipTransport transport)
    {
        await using var gateway = await GatewayHarness.StartAsync(GatewayHarness.KnowRoles);
        var steps = new List<RecordingCallStep>();

        var result = await Client().PlaceAsync(
            Plan(transport == SipTransport.Udp ? gateway.Udp : gateway.Tcp, transport) with { Progress = (step, _) => steps.Add(step) },
            TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, result.Sentence);
        Assert.Equal([RecordingCallStep.Answered, RecordingCallStep.MediaStarted, RecordingCallStep.MediaEnded, RecordingCallStep.Ended], steps);
        Assert.Equal(gateway.Media.Legs.Select(leg => leg.LocalPort), _playout.Played.Select(stream => stream.Remote.Port));
        Assert.Equal(gateway.Media.Legs.Select(leg => leg.Plan.Remote.Port), _playout.LocalPorts);
        var call = Assert.Single(gateway.Sink.Calls);
        Assert.Equal([("agent", PartyRole.Agent), ("customer", PartyRole.Customer)], call.Legs.Select(leg => (leg.Label, leg.Role)));
        Assert.Equal("Bob <&> \"B\"", call.Info.Legs[1].Party.DisplayName);
        Assert.Equal(CallEndReason.Hangup, await call.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(result.CallId, call.Info.CorrelationIds["sip-call-id"]);
    }

    [Fact] // RFC 3261 §15.1.1
    public async Task Stopping_a_call_that_plays_says_BYE()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        using var stop = new CancellationTokenSource();
        _playout.UntilStopped = true;
        var placing = Client().PlaceAsync(Plan(gateway.Udp) with
        {
            Progress = (step, _) =>
            {
                if (step == RecordingCallStep.MediaStarted) stop.Cancel();
            },
        }, stop.Token);

        var result = await placing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.True(result.Succeeded, result.Sentence);
        Assert.Equal(CallEndReason.Hangup, await Assert.Single(gateway.Sink.Calls).Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact] // RFC 3261 §9.1
    public async Task Stopping_a_call_that_rings_says_CANCEL_after_the_first_answer()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var placing = Client().PlaceAsync(Plan((IPEndPoint)server.LocalEndPoint!), stop.Token);
        var (invite, from) = await ReceiveAsync(server);

        await server.SendToAsync(Sip.SipTestMessages.Answer(invite, 100).ToBytes(), from);
        await stop.CancelAsync();
        var (cancel, _) = await ReceiveAsync(server, "CANCEL");
        await server.SendToAsync(Sip.SipTestMessages.Answer(cancel, 200).ToBytes(), from);
        await server.SendToAsync(Sip.SipTestMessages.Answer(invite, 487).ToBytes(), from);
        var (ack, _) = await ReceiveAsync(server, "ACK");

        var result = await placing.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal((false, 487), (result.Succeeded, result.Status));
        Assert.Equal(invite.Via.Branch, cancel.Via.Branch);
        Assert.Equal(invite.Via.Branch, ack.Via.Branch);
    }

    [Fact] // RFC 3261 §9.1: nothing to cancel, but nobody waits half a minute for that
    public async Task Stopping_a_call_that_nobody_answers_gives_up_in_two_seconds()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var placing = Client().PlaceAsync(Plan((IPEndPoint)silent.LocalEndPoint!), stop.Token);
        await ReceiveAsync(silent);

        await stop.CancelAsync();

        var result = await placing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("The call was given up before the server answered it.", result.Sentence);
    }

    [Fact]
    public async Task A_server_that_hangs_up_the_connection_comes_back_as_a_sentence()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var placing = Client().PlaceAsync(Plan((IPEndPoint)listener.LocalEndPoint!, SipTransport.Tcp), TestContext.Current.CancellationToken);

        (await listener.AcceptAsync(TestContext.Current.CancellationToken)).Dispose();

        var result = await placing.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.EndsWith("closed the connection before it answered the call.", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_comes_back_as_a_sentence()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        gateway.Media.FreePorts = 0;

        var result = await Client().PlaceAsync(Plan(gateway.Udp), TestContext.Current.CancellationToken);

        Assert.Equal((false, 503), (result.Succeeded, result.Status));
        Assert.Contains("no RTP port is free", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_comes_back_as_a_sentence()
    {
        using var placeholder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        placeholder.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // bound and not listening

        var result = await Client().PlaceAsync(Plan((IPEndPoint)placeholder.LocalEndPoint!, SipTransport.Tcp), TestContext.Current.CancellationToken);

        Assert.False(result.Succeeded);
        Assert.Contains("cannot be reached over Tcp", result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_that_shuts_down_ends_the_placed_call()
    {
        await using var gateway = await GatewayHarness.StartAsync();
        _playout.UntilStopped = true;
        var placing = Client().PlaceAsync(Plan(gateway.Udp), TestContext.Current.CancellationToken);
        await _playout.Started.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await gateway.StopAsync();

        var result = await placing.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(result.Succeeded);
        Assert.Equal("The server ended the call before it was played to its end.", result.Sentence);
        Assert.Equal(CallEndReason.Shutdown, await Assert.Single(gateway.Sink.Calls).Closed);
    }

    private RecordingClient Client() => new(TimeProvider.System, SipClientChannel.OpenAsync, (_, streams) =>
    {
        _playout.Bind(streams);
        return _playout;
    });

    private static RecordingCallPlan Plan(IPEndPoint target, SipTransport transport = SipTransport.Udp) => new()
    {
        Target = target,
        Transport = transport,
        Streams =
        [
            new RecordingCallStream { Label = "agent", Aor = "sip:agent7@pbx.example.net", Name = "Alice", Encoded = new byte[160] },
            new RecordingCallStream { Label = "customer", Aor = "sip:+4930@example.org", Name = "Bob <&> \"B\"", Encoded = new byte[160], PayloadType = 8 },
        ],
    };

    private static async Task<(SipRequest Request, EndPoint From)> ReceiveAsync(Socket server, string method = "INVITE")
    {
        var buffer = new byte[65_536];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var received = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), deadline.Token);
            var message = Sip.SipTestMessages.Parse(buffer.AsSpan(0, received.ReceivedBytes));
            if (message is SipRequest request && request.Method.Name == method) return (request, received.RemoteEndPoint);
        }
    }
}

internal static class SipMessageBytes
{
    public static byte[] ToBytes(this SipMessage message) => MediaGateway.Sip.Parsing.SipWriter.Write(message);
}
