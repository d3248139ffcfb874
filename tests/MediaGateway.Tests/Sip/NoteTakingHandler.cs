using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>A call layer that answers what it is told to and takes notes.</summary>
internal sealed class NoteTakingHandler : ISessionHandler
{
    public SessionDecision InviteDecision { get; set; } = SessionDecision.Accept("v=0\r\n"u8.ToArray());

    public SessionDecision ModifyDecision { get; set; } = SessionDecision.Accept("v=0\r\n"u8.ToArray());

    public List<SipSession> Sessions { get; } = [];

    public List<SipRequest> Modifications { get; } = [];

    public List<SipRequest> Acks { get; } = [];

    public List<SessionEnd> Ends { get; } = [];

    public SessionDecision OnInvite(SipSession session, SipRequest invite, Instant now)
    {
        Sessions.Add(session);
        return InviteDecision;
    }

    public SessionDecision OnModify(SipSession session, SipRequest request, Instant now)
    {
        Modifications.Add(request);
        return ModifyDecision;
    }

    public void OnAck(SipSession session, SipRequest ack, Instant now) => Acks.Add(ack);

    public void OnEnded(SipSession session, SessionEnd end, SipRequest? bye, Instant now) => Ends.Add(end);
}
