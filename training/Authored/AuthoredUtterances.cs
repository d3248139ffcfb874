using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Authored;

/// <summary>Labelled call-centre sentences drawn from the templates of utterances.txt. A template is a family: never split.</summary>
internal static class AuthoredUtterances
{
    private const string Letters = "NACMTBPH";
    private const int Complaint = (int)Label.Complaint, Problem = Example.LabelCount, Pleased = Problem + 1;

    /// <summary>Draws up to <paramref name="perFamily"/> different sentences from every template.</summary>
    public static List<Example> Generate(int perFamily, ulong seed)
    {
        var grammar = Grammar.BuiltIn();
        var examples = new List<Example>();
        foreach (var line in Grammar.Resource("utterances.txt").Where(l => l.Length > 0 && l[0] != '#'))
        {
            var (labels, template) = Grammar.Cut(line, ':');
            // A family's own seed: adding a template does not change what the others give.
            var random = new Seeded(seed ^ StableHash.Of(template));
            var seen = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < perFamily * 2 && seen.Count < perFamily; i++)
            {
                var text = grammar.Expand(template, random);
                if (text.Length > 0 && seen.Add(text)) examples.Add(Labelled(labels, $"family-{StableHash.Of(template):x8}", text));
            }
        }

        return examples;
    }

    /// <summary>What is said with the labels that are written before a template.</summary>
    private static Example Labelled(string letters, string family, string text)
    {
        var values = new float[Letters.Length];
        foreach (var token in letters.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (token == "-") continue;
            var label = Letters.IndexOf(token[0], StringComparison.Ordinal);
            if (label < 0) throw new FormatException($"The label {token} is not one of {Letters}.");
            values[label] = token.EndsWith('?') ? float.NaN : 1f;
        }

        // Whoever complains tells of a problem; whoever is only upset or angry may.
        if (values[Problem] == 0 && values[..Example.LabelCount].Any(v => v != 0)) values[Problem] = values[Complaint] == 1 ? 1 : float.NaN;
        return new Example("authored", family, text, values[..Example.LabelCount]) { Problem = values[Problem], Pleased = values[Pleased] };
    }
}
