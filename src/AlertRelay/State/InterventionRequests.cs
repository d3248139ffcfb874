namespace EdgeAssist.AlertRelay.State;

/// <summary>A supervisor wants onto a call.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Overrides">May go onto a call whose alert somebody else holds.</param>
/// <param name="RequestId">The client's id.</param>
/// <param name="CallId">Which call.</param>
/// <param name="Mode">LISTEN, WHISPER or BARGE.</param>
/// <param name="Reason">Given with the request.</param>
internal sealed record JoinAsk(string Actor, bool Overrides, string RequestId, string CallId, V1.SupervisionMode Mode, string Reason)
{
    public string RequestKey => RequestKeys.Of(Actor, RequestId);
}

/// <summary>A supervisor, or an admin, wants an intervention changed.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Overrides">May end what is another's.</param>
/// <param name="RequestId">The client's id.</param>
/// <param name="InterventionId">Which.</param>
/// <param name="Mode">The new mode; null to leave.</param>
/// <param name="Reason">Given with the request.</param>
internal sealed record ChangeAsk(string Actor, bool Overrides, string RequestId, string InterventionId, V1.SupervisionMode? Mode, string Reason)
{
    public string RequestKey => RequestKeys.Of(Actor, RequestId);
}
