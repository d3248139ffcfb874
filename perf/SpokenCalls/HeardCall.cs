using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Replay;
using EdgeAssist.Inference.Asr;
using EdgeAssist.Inference.Streaming;
using EdgeAssist.Training.Escalation;

namespace EdgeAssist.SpokenCalls;

/// <summary>A spoken call after the whole path: receiver, voice activity, recognition, score, the relay's alert rules.</summary>
/// <param name="Script">What was said, and when.</param>
/// <param name="HighestBefore">Risk before the explicit moment.</param>
/// <param name="FirstAlert">When the relay opened its first alert, on the call's timeline.</param>
/// <param name="Alerts">Alerts opened.</param>
/// <param name="Customer">Word errors of the customer's leg.</param>
/// <param name="Agent">Word errors of the agent's leg.</param>
internal sealed record HeardCall(CallScript Script, double HighestBefore, TimeSpan? FirstAlert, int Alerts, WordErrors Customer, WordErrors Agent)
{
    private static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Instant Origin = new(0);

    /// <summary>Plays it on the recording's own clock: recognition takes no time, everything else happens when it would.</summary>
    public static async Task<HeardCall> HearAsync(CallReplay replay, SpokenCall spoken, CancellationToken cancellationToken)
    {
        LegInfo[] legs = [Leg(0, PartyRole.Customer), Leg(1, PartyRole.Agent)];
        var call = new CallInfo { Id = new CallId("spoken"), Origin = Origin, StartedAt = Beginning, Source = "replay", Legs = [.. legs], History = spoken.Script.History };
        var audio = RtpPackets.Receive(spoken.Packets(), legs.Length, Origin).Select(stretch => new ReplayedAudio(legs[stretch.Stream], stretch.Head, stretch.Samples));
        var events = await replay.RunAsync(call, audio, cancellationToken).ConfigureAwait(false);

        var (relay, alerts, first) = (new AlertReplay(new ClockAnchor(Origin, Beginning)), 0, (TimeSpan?)null);
        foreach (var happened in events)
        {
            var opened = ReplayedCall.CountOpened(relay.Accept(happened));
            if (opened > 0) first ??= happened.At - Origin;
            alerts += opened;
        }

        var explicitAt = spoken.Script.Explicit ?? TimeSpan.MaxValue;
        var scores = events.OfType<ScoreUpdated>().Select(e => e.Score).Where(score => score.At < explicitAt).ToList();
        return new HeardCall(spoken.Script, scores.Count == 0 ? 0 : scores.Max(score => score.Risk), first, alerts, Errors(PartyRole.Customer), Errors(PartyRole.Agent));

        WordErrors Errors(PartyRole role) => WordErrorRate.Compare(
            string.Join(' ', spoken.Script.Turns.Where(turn => turn.Role == role).Select(turn => turn.Text)),
            string.Join(' ', events.OfType<TranscriptUpdated>().Where(e => e.Segment.IsFinal && e.Segment.Role == role).Select(e => e.Segment.Text)));
    }

    private static LegInfo Leg(int id, PartyRole role) => new() { Id = new LegId(id), Role = role, RoleEvidence = RoleEvidence.Correction, Codec = "PCMU" };
}
