using System.Net;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Tests.Calls.Bridge;

/// <summary>One end of a bridged call in virtual time: a user agent core whose call layer does what the test says, and takes notes.</summary>
internal sealed class ScriptedPeer : ISessionHandler
{
    private int _tokens;

    public ScriptedPeer(string name, int port, UserAgentSettings? settings = null)
    {
        (Name, EndPoint) = (name, new IPEndPoint(IPAddress.Loopback, port));
        Core = new UserAgentCore(this, settings ?? new UserAgentSettings(), () => $"{name}{++_tokens:D8}");
    }

    public string Name { get; }

    public IPEndPoint EndPoint { get; }

    public UserAgentCore Core { get; }

    public SessionProfile Profile { get; set; } = SessionProfile.Bridge;

    /// <summary>The answer to an INVITE; put off by default.</summary>
    public SessionDecision InviteDecision { get; set; } = SessionDecision.Later;

    /// <summary>The answer to a re-INVITE or UPDATE.</summary>
    public SessionDecision ModifyDecision { get; set; } = SessionDecision.Accept(Sdp(2, "9.9.9.9"));

    public SessionDecision RequestDecision { get; set; } = new() { Status = 200 };

    public SessionDecision PrackDecision { get; set; } = new() { Status = 200 };

    public SipSession? Session { get; set; }

    public List<SipRequest> Requests { get; } = [];

    public List<SipResponse> Responses { get; } = [];

    public List<SessionEnd> Ends { get; } = [];

    public SipRequest? LastEnd { get; private set; }

    public ReadOnlyMemory<byte> Description { get; set; }

    public int LastStatus => Responses.Count == 0 ? 0 : Responses[^1].Status;

    /// <summary>An audio description of this address.</summary>
    public static byte[] Sdp(int version, string address, string direction = "sendrecv", int port = 5000, string more = "") => Encoding.UTF8.GetBytes(
        $"v=0\r\no=me 77 {version} IN IP4 {address}\r\ns=secret name\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
        + $"m=audio {port} RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na={direction}\r\n{more}");

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now)
    {
        Session = session;
        Requests.Add(invite);
        return InviteDecision;
    }

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now)
    {
        Requests.Add(request);
        return ModifyDecision;
    }

    public SessionDecision OnRequest(SipSession session, SipRequest request, Instant now)
    {
        Requests.Add(request);
        return RequestDecision;
    }

    public SessionDecision OnPrack(SipSession session, SipRequest prack, Instant now)
    {
        Requests.Add(prack);
        return PrackDecision;
    }

    public void OnAck(SipSession session, SipRequest ack, Instant now) => Requests.Add(ack);

    public void OnResponse(SipSession session, SipRequest request, SipResponse? response, Instant now)
    {
        if (response is not null) Responses.Add(response);
    }

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now)
    {
        Ends.Add(end);
        LastEnd = bye;
    }

    public ReadOnlyMemory<byte> DescriptionOf(SipSession session) => Description;
}
