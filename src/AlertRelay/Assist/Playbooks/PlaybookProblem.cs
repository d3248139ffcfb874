using System.Globalization;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>What is wrong with a file of the library, and where.</summary>
/// <param name="File">As it was named.</param>
/// <param name="Line">From 1; 0: the file as a whole.</param>
/// <param name="Column">From 1.</param>
/// <param name="Sentence">What is wrong, and what to write instead.</param>
public sealed record PlaybookProblem(string File, long Line, long Column, string Sentence)
{
    public override string ToString() => Line == 0 ? $"{File}: {Sentence}" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Sentence}");
}
