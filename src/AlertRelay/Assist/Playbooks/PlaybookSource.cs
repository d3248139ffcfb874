namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>The library in force, read anew when a file of the operator's directory changes.</summary>
/// <param name="directory">Empty: ours alone.</param>
/// <param name="bad">Receives each problem once, when it appears.</param>
internal sealed class PlaybookSource(string directory, Action<PlaybookProblem> bad)
{
    // A timer refreshes, the writer and the services read.
    private volatile Playbook _current = Playbook.BuiltIn;
    private HashSet<PlaybookProblem> _told = [];
    private string _stamp = "";

    public Playbook Current => _current;

    /// <summary>Called from one thread at a time.</summary>
    public void Refresh()
    {
        if (directory.Length == 0) return;
        var stamp = Stamp();
        if (stamp == _stamp) return;
        _stamp = stamp;
        _current = Playbook.Load(directory);
        foreach (var problem in _current.Problems.Where(problem => !_told.Contains(problem))) bad(problem);
        _told = [.. _current.Problems];
    }

    private string Stamp() => Directory.Exists(directory)
        ? string.Join('\n', new DirectoryInfo(directory).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}"))
        : "gone";
}
