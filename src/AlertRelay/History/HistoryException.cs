namespace EdgeAssist.AlertRelay.History;

/// <summary>The store of the history could not be read or written; the sentence says why and what to do.</summary>
public sealed class HistoryException : IOException
{
    public HistoryException(string message) : base(message) { }

    public HistoryException(string message, Exception inner) : base(message, inner) { }
}
