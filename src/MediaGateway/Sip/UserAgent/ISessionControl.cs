using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Sip.UserAgent;

/// <summary>What the call layer may ask of signalling by itself; given to it by the owner of both.</summary>
internal interface ISessionControl
{
    void End(SipSession session, SessionEnd end, Instant now);

    void Update(SipSession session, string contentType, string disposition, ReadOnlyMemory<byte> body, Instant now);
}
