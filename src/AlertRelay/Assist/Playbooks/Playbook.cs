using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>The library in force: ours, with the operator's entries beside it and in place of those of the same id and locale. Immutable.</summary>
internal sealed record Playbook(ImmutableArray<PlaybookEntry> Entries, ImmutableArray<PlaybookProblem> Problems)
{
    private const string ResourceFolder = "library/";

    /// <summary>What ours is called as an origin, in front of its file.</summary>
    public const string BuiltInPrefix = "built in: ";

    private static readonly Lazy<Playbook> OwnOnes = new(() => Merge(ReadOwn(), []));

    /// <summary>Ours alone.</summary>
    public static Playbook BuiltIn => OwnOnes.Value;

    /// <summary>Ours with those of a directory; what is wrong there is told, and leaves everything else in force.</summary>
    /// <param name="directory">Holds <c>*.yaml</c> files; empty: ours alone.</param>
    public static Playbook Load(string directory) => directory.Length == 0 ? BuiltIn : Merge(ReadOwn(), ReadDirectory(directory));

    /// <summary>The operator's files as they stand, for a check.</summary>
    /// <param name="directory">Holds <c>*.yaml</c> files.</param>
    /// <returns>One result a file; a problem in place of a directory that is not there.</returns>
    public static IReadOnlyList<PlaybookFile> ReadDirectory(string directory)
    {
        if (!Directory.Exists(directory)) return [new PlaybookFile(directory, [], [new PlaybookProblem(directory, 0, 0, "is no directory. Create it, or leave the setting empty.")])];
        return [.. Directory.EnumerateFiles(directory).Where(IsYaml).Order(StringComparer.Ordinal).Select(ReadFile)];
    }

    /// <summary>Entries for a locale, most specific first; the fallback when there are none.</summary>
    /// <param name="wanted">BCP 47; empty: the fallback is what is wanted.</param>
    /// <param name="fallback">Empty: no fallback.</param>
    /// <returns>The entries and their locale; none and an empty locale when there is nothing to fall back to.</returns>
    public (IReadOnlyList<PlaybookEntry> Entries, string Locale) In(string wanted, string fallback)
    {
        for (var locale = wanted; locale.Length > 0; locale = locale.LastIndexOf('-') is > 0 and var dash ? locale[..dash] : "")
        {
            if (InExactly(locale) is { Count: > 0 } entries) return (entries, locale);
        }

        return fallback.Length > 0 && InExactly(fallback) is { Count: > 0 } others ? (others, fallback) : ([], "");
    }

    private List<PlaybookEntry> InExactly(string locale) => [.. Entries.Where(entry => entry.Locale.Equals(locale, StringComparison.OrdinalIgnoreCase))];

    private static Playbook Merge(IReadOnlyList<PlaybookFile> own, IReadOnlyList<PlaybookFile> added)
    {
        var problems = ImmutableArray.CreateBuilder<PlaybookProblem>();
        var entries = new Dictionary<(string, string), PlaybookEntry>();
        foreach (var files in new[] { own, added })
        {
            var seen = new Dictionary<(string, string), PlaybookEntry>();
            foreach (var file in files)
            {
                problems.AddRange(file.Problems);
                foreach (var entry in file.Entries)
                {
                    if (!seen.TryAdd((entry.Id, entry.Locale), entry))
                    {
                        problems.Add(new PlaybookProblem(file.Name, entry.Line, entry.Column,
                            $"{entry.Id} ({entry.Locale}) stands in {Place(seen[(entry.Id, entry.Locale)])} already, and that one is in force. Give each entry an id of its own."));
                        continue;
                    }

                    entries[(entry.Id, entry.Locale)] = entry;
                }
            }
        }

        return new Playbook([.. entries.Values.OrderBy(entry => entry.Id, StringComparer.Ordinal).ThenBy(entry => entry.Locale, StringComparer.Ordinal)], problems.ToImmutable());
    }

    private static string Place(PlaybookEntry entry) => string.Create(CultureInfo.InvariantCulture, $"{entry.Origin}:{entry.Line}");

    private static List<PlaybookFile> ReadOwn()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourceFolder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return Read(BuiltInPrefix + name[ResourceFolder.Length..], reader.ReadToEnd());
        })];
    }

    private static PlaybookFile ReadFile(string path)
    {
        try
        {
            return Read(path, File.ReadAllText(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return new PlaybookFile(path, [], [new PlaybookProblem(path, 0, 0, $"cannot be read: {unreadable.Message}")]);
        }
    }

    private static PlaybookFile Read(string name, string text)
    {
        var problems = new List<PlaybookProblem>();
        var entries = PlaybookReader.Read(name, text, problems);
        return new PlaybookFile(name, entries, problems);
    }

    private static bool IsYaml(string path) => Path.GetExtension(path) is ".yaml" or ".yml";
}

/// <summary>One file of the library.</summary>
/// <param name="Name">Path, or the name of the built-in one.</param>
/// <param name="Entries">Those that are in order.</param>
/// <param name="Problems">What is wrong with the others.</param>
internal sealed record PlaybookFile(string Name, IReadOnlyList<PlaybookEntry> Entries, IReadOnlyList<PlaybookProblem> Problems);
