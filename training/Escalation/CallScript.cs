using EdgeAssist.Contracts;

namespace EdgeAssist.Training.Escalation;

/// <summary>One turn of a scripted call.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Start">On the call's timeline.</param>
/// <param name="End">On the call's timeline.</param>
/// <param name="Text">The words.</param>
/// <param name="LouderDb">Loudness above the speaker's calm voice.</param>
internal sealed record ScriptTurn(PartyRole Role, TimeSpan Start, TimeSpan End, string Text, double LouderDb);

/// <summary>How a call goes.</summary>
internal enum CallOutcome
{
    Calm,
    Recovers,
    Escalates,
}

/// <summary>A call in words and times.</summary>
/// <param name="Family">Its template: all calls of a family are on one side of the split.</param>
/// <param name="Outcome">How it goes.</param>
/// <param name="Explicit">When the customer asks for a person in charge or threatens: what the alert should come before.</param>
/// <param name="Turns">In order of their start; turns may overlap.</param>
/// <param name="History">What was known of the customer before; null for nothing.</param>
internal sealed record CallScript(string Family, CallOutcome Outcome, TimeSpan? Explicit, IReadOnlyList<ScriptTurn> Turns, CustomerHistory? History = null)
{
    public TimeSpan End => Turns.Max(turn => turn.End);
}
