namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>
/// Copies that share their parts. The parts are immutable once published; only the copy's own fields (token, emit time,
/// latency) are set, which is what makes an event cheap to send to thousands.
/// </summary>
internal static class Shallow
{
    public static V1.AlertEvent Copy(V1.AlertEvent from) => new()
    {
        Epoch = from.Epoch,
        Offset = from.Offset,
        EventId = from.EventId,
        EventTime = from.EventTime,
        TraceId = from.TraceId,
        Change = from.Change,
        Actor = from.Actor,
        Reason = from.Reason,
        Alert = from.Alert,
    };

    public static V1.AssistEvent Copy(V1.AssistEvent from)
    {
        var copy = new V1.AssistEvent
        {
            Epoch = from.Epoch,
            Offset = from.Offset,
            EventId = from.EventId,
            EventTime = from.EventTime,
            TraceId = from.TraceId,
            CallId = from.CallId,
        };
        if (from.Prompt is { } prompt) copy.Prompt = prompt;
        if (from.Message is { } message) copy.Message = message;
        return copy;
    }

    public static V1.CallEvent Copy(V1.CallEvent from)
    {
        var copy = new V1.CallEvent
        {
            Epoch = from.Epoch,
            Offset = from.Offset,
            EventId = from.EventId,
            CallId = from.CallId,
            EventTime = from.EventTime,
            TraceId = from.TraceId,
            Rung = from.Rung,
            LeftTeam = from.LeftTeam,
            LeftAgent = from.LeftAgent,
            Mode = from.Mode,
        };
        switch (from.KindCase)
        {
            case V1.CallEvent.KindOneofCase.Started: copy.Started = from.Started; break;
            case V1.CallEvent.KindOneofCase.Updated: copy.Updated = from.Updated; break;
            case V1.CallEvent.KindOneofCase.Transcript: copy.Transcript = from.Transcript; break;
            case V1.CallEvent.KindOneofCase.Score: copy.Score = from.Score; break;
            case V1.CallEvent.KindOneofCase.Gap: copy.Gap = from.Gap; break;
            case V1.CallEvent.KindOneofCase.RungChange: copy.RungChange = from.RungChange; break;
            case V1.CallEvent.KindOneofCase.Ended: copy.Ended = from.Ended; break;
        }

        return copy;
    }

    /// <summary>A copy whose call, in the events that carry one, is another.</summary>
    public static V1.CallEvent Copy(V1.CallEvent from, Func<V1.Call, V1.Call> call)
    {
        var copy = Copy(from);
        switch (from.KindCase)
        {
            case V1.CallEvent.KindOneofCase.Started: copy.Started = call(from.Started); break;
            case V1.CallEvent.KindOneofCase.Updated: copy.Updated = call(from.Updated); break;
            case V1.CallEvent.KindOneofCase.Ended: copy.Ended = call(from.Ended); break;
        }

        return copy;
    }
}
