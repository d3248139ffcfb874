using System.Globalization;
using System.Net;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Tests.Sip;
using EdgeAssist.Testing.Sip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls;

/// <summary>Signalling core and call layer together, in virtual time, with media and analysis that take notes.</summary>
public abstract class RecordingRig : IDisposable
{
    private readonly SipFlow _flow = new(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, 5060), new IPEndPoint(IPAddress.Loopback, 5070));
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<GatewayMetrics>().BuildServiceProvider();
    private int _tokens;

    private protected RecordingRig() => Use(new RecordingSettings());

    private protected static SiprecText Invite { get; } = SiprecText.Invite();

    private protected FakeMediaTransport Media { get; } = new();

    private protected FakeAudioSink Sink { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private protected RecordingServer Server { get; private set; } = null!;

    private protected UserAgentCore Core { get; private set; } = null!;

    private protected Contracts.Instant Now => Contracts.Instant.Now(Time);

    public void Dispose()
    {
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Use(RecordingSettings settings)
    {
        Server = new RecordingServer(settings, Media, Sink, Time, _services.GetRequiredService<GatewayMetrics>(), NullLogger<RecordingServer>.Instance);
        Core = new UserAgentCore(Server, new UserAgentSettings(), () => "t" + (++_tokens).ToString(CultureInfo.InvariantCulture));
        Server.Control = Core;
    }

    private protected (string Tag, FakeCallAudio Call) Establish(SiprecText invite)
    {
        var ok = Final(Send(invite));
        Assert.Equal(200, ok.Status);
        Send(Inside("ACK", ok.To.Tag!, 1, invite.Branch + "a") with { CallId = invite.CallId });
        return (ok.To.Tag!, Sink.Calls.Last());
    }

    private protected static SiprecText Inside(string method, string tag, int cseq, string branch = "z9hG4bKin") =>
        Invite with { Method = method, ToTag = tag, CSeq = cseq, Branch = branch + method, Headers = [], Body = "", ContentType = "" };

    private protected List<SipMessage> Send(SiprecText text)
    {
        Core.OnMessage(SipTestMessages.Request(text), _flow, Now);
        Server.Obey(Now);
        return Drain();
    }

    private protected List<SipMessage> Drain()
    {
        var messages = new List<SipMessage>();
        while (Core.TryTake(out var output)) messages.Add(SipTestMessages.Parse(output.Bytes.Span));
        return messages;
    }

    private protected static SipResponse Final(IEnumerable<SipMessage> messages) => messages.OfType<SipResponse>().First(response => response.IsFinal);

    private protected static SessionDescription Sdp(SipResponse answer)
    {
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(answer.Body.Span, out var sdp));
        return sdp;
    }
}
