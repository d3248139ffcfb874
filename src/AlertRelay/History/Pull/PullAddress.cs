using System.Text.RegularExpressions;
using EdgeAssist.AlertRelay.History.Matching;

namespace EdgeAssist.AlertRelay.History.Pull;

/// <summary>An address with places for identifiers.</summary>
internal sealed partial class PullAddress(string template)
{
    /// <summary>What is wrong with a template, as a sentence; null when nothing is.</summary>
    public static string? Fault(string template)
    {
        var places = Places().Matches(template).Select(match => match.Groups["kind"].Value).ToList();
        if (places.Count == 0) return $"has no place for an identifier. Write one of {{{string.Join("}, {", Identifier.Kinds.Keys)}}} into it.";
        if (places.FirstOrDefault(place => !Identifier.Kinds.ContainsKey(place)) is { } unknown) return $"holds {{{unknown}}}; {{{string.Join("}, {", Identifier.Kinds.Keys)}}} fit.";
        if (!Uri.TryCreate(Places().Replace(template, "x"), UriKind.Absolute, out var address) || (address.Scheme != "https" && !(address.Scheme == "http" && address.IsLoopback)))
            return "is no https address; http is for loopback.";
        return null;
    }

    /// <summary>The address for the first identifier that has a place; null when none has.</summary>
    public (Uri Address, Identifier Identifier)? For(IEnumerable<CallIdentifier> identifiers)
    {
        foreach (var (_, identifier) in identifiers)
        {
            var word = Identifier.Kinds.First(kind => kind.Value == identifier.Kind).Key;
            if (!template.Contains($"{{{word}}}", StringComparison.Ordinal)) continue;
            var filled = Places().Replace(template, match => match.Groups["kind"].Value == word ? Uri.EscapeDataString(identifier.Value) : "");
            return (new Uri(filled), identifier);
        }

        return null;
    }

    [GeneratedRegex(@"\{(?<kind>[a-z-]+)\}", RegexOptions.NonBacktracking)]
    private static partial Regex Places();
}
