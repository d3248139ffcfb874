using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAssist.Client;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Testing.Audio;
using EdgeAssist.Testing.Sip;
using EdgeAssist.V1;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>What the appliance says when something is wrong with what it gets, or with itself.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly DirectoryInfo _noModels = Directory.CreateTempSubdirectory("edgeassist-no-models-");
    private TestAppliance _appliance = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>No models: they load in no time, and the appliance has to live with it.</summary>
    public async ValueTask InitializeAsync() => _appliance = await TestAppliance.StartAsync(_noModels.FullName, Cancel);

    public async ValueTask DisposeAsync()
    {
        await _appliance.DisposeAsync();
        _noModels.Delete(recursive: true);
    }

    [Fact] // RFC 3261 §8.2, §21.4.1
    public async Task A_malformed_INVITE_is_answered_400_with_the_fault_in_the_reason_phrase()
    {
        var invite = SiprecText.Invite();

        Assert.StartsWith("SIP/2.0 400 ", await AskAsync(invite with { CSeqMethod = "BYE" }), StringComparison.Ordinal);
        Assert.Contains("CSeq", await AskAsync(invite with { CSeqMethod = "BYE" }), StringComparison.Ordinal);
        Assert.Equal("SIP/2.0 400 the multipart body has no usable boundary parameter", await AskAsync(invite with { ContentType = "multipart/mixed", Branch = "z9hG4bK2" }));
        Assert.Equal("SIP/2.0 400 the SDP has no v= line", await AskAsync(invite with { ContentType = "application/sdp", Body = "hello", Branch = "z9hG4bK3", CallId = "b" }));
    }

    [Fact]
    public async Task Without_models_health_says_what_is_missing_and_the_command_that_mends_it()
    {
        using var http = new HttpClient();

        using var answer = await http.GetAsync(new Uri(_appliance.Web, "/healthz"), Cancel);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var json = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("\"status\":\"degraded\"", json, StringComparison.Ordinal);
        Assert.Contains("edgeassist models pull moonshine-tiny-en", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_models_a_call_is_taken_and_says_that_it_gets_voice_only()
    {
        await using var watcher = _appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(s_patience, Cancel);

        var call = await _appliance.PlayAsync(watcher, [Hum(payloadType: 0)], Cancel);

        Assert.True(call.Result.Succeeded, call.Result.Sentence);
        Assert.Contains(call.Events, heard => heard.Value.RungChange is { Rung: Rung.VoiceOnly, Why.Length: > 0 });
        Assert.Equal("hangup", call.Events[^1].Value.Ended.EndReason);
    }

    [Fact] // RFC 3550 §5.1: a receiver ignores packets with payload types it does not understand
    public async Task A_call_with_an_unknown_payload_type_stays_up_and_its_packets_are_counted()
    {
        await using var watcher = _appliance.Watch();
        await watcher.OpenAsync(Cancel).WaitAsync(s_patience, Cancel);

        var call = await _appliance.PlayAsync(watcher, [Hum(payloadType: 77)], Cancel);

        Assert.True(call.Result.Succeeded, call.Result.Sentence);
        Assert.Equal("hangup", call.Events[^1].Value.Ended.EndReason);
        Assert.Equal(call.Result.Streams[0].Packets, _appliance.Count("edgeassist.rtp.packets.unknown_payload_type"));
        Assert.Equal(call.Result.Streams[0].Packets, _appliance.Log.Of(3002).Single().Number("UnknownPayloadType"));
    }

    [Fact]
    public async Task A_SIP_port_in_use_stops_the_start_with_a_sentence_that_names_it()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        var refused = await Assert.ThrowsAsync<UserError>(() =>
            TestAppliance.StartAsync(_noModels.FullName, Cancel, [new("Sip:Listen:0", $"udp:127.0.0.1:{port}")]));

        Assert.Contains($"port {port} is in use", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Sip:Listen", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gRPC_port_in_use_stops_the_start_with_a_sentence_that_names_it()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var place = taken.LocalEndPoint!.ToString()!;

        var refused = await Assert.ThrowsAsync<UserError>(() =>
            TestAppliance.StartAsync(_noModels.FullName, Cancel, [new("Api:Listen", place)]));

        Assert.Contains(place, refused.Message, StringComparison.Ordinal);
        Assert.Contains("in use", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "token")]
    [InlineData("ea1.bm90aGluZw.bm90aGluZw", "token")]
    public async Task A_client_without_a_good_token_is_told_so(string token, string sentence)
    {
        await using var client = new EdgeAssistClient(_appliance.Api, token);

        var refused = await Assert.ThrowsAsync<EdgeAssistException>(() => client.GetCallAsync("any", Cancel));

        Assert.Equal(EdgeAssistError.Unauthenticated, refused.Error);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Sends a request over UDP.</summary>
    /// <returns>The first line of the answer that ends the transaction.</returns>
    private async Task<string> AskAsync(SiprecText request)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var sentBy = socket.Client.LocalEndPoint!.ToString()!;
        await socket.SendAsync((request with { SentBy = sentBy }).ToBytes(), _appliance.Sip, Cancel);
        while (true)
        {
            var answer = await socket.ReceiveAsync(Cancel).AsTask().WaitAsync(s_patience, Cancel);
            var line = Encoding.UTF8.GetString(answer.Buffer).Split("\r\n")[0];
            if (!line.StartsWith("SIP/2.0 1", StringComparison.Ordinal)) return line;
        }
    }

    /// <summary>A second of a hum.</summary>
    private static MediaGateway.Calls.RecordingCallStream Hum(byte payloadType)
    {
        short[] samples = [.. Enumerable.Range(0, 8000).Select(i => (short)(3000 * Math.Sin(2 * Math.PI * 220 * i / 8000)))];
        return Recordings.Stream("1", "sip:+12025550165@carrier.example", "Hum", new Clip(8000, samples), payloadType);
    }
}
