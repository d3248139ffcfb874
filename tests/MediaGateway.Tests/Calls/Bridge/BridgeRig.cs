using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Calls.Bridge;
using EdgeAssist.MediaGateway.Calls.Supervisors;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Sdp;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;
using EdgeAssist.MediaGateway.Tests.Sip;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>
/// A caller, the bridge and a callee in virtual time. Messages travel as bytes and arrive at once, in order; a test may take
/// any of them away. The bridge is the product's own, the ends are scripted.
/// </summary>
internal sealed class BridgeRig : IOutboundFlows, IAsyncDisposable
{
    private static readonly IPEndPoint s_address = new(IPAddress.Parse("127.0.0.9"), 5060);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<ScriptedPeer> _peers = [];
    private readonly CallRecords _records;
    private int _tokens;
    private int _calls;

    public BridgeRig(InlineTrunk? inline = null, ICallAudioSink? sink = null, string recordsPath = "", UserAgentSettings? settings = null, Trunk? trunk = null, UserAgentSettings? callee = null, SupervisionSettings? supervision = null)
    {
        Inline = inline ?? Trunk();
        var recording = new RecordingSettings { Trunks = [(trunk ?? new Trunk { Name = "pstn", Team = "support" }) with { Inline = Inline }] };
        var metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _records = new CallRecords(recordsPath, metrics, NullLogger<CallRecords>.Instance);
        Bridge = new BridgeServer(recording, Relay, sink ?? Sink, _records, TimeProvider.System, metrics, NullLogger<BridgeServer>.Instance);
        Desk = new SupervisorDesk(supervision ?? new SupervisionSettings(), recording, () => Relay, new SupervisorControl(), TimeProvider.System, metrics, NullLogger<SupervisorDesk>.Instance);
        Core = new UserAgentCore(new SessionRouter(recording, null!, Bridge), settings ?? new UserAgentSettings(), NewToken);
        Bridge.Connect(Core, this, NewToken);
        Bridge.CallOver = Desk.OnCallOver;
        Desk.Connect(new SupervisorDeskLinks(Core, this, NewToken, Bridge.Find));
        Callee = new ScriptedPeer("b", 6002, callee);
        _peers.AddRange([Caller, Callee, Second, Phone]);
    }

    public InlineTrunk Inline { get; }

    public FakeRelay Relay { get; } = new();

    public FakeAudioSink Sink { get; } = new();

    public BridgeServer Bridge { get; }

    public UserAgentCore Core { get; }

    public ScriptedPeer Caller { get; } = new("a", 6001);

    public ScriptedPeer Callee { get; }

    /// <summary>The route's other target.</summary>
    public ScriptedPeer Second { get; } = new("c", 6003);

    /// <summary>Calls supervisors' phones.</summary>
    public SupervisorDesk Desk { get; }

    /// <summary>A supervisor's phone.</summary>
    public ScriptedPeer Phone { get; } = new("s", 6004);

    /// <summary>Says of a message from one end to the other whether it is lost.</summary>
    public Func<SipMessage, bool> Loses { get; set; } = _ => false;

