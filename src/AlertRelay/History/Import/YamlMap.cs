using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeAssist.AlertRelay.History.Import;

/// <summary>A YAML mapping node that is read key by key, so that a key nobody reads is found. Every fault names its place.</summary>
internal sealed class YamlMap
{
    private readonly string _file;
    private readonly YamlMappingNode _node;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    public YamlMap(string file, YamlNode node)
    {
        _file = file;
        _node = node as YamlMappingNode ?? throw Wrong(file, node.Start, "a mapping of keys to values is expected here");
    }

    public string File => _file;

    public (long Line, long Column) Place => (_node.Start.Line, _node.Start.Column);

    /// <summary>The document of a file.</summary>
    /// <exception cref="MappingException">It is no YAML, or holds no mapping.</exception>
    public static YamlMap Load(string file, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException bad)
        {
            throw Wrong(file, bad.Start, bad.Message.Split('\n')[0].Trim().TrimEnd('.'));
        }

        return stream.Documents is [var document, ..] ? new YamlMap(file, document.RootNode) : throw new MappingException($"{file}:1:1: the file is empty.");
    }

    public YamlNode? Node(string key)
    {
        _read.Add(key);
        return _node.Children.FirstOrDefault(child => child.Key is YamlScalarNode scalar && scalar.Value == key).Value;
    }

    public YamlMap? Map(string key) => Node(key) is { } node ? new YamlMap(_file, node) : null;

    public IEnumerable<YamlNode> List(string key) => Node(key) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        var other => throw Wrong(other, $"{key}: a list is expected here"),
    };

    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } value } => value,
        var other => throw Wrong(other, $"{key}: a text is expected here"),
    };

    /// <summary>One of some words; the first when the key is not there.</summary>
    public T Word<T>(string key, params ReadOnlySpan<(string Word, T Meaning)> words)
    {
        if (Text(key) is not { } text) return words[0].Meaning;
        var known = new List<string>();
        foreach (var (word, meaning) in words)
        {
            if (word == text) return meaning;
            known.Add(word);
        }

        throw Wrong(Node(key)!, $"{key}: \"{text}\" is unknown; {string.Join(", ", known)} fit");
    }

    public T Required<T>(string key, T? value)
        where T : class => value ?? throw Wrong(_file, _node.Start, $"{key} is missing");

    /// <summary>All keys with their values, each as it stands.</summary>
    public IEnumerable<(string Key, YamlNode Value)> All()
    {
        foreach (var (key, value) in _node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? throw Wrong(key, "a key is a text");
            _read.Add(name);
            yield return (name, value);
        }
    }

    /// <exception cref="MappingException">A key was not read by anybody.</exception>
    public void Close()
    {
        foreach (var (key, _) in _node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!_read.Contains(name)) throw Wrong(key, $"the key \"{name}\" is unknown here; {string.Join(", ", _read.Order(StringComparer.Ordinal))} fit");
        }
    }

    public MappingException Wrong(YamlNode node, string what) => Wrong(_file, node.Start, what);

    public static MappingException Wrong(string file, (long Line, long Column) place, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}:{place.Line}:{place.Column}: {what}."));

    private static MappingException Wrong(string file, Mark place, string what) => Wrong(file, (place.Line, place.Column), what);
}
