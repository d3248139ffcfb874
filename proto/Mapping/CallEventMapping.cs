using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Proto.Mapping;

/// <summary>
/// Events between <see cref="Contracts"/> and the wire. What only the relay can give (epoch, offset, event id, emit time,
/// resume token) is left empty here.
/// </summary>
public static class CallEventMapping
{
    public static V1.CallEvent ToWire(this CallEvent callEvent, ClockAnchor clock)
    {
        ArgumentNullException.ThrowIfNull(callEvent);

        var at = clock.ToWall(callEvent.At).ToTimestamp();
        var wire = new V1.CallEvent { CallId = callEvent.Call.Value, EventTime = at };
        switch (callEvent)
        {
            case CallStarted started:
                wire.Started = started.Info.ToWire();
                break;
            case CallUpdated updated:
                wire.Updated = updated.Info.ToWire();
                break;
            case TranscriptUpdated transcript:
                wire.Transcript = transcript.Segment.ToWire();
                wire.Rung = transcript.Rung.ToWire();
                break;
            case ScoreUpdated score:
                wire.Score = new V1.ScoreUpdate { Score = score.Score.ToWire(), Latency = score.Trace.ToWire(clock) };
                wire.Rung = score.Rung.ToWire();
                break;
            case AnalysisGap gap:
                wire.Gap = new V1.Gap { Leg = gap.Leg.Value, From = gap.From.ToDuration(), To = gap.To.ToDuration(), Cause = gap.Cause };
                break;
            case RungChanged rung:
                wire.RungChange = new V1.RungChange { Rung = rung.Rung.ToWire(), Why = rung.Why };
                wire.Rung = rung.Rung.ToWire();
                break;
            case SpeechChanged speech:
                wire.Speech = new V1.SpeechActivity { Leg = speech.Leg.Value, Role = speech.Role.ToWire(), Speaking = speech.IsSpeaking, At = speech.Position.ToDuration() };
                break;
            case CallEnded ended:
                wire.Ended = new V1.Call { CallId = ended.Call.Value, EndedAt = at, EndReason = ended.Reason.ToWire() };
                break;
            default:
                throw new ArgumentException($"{callEvent.GetType().Name} has no form on the wire.", nameof(callEvent));
        }

        return wire;
    }

    /// <summary>The event on this process's clock, or null for a kind newer than this build.</summary>
    public static CallEvent? ToContract(this V1.CallEvent wire, ClockAnchor clock)
    {
        ArgumentNullException.ThrowIfNull(wire);

        var call = new CallId(wire.CallId);
        var at = wire.EventTime is { } time ? clock.ToInstant(time.ToDateTimeOffset()) : clock.Monotonic;
        return wire.KindCase switch
        {
            V1.CallEvent.KindOneofCase.Started => new CallStarted(wire.Started.ToContract(clock), at),
            V1.CallEvent.KindOneofCase.Updated => new CallUpdated(wire.Updated.ToContract(clock), at),
            V1.CallEvent.KindOneofCase.Transcript => new TranscriptUpdated(call, at, wire.Transcript.ToContract(), wire.Rung.ToContract()),
            V1.CallEvent.KindOneofCase.Score => new ScoreUpdated(call, at, wire.Score.Score.ToContract(),
                (wire.Score.Latency ?? new V1.Latency()).ToContract(clock), wire.Rung.ToContract()),
            V1.CallEvent.KindOneofCase.Gap => new AnalysisGap(call, at, new LegId(wire.Gap.Leg),
                wire.Gap.From.OrZero(), wire.Gap.To.OrZero(), wire.Gap.Cause),
            V1.CallEvent.KindOneofCase.RungChange => new RungChanged(call, at, wire.RungChange.Rung.ToContract(), wire.RungChange.Why),
            V1.CallEvent.KindOneofCase.Speech => new SpeechChanged(call, at, new LegId(wire.Speech.Leg), wire.Speech.Role.ToContract(), wire.Speech.Speaking, wire.Speech.At.OrZero()),
            V1.CallEvent.KindOneofCase.Ended => new CallEnded(call, at, EnumMapping.ToCallEndReason(wire.Ended.EndReason)),
            _ => null,
        };
    }
}
