using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Sip.Messages;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Tests.Sip;

/// <summary>A call layer that answers what it is told to and takes notes.</summary>
internal sealed class NoteTakingHandler : ISessionHandler
{
    public SessionDecision InviteDecision { get; set; } = SessionDecision.Accept("v=0\r\n"u8.ToArray());

    public SessionDecision ModifyDecision { get; set; } = SessionDecision.Accept("v=0\r\n"u8.ToArray());

    public List<UasSession> Sessions { get; } = [];

    public List<SipRequest> Modifications { get; } = [];

    public List<SipRequest> Acks { get; } = [];

    public List<SessionEnd> Ends { get; } = [];

    public SessionDecision OnInvite(UasSession session, SipRequest invite, Instant now)
    {
        Sessions.Add(session);
        return InviteDecision;
    }

    public SessionDecision OnModify(UasSession session, SipRequest request, Instant now)
    {
        Modifications.Add(request);
        return ModifyDecision;
    }

    public void OnAck(UasSession session, SipRequest ack, Instant now) => Acks.Add(ack);

    public void OnEnded(UasSession session, SessionEnd end, SipRequest? bye, Instant now) => Ends.Add(end);
}
