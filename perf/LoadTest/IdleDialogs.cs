using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.Parsing;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAssist.LoadTest;

/// <summary>What signalling keeps of established calls: the user agent core and the recording server in this process, no sockets.</summary>
internal static class IdleDialogs
{
    public static int Measure(int count)
    {
        using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new GatewayMetrics(meters.GetRequiredService<IMeterFactory>());
        var server = new RecordingServer(new RecordingSettings(), new NoMedia(), new NoAnalysis(), TimeProvider.System, metrics, NullLogger<RecordingServer>.Instance);
        var token = 0L;
        var core = new UserAgentCore(server, new UserAgentSettings { MaxSessions = count }, () => (++token).ToString("x16", CultureInfo.InvariantCulture));
        server.Control = core;
        var flow = new SipFlow(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Loopback, 5070));
        var now = Instant.Now(TimeProvider.System);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < count; i++)
        {
            Establish(core, flow, i, now);
            if (i % 1000 != 999 && i != count - 1) continue;
            now += TimeSpan.FromMinutes(1);   // transactions are over, dialogs live
            core.OnTime(now);
            Drain(core);
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);

        Console.WriteLine($"machine: {Machine.Describe()}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{server.CallCount} established sessions, {core.TransactionCount} transactions left: {(after - before) / 1024.0 / 1024:0.0} MiB, {(after - before) / (double)server.CallCount / 1024:0.0} KiB each"));
        GC.KeepAlive(core);
        return server.CallCount == count ? 0 : 1;
    }

    private static void Establish(UserAgentCore core, SipFlow flow, int number, Instant now)
    {
        core.OnMessage(Message($"INVITE sip:recorder@127.0.0.1 SIP/2.0\r\n{Head(number, "INVITE", "i", "")}Contact: <sip:src@127.0.0.1:5070>\r\nRequire: siprec\r\nContent-Type: application/sdp\r\n\r\n{Offer}"), flow, now);
        var answer = Drain(core) ?? throw new InvalidOperationException("A session was not taken.");
        core.OnMessage(Message($"ACK sip:127.0.0.1:5060 SIP/2.0\r\n{Head(number, "ACK", "a", $";tag={answer.To.Tag}")}\r\n"), flow, now);
    }

    private const string Offer = "v=0\r\no=src 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        + "m=audio 40000 RTP/AVP 0\r\na=label:1\r\na=sendonly\r\nm=audio 40002 RTP/AVP 0\r\na=label:2\r\na=sendonly\r\n";

    private static string Head(int number, string method, string branch, string tag) =>
        $"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{branch}{number}\r\nFrom: <sip:src@127.0.0.1>;tag=f{number}\r\nTo: <sip:recorder@127.0.0.1>{tag}\r\n"
        + $"Call-ID: {number}@127.0.0.1\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\n";

    private static SipMessage Message(string text) =>
        SipMessageParser.TryParse(Encoding.UTF8.GetBytes(text), SipLimits.Default, out var message, out var failure) ? message : throw new InvalidOperationException(failure.Why);

    /// <summary>The last 200 among what the core says.</summary>
    private static SipResponse? Drain(UserAgentCore core)
    {
        SipResponse? success = null;
        while (core.TryTake(out var output))
            if (output.Status == 200 && SipMessageParser.TryParse(output.Bytes.Span, SipLimits.Default, out var message, out _)) success = message as SipResponse;
        return success;
    }

    private sealed class NoMedia : IMediaTransport
    {
        public ImmutableArray<string> Codecs { get; } = ["PCMU/8000"];

        public IMediaLeg TryOpen(MediaLegPlan plan) => new NoLeg();
    }

    private sealed class NoLeg : IMediaLeg
    {
        private static readonly AudioPipe s_pipe = new();
        private static readonly Channel<KeyPress> s_keys = Channel.CreateBounded<KeyPress>(1);

        public int LocalPort => 30_000;

        public AudioPipe Audio => s_pipe;

        public ChannelReader<KeyPress> KeyPresses => s_keys.Reader;

        public MediaLegStatistics Statistics { get; } = new();

        public void Update(MediaLegPlan plan)
        {
            // There is no media.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class NoAnalysis : ICallAudioSink
    {
        public ICallAudio Open(CallInfo call) => new NoAudio();
    }

    private sealed class NoAudio : ICallAudio
    {
        public void AddLeg(LegInfo leg, AudioPipe audio)
        {
            // Nobody listens.
        }

        public void Update(CallInfo call)
        {
            // Nobody listens.
        }

        public ValueTask CloseAsync(CallEndReason reason, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
