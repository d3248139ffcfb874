namespace EdgeAssist.Contracts;

/// <summary>Something analysis has to say about a call, in order per call.</summary>
/// <param name="Call">The call.</param>
/// <param name="At">When it was said, on the clock of the saying process.</param>
public abstract record CallEvent(CallId Call, Instant At);

/// <summary>A call began; its first event.</summary>
public sealed record CallStarted(CallInfo Info, Instant At) : CallEvent(Info.Id, At);

/// <summary>Roles, participants or correlation ids changed.</summary>
public sealed record CallUpdated(CallInfo Info, Instant At) : CallEvent(Info.Id, At);

/// <summary>Words were recognised. Partials may be skipped for a slow reader, finals never.</summary>
public sealed record TranscriptUpdated(CallId Call, Instant At, TranscriptSegment Segment, AnalysisRung Rung) : CallEvent(Call, At);

/// <summary>The risk changed. Later ones replace earlier ones for a slow reader.</summary>
/// <param name="Call">The call.</param>
/// <param name="At">When it was said.</param>
/// <param name="Score">The score.</param>
/// <param name="Trace">Hops up to here, from the end of the words (or the voice) that changed the score.</param>
/// <param name="Rung">How much analysis the call was getting.</param>
public sealed record ScoreUpdated(CallId Call, Instant At, EscalationScore Score, LatencyTrace Trace, AnalysisRung Rung) : CallEvent(Call, At);

/// <summary>Audio or analysis of a leg is missing between two positions.</summary>
/// <param name="Call">The call.</param>
/// <param name="At">When it was noticed.</param>
/// <param name="Leg">The leg.</param>
/// <param name="From">Start of the gap on the call's timeline.</param>
/// <param name="To">End of the gap on the call's timeline.</param>
/// <param name="Cause">A stable word: <c>network_loss</c>, <c>reader_behind</c>, <c>overload</c>, <c>worker_lost</c>, <c>recogniser_failed</c>.</param>
public sealed record AnalysisGap(CallId Call, Instant At, LegId Leg, TimeSpan From, TimeSpan To, string Cause) : CallEvent(Call, At);

/// <summary>The amount of analysis changed, with the reason in a sentence for people.</summary>
public sealed record RungChanged(CallId Call, Instant At, AnalysisRung Rung, string Why) : CallEvent(Call, At);

/// <summary>
/// Somebody begins or ceases to speak on a leg that is not known to be the customer's: an agent who has the word is not
/// interrupted. The end is told when the pause is long enough to end an utterance.
/// </summary>
/// <param name="Call">The call.</param>
/// <param name="At">When it was noticed.</param>
/// <param name="Leg">The leg.</param>
/// <param name="Role">Whose.</param>
/// <param name="IsSpeaking">It began.</param>
/// <param name="Position">Where it began or ended, on the call's timeline.</param>
public sealed record SpeechChanged(CallId Call, Instant At, LegId Leg, PartyRole Role, bool IsSpeaking, TimeSpan Position) : CallEvent(Call, At);

/// <summary>The call is over; its last event.</summary>
public sealed record CallEnded(CallId Call, Instant At, CallEndReason Reason) : CallEvent(Call, At);

/// <summary>Where analysis hands its results: to the relay in the same process, or over gRPC in another.</summary>
public interface ICallScoreSink
{
    /// <summary>
    /// Takes one event. Completes when it is durable, except for partial transcripts, which complete when queued. Events of
    /// one call are published one after the other by their owner.
    /// </summary>
    /// <exception cref="ScoreSinkException">The event could not be made durable; it was not accepted and may be tried again.</exception>
    ValueTask PublishAsync(CallEvent callEvent, CancellationToken cancellationToken);
}

/// <summary>An event was not accepted: the journal's disk is full, or the relay is out of reach.</summary>
public sealed class ScoreSinkException : Exception
{
    public ScoreSinkException(string message) : base(message) { }

    public ScoreSinkException(string message, Exception inner) : base(message, inner) { }
}
