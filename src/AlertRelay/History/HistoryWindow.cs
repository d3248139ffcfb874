namespace EdgeAssist.AlertRelay.History;

/// <summary>How much of a customer's history is read for a call.</summary>
/// <param name="Age">What happened longer ago is left out, unless it is still open.</param>
/// <param name="Most">Interactions at most, the newest.</param>
/// <param name="StaleAfter">A source that was not heard of for longer makes the record stale.</param>
internal sealed record HistoryWindow(TimeSpan Age, int Most, TimeSpan StaleAfter);