    /// <summary>Every message that left the bridge, as text.</summary>
    public List<string> Sent { get; } = [];

    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    public static InlineTrunk Trunk(params int[] ports) => new()
    {
        Routes = [new Route("", [.. (ports.Length == 0 ? [6002] : ports).Select(port => new RouteTarget(SipTransport.Udp, new IPEndPoint(IPAddress.Loopback, port)))])],
        EmergencyNumbers = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "112"),
        SessionExpires = null,
    };

    public SipFlow? To(SipTransport transport, IPEndPoint remote, string domain = "") => transport == SipTransport.Udp ? new SipFlow(SipTransport.Udp, s_address, remote) : null;

    /// <summary>The caller's INVITE goes out; what follows from it has happened when this returns.</summary>
    public SipSession Invite(ReadOnlyMemory<byte> sdp, string target = "sip:100@127.0.0.9:5060", params string[] headers)
    {
        var text = new StringBuilder($"INVITE {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:6001;branch=z9hG4bKfirst{++_tokens};rport\r\n")
            .Append("From: \"Ann\" <sip:+4930111@inside.caller.example>;tag=anntag\r\nTo: <sip:100@127.0.0.9>\r\n")
            .Append(_calls++ == 0 ? "Call-ID: call-of-ann\r\n" : $"Call-ID: call-of-ann-{_calls}\r\n").Append("CSeq: 1 INVITE\r\n")
            .Append("Contact: <sip:ann@127.0.0.1:6001>\r\n");
        if (!headers.Any(header => header.StartsWith("Max-Forwards", StringComparison.Ordinal))) text.Append("Max-Forwards: 70\r\n");
        if (!headers.Any(header => header.StartsWith("Allow:", StringComparison.Ordinal))) text.Append("Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, REFER, NOTIFY\r\n");
        foreach (var header in headers) text.Append(header).Append("\r\n");
        if (!sdp.IsEmpty && !headers.Any(header => header.StartsWith("Content-Type:", StringComparison.Ordinal))) text.Append("Content-Type: application/sdp\r\n");
        text.Append($"Content-Length: {sdp.Length}\r\n\r\n").Append(Encoding.UTF8.GetString(sdp.Span));
        var invite = Assert.IsType<SipRequest>(SipTestMessages.Parse(text.ToString()));
        Caller.Session = Caller.Core.Call(Caller, invite, new SipFlow(SipTransport.Udp, Caller.EndPoint, s_address), Now);
        Run();
        return Caller.Session;
    }

    /// <summary>A call that both ends have acknowledged.</summary>
    public void Establish(params string[] headers)
    {
        Invite(ScriptedPeer.Sdp(1, "1.1.1.1"), headers: headers);
        Answer(SessionDecision.Accept(ScriptedPeer.Sdp(1, "2.2.2.2", port: 6000)));
        Assert.Equal(200, Caller.LastStatus);
        Assert.Equal(SipSessionState.Confirmed, Callee.Session!.State);
    }

    /// <summary>The callee answers its INVITE.</summary>
    public void Answer(SessionDecision decision)
    {
        Callee.Core.Decide(Callee.Session!, decision, Now);
        Run();
    }

    /// <summary>An end sends a request inside its session.</summary>
    public SipRequest Send(ScriptedPeer peer, SessionRequest request)
    {
        var sent = peer.Core.Send(peer.Session!, request, Now);
        Run();
        return sent;
    }

    public void Hangup(ScriptedPeer peer, string? reason = null)
    {
        peer.Core.End(peer.Session!, SessionEnd.Local, Now, reason);
        Run();
    }

    /// <summary>Time passes, a timer at a time.</summary>
    public void Advance(TimeSpan by)
    {
        var end = Now + by;
        while (true)
        {
            var next = _peers.Select(peer => peer.Core.Deadline).Append(Core.Deadline).Append(Bridge.Deadline).Append(Desk.Deadline).Aggregate(end, Instant.Min);
            Now = Instant.Max(Now, next);
            Core.OnTime(Now);
            Bridge.OnTime(Now);
            Desk.OnTime(Now);
            foreach (var peer in _peers) peer.Core.OnTime(Now);
            Run();
            if (Now >= end) return;
        }
    }

    /// <summary>Carries messages until none is under way.</summary>
    public void Run()
    {
        for (var moved = true; moved;)
        {
            moved = false;
            while (Core.TryTake(out var output))
            {
                moved = true;
                Sent.Add(Encoding.UTF8.GetString(output.Bytes.Span));
                Deliver(output, s_address, (message, flow) => PeerAt(output.Flow.Remote)?.Core.OnMessage(message, flow, Now));
            }

            foreach (var peer in _peers)
            {
                while (peer.Core.TryTake(out var output))
                {
                    moved = true;
                    Deliver(output, peer.EndPoint, (message, flow) => Core.OnMessage(message, flow, Now));
                }
            }
        }
    }

    public static SessionDescription Parse(SipMessage message)
    {
        Assert.Equal(SdpParseError.None, SdpParser.TryParse(message.Body.Span, out var description));
        return description;
    }

    public async ValueTask DisposeAsync()
    {
        await Bridge.WhenClosedAsync();
        await Desk.WhenClosedAsync();
        await _records.DisposeAsync();
        await _services.DisposeAsync();
    }

    private string NewToken() => $"own{++_tokens:D8}";

    private ScriptedPeer? PeerAt(IPEndPoint endPoint) => _peers.Find(peer => peer.EndPoint.Equals(endPoint));

    private void Deliver(SipOutput output, IPEndPoint from, Action<SipMessage, SipFlow> deliver)
    {
        var message = SipTestMessages.Parse(output.Bytes.Span);
        if (Loses(message)) return;
        deliver(message, new SipFlow(SipTransport.Udp, output.Flow.Remote, from));
    }
}
