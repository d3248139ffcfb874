namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// The words of a growing utterance that stay: what two successive partials agree on is committed, and no later partial changes
/// it. The last word of a partial is never committed, its end may not have been said. A core, one for each utterance.
/// </summary>
internal sealed class StablePrefix
{
    private string[] _committed = [];
    private string[] _before = [];

    /// <summary>Words committed so far.</summary>
    public int Count => _committed.Length;

    /// <param name="text">What the newest partial heard.</param>
    /// <returns>What to tell: the committed words as they were told, and what was heard behind them.</returns>
    public string Next(string text)
    {
        var heard = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] said = heard.Length > _committed.Length ? [.. _committed, .. heard[_committed.Length..]] : _committed;

        var agreed = _committed.Length;
        while (agreed < Math.Min(said.Length - 1, _before.Length) && Same(said[agreed], _before[agreed])) agreed++;
        (_committed, _before) = (said[..agreed], said);
        return string.Join(' ', said);
    }

    // Case and punctuation follow from what comes next; they settle with the second partial.
    private static bool Same(string a, string b) =>
        a.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant).SequenceEqual(b.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));
}
