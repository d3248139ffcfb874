using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>The fields of one mapping, read by name; what is wrong goes to the list of problems with its place.</summary>
internal sealed class YamlFields
{
    private readonly string _file;
    private readonly List<PlaybookProblem> _problems;
    private readonly Dictionary<string, YamlNode> _fields = new(StringComparer.Ordinal);
    private readonly YamlNode _node;

    private YamlFields(string file, List<PlaybookProblem> problems, YamlNode node) => (_file, _problems, _node) = (file, problems, node);

    /// <summary>True while nothing was wrong with these fields.</summary>
    public bool Sound { get; private set; } = true;

    /// <param name="file">As it is named in problems.</param>
    /// <param name="node">What should be a mapping.</param>
    /// <param name="what">What it stands for, for people.</param>
    /// <param name="known">The fields it may have.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static YamlFields Of(string file, YamlNode node, string what, IReadOnlyList<string> known, List<PlaybookProblem> problems)
    {
        var fields = new YamlFields(file, problems, node);
        if (node is not YamlMappingNode mapping)
        {
            fields.Wrong(node, $"{what} is not a set of fields: write «name: value» lines.");
            return fields;
        }

        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Contains(name)) fields._fields[name] = value;
            else fields.Wrong(key, $"{what} has no field {name}. {Nearest.Instead(name, known)}");
        }

        return fields;
    }

    public bool Has(string name) => _fields.ContainsKey(name);

    public YamlNode? Node(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The text of a field; empty, and a problem when it is required, where there is none.</summary>
    public string Text(string name, string? otherwise = null, int longest = 1000)
    {
        if (!_fields.TryGetValue(name, out var node))
        {
            if (otherwise is null) Wrong(_node, $"{name} is missing: write «{name}: …».");
            return otherwise ?? "";
        }

        var text = (node as YamlScalarNode)?.Value?.Trim() ?? "";
        if (node is not YamlScalarNode) Wrong(node, $"{name} is not a text.");
        else if (text.Length == 0) Wrong(node, $"{name} is empty.");
        else if (text.Length > longest) Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{name} has {text.Length} characters; {longest} at most."));
        else if (text.Any(char.IsControl)) Wrong(node, $"{name} holds a control character; write it on one line.");
        return text;
    }

    public int? Number(string name, int least, int most)
    {
        if (!_fields.TryGetValue(name, out var node)) return null;
        if (int.TryParse((node as YamlScalarNode)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Wrong(node, string.Create(CultureInfo.InvariantCulture, $"{name} is not a number from {least} to {most}."));
        return null;
    }

    public double? Share(string name)
    {
        if (!_fields.TryGetValue(name, out var node)) return null;
        if (double.TryParse((node as YamlScalarNode)?.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1) return share;
        Wrong(node, $"{name} is not a number from 0 to 1.");
        return null;
    }

    public bool Flag(string name)
    {
        if (!_fields.TryGetValue(name, out var node)) return false;
        var text = (node as YamlScalarNode)?.Value;
        if (text is not ("true" or "false")) Wrong(node, $"{name} is neither true nor false.");
        return text == "true";
    }

    /// <summary>One of a set of words, or null.</summary>
    public T? Word<T>(string name, IReadOnlyList<(string Word, T Value)> words)
        where T : struct
    {
        if (!_fields.TryGetValue(name, out var node)) return null;
        var text = (node as YamlScalarNode)?.Value ?? "";
        foreach (var (word, value) in words)
        {
            if (word == text) return value;
        }

        Wrong(node, $"{name} is «{text}». {Nearest.Instead(text, [.. words.Select(pair => pair.Word)])}");
        return null;
    }

    public IReadOnlyList<YamlNode> Items(string name)
    {
        if (!_fields.TryGetValue(name, out var node)) return [];
        if (node is YamlSequenceNode sequence) return [.. sequence.Children];
        Wrong(node, $"{name} is not a list: write «- …» lines, or [a, b].");
        return [];
    }

    public ImmutableArray<(string Text, YamlNode Node)> Texts(string name)
    {
        var texts = ImmutableArray.CreateBuilder<(string, YamlNode)>();
        foreach (var item in Items(name))
        {
            if (item is YamlScalarNode { Value.Length: > 0 } scalar) texts.Add((scalar.Value.Trim(), item));
            else Wrong(item, $"{name} holds something that is not a text.");
        }

        return texts.ToImmutable();
    }

    public void Wrong(YamlNode node, string sentence) => Wrong(node.Start, sentence);

    public void Wrong(string name, string sentence) => Wrong(_fields.GetValueOrDefault(name, _node), sentence);

    /// <summary>Something inside of these fields was wrong, and told.</summary>
    public void Spoil() => Sound = false;

    private void Wrong(Mark at, string sentence)
    {
        Sound = false;
        _problems.Add(new PlaybookProblem(_file, at.Line, at.Column, sentence));
    }
}
