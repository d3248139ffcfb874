namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What a directory of library files comes to.</summary>
/// <param name="Files">Files that were read.</param>
/// <param name="Phrases">Phrases of theirs that are in order.</param>
/// <param name="Options">Options of theirs that are in order.</param>
/// <param name="Replaced">How many of these stand in place of ours.</param>
/// <param name="BuiltIn">Entries of ours that stay in force.</param>
/// <param name="Problems">What is wrong, in the order of the files.</param>
public sealed record PlaybookReport(int Files, int Phrases, int Options, int Replaced, int BuiltIn, IReadOnlyList<PlaybookProblem> Problems);

/// <summary>Checks library files without a relay.</summary>
public static class PlaybookCheck
{
    /// <param name="directory">Holds <c>*.yaml</c> files; empty: ours alone is looked at.</param>
    public static PlaybookReport Run(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var files = directory.Length == 0 ? [] : Playbook.ReadDirectory(directory);
        var playbook = Playbook.Load(directory);
        var added = playbook.Entries.Where(entry => !IsOurs(entry)).ToList();
        var own = Playbook.BuiltIn.Entries;
        return new PlaybookReport(
            files.Count(file => file.Entries.Count + file.Problems.Count > 0),
            added.Count(entry => entry.Kind == V1.EntryKind.Phrase),
            added.Count(entry => entry.Kind == V1.EntryKind.Option),
            added.Count(entry => own.Any(ours => ours.Id == entry.Id && ours.Locale == entry.Locale)),
            playbook.Entries.Count(IsOurs),
            playbook.Problems);
    }

    private static bool IsOurs(PlaybookEntry entry) => entry.Origin.StartsWith(Playbook.BuiltInPrefix, StringComparison.Ordinal);
}
