using System.Collections.Immutable;
using System.Globalization;
using EdgeAssist.Contracts;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgeAssist.AlertRelay.Assist.Playbooks;

/// <summary>
/// Entries out of the text of one file. An entry with anything wrong is left out and told with its place; the others hold. The
/// form of the file is described in the README of this folder.
/// </summary>
internal sealed class PlaybookReader
{
    private const int LongestFile = 1024 * 1024;

    private static readonly string[] FileFields = ["library", "owner", "locale", "reviewed", "sources", "phrases", "options"];

    private static readonly string[] PhraseFields =
        ["id", "version", "owner", "reviewed", "locale", "situations", "when", "when-not", "title", "text", "sources"];

    private static readonly string[] OptionFields = [.. PhraseFields, "needs", "priority"];

    private static readonly string[] NeedFields =
        ["kind", "state", "at-least", "at-most", "none", "within-days", "older-than-days", "same-matter", "due-within-days", "rating-at-most"];

    private static readonly (string, InteractionKind)[] Kinds =
        [.. System.Enum.GetValues<InteractionKind>().Select(kind => (kind.ToString().ToLowerInvariant(), kind))];

    private static readonly (string, InteractionState)[] States =
    [
        ("open", InteractionState.Open), ("closed", InteractionState.Closed), ("kept", InteractionState.Kept), ("broken", InteractionState.Broken),
    ];

    private readonly string _file;
    private readonly List<PlaybookProblem> _problems;
    private readonly List<PlaybookEntry> _entries = [];
    private Dictionary<string, string> _sources = [];
    private string _owner = "", _locale = "", _reviewed = "";

    private PlaybookReader(string file, List<PlaybookProblem> problems) => (_file, _problems) = (file, problems);

    /// <param name="file">As it is named in problems and as the entries' origin.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static IReadOnlyList<PlaybookEntry> Read(string file, string text, List<PlaybookProblem> problems)
    {
        var reader = new PlaybookReader(file, problems);
        if (text.Length > LongestFile)
        {
            problems.Add(new PlaybookProblem(file, 0, 0, string.Create(CultureInfo.InvariantCulture, $"has {text.Length} characters; {LongestFile} at most.")));
            return [];
        }

        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count != 1) problems.Add(new PlaybookProblem(file, 0, 0, "is not one YAML document."));
            else if (HasAlias(text)) problems.Add(new PlaybookProblem(file, 0, 0, "uses YAML anchors or aliases: write the values out."));
            else reader.Read(yaml.Documents[0].RootNode);
        }
        catch (YamlException bad)
        {
            problems.Add(new PlaybookProblem(file, bad.Start.Line, bad.Start.Column, $"is not YAML here: {bad.InnerException?.Message ?? bad.Message}"));
        }

        return reader._entries;
    }

    // An alias could make a small file a large tree, and a place in it two places; nothing here needs one.
    private static bool HasAlias(string text)
    {
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
        {
            if (parser.Current is YamlDotNet.Core.Events.AnchorAlias) return true;
        }

        return false;
    }

    private void Read(YamlNode root)
    {
        var fields = YamlFields.Of(_file, root, "the file", FileFields, _problems);
        fields.Text("library");
        (_owner, _locale, _reviewed) = (fields.Text("owner", ""), fields.Text("locale", ""), fields.Text("reviewed", ""));
        _sources = Sources(fields);
        foreach (var node in fields.Items("phrases")) Take(node, V1.EntryKind.Phrase);
        foreach (var node in fields.Items("options")) Take(node, V1.EntryKind.Option);
    }

    private static Dictionary<string, string> Sources(YamlFields fields)
    {
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fields.Node("sources") is not { } node) return sources;
        if (node is not YamlMappingNode mapping)
        {
            fields.Wrong(node, "sources is not a set: write «short-name: author, title, year» lines.");
            return sources;
        }

        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && value is YamlScalarNode { Value.Length: > 0 } text) sources[name] = text.Value;
            else fields.Wrong(value, "a source is one line: author, title, year, where it can be found.");
        }

        return sources;
    }

    private void Take(YamlNode node, V1.EntryKind kind)
    {
        var isOption = kind == V1.EntryKind.Option;
        var fields = YamlFields.Of(_file, node, isOption ? "an option" : "a phrase", isOption ? OptionFields : PhraseFields, _problems);
        if (node is not YamlMappingNode) return;
        var needs = isOption ? Needs(fields) : [];
        var text = Texting(fields, isOption, needs);
        var reviewed = Reviewed(fields);
        var entry = new PlaybookEntry
        {
            Id = Id(fields),
            Version = Version(fields),
            Kind = kind,
            Owner = Required(fields, "owner", _owner),
            Reviewed = reviewed,
            Locale = Required(fields, "locale", _locale),
            Situations = Situation(fields),
            WhenToUse = fields.Text("when"),
            WhenNot = fields.Text("when-not"),
            Title = fields.Text("title", longest: Wording.LongestTitle),
            Text = text ?? SlotText.TryParse("", out _, out _)!,
            Sources = Named(fields),
            Needs = needs,
            Priority = fields.Number("priority", 0, 100) ?? 50,
            Origin = _file,
            Line = node.Start.Line,
            Column = node.Start.Column,
        };
        if (fields.Sound) _entries.Add(entry);
    }

    private static string Id(YamlFields fields)
    {
        var id = fields.Text("id", longest: 60);
        if (id.Any(letter => !char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-'))
            fields.Wrong("id", $"id is «{id}»: small letters, digits and dashes only.");
        return id;
    }

    private static int Version(YamlFields fields)
    {
        if (!fields.Has("version")) fields.Wrong("version", "version is missing: write «version: 1», and count it up with every change of the text.");
        return fields.Number("version", 1, 10_000) ?? 0;
    }

    private static string Required(YamlFields fields, string name, string otherwise)
    {
        if (!fields.Has(name) && otherwise.Length == 0) fields.Wrong(name, $"{name} is missing: write «{name}: …» here or for the whole file.");
        return fields.Text(name, otherwise, longest: 100);
    }

    private DateOnly Reviewed(YamlFields fields)
    {
        var text = Required(fields, "reviewed", _reviewed);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
        if (text.Length > 0) fields.Wrong("reviewed", $"reviewed is «{text}»: write the day as 2026-11-27.");
        return default;
    }

    private static ImmutableArray<string> Situation(YamlFields fields)
    {
        var situations = fields.Texts("situations");
        if (!fields.Has("situations")) fields.Wrong("situations", "situations is missing: write «situations: [asks_for_manager]».");
        else if (situations.Length == 0) fields.Wrong("situations", "situations names none.");
        foreach (var (situation, node) in situations.Where(pair => !Playbooks.Situations.IsKnown(pair.Text)))
            fields.Wrong(node, $"there is no situation {situation}. {Nearest.Instead(situation, [.. Playbooks.Situations.Cues, Playbooks.Situations.Any, Playbooks.Situations.RulePrefix + "ID"])}");
        return [.. situations.Select(pair => pair.Text)];
    }

    private ImmutableArray<string> Named(YamlFields fields)
    {
        var named = fields.Texts("sources");
        if (named.Length == 0) fields.Wrong("sources", "sources is missing: name the practice it comes from, as defined under «sources» of the file.");
        foreach (var (name, node) in named.Where(pair => !_sources.ContainsKey(pair.Text)))
            fields.Wrong(node, $"there is no source {name} in this file. {(_sources.Count == 0 ? "Define it under «sources»." : Nearest.Instead(name, [.. _sources.Keys]))}");
        return [.. named.Where(pair => _sources.ContainsKey(pair.Text)).Select(pair => _sources[pair.Text])];
    }

    private static SlotText? Texting(YamlFields fields, bool isOption, ImmutableArray<HistoryCondition> needs)
    {
        var raw = fields.Text("text", longest: isOption ? Wording.LongestOption : Wording.LongestPhrase);
        if (Wording.Refuse(raw) is { } refused) fields.Wrong("text", refused);
        if (SlotText.TryParse(raw, out var wrong, out var at) is not { } text)
        {
            fields.Wrong("text", string.Create(CultureInfo.InvariantCulture, $"{wrong} (character {at + 1} of the text)"));
            return null;
        }

        foreach (var slot in text.Slots.Where(slot => slot.Of != Slot.Call && !needs.Any(need => !need.None && Word(need.Kind) == slot.Of)))
        {
            fields.Wrong("text", isOption
                ? $"{{{slot.Name}}} is a field of a {slot.Of}, and no condition finds one: add «- kind: {slot.Of}» under needs."
                : $"{{{slot.Name}}} is a field of the history; a phrase has those of the call only. Make it an option.");
        }

        return text;
    }

    private ImmutableArray<HistoryCondition> Needs(YamlFields fields)
    {
        var needs = ImmutableArray.CreateBuilder<HistoryCondition>();
        foreach (var node in fields.Items("needs"))
        {
            var need = YamlFields.Of(_file, node, "a condition", NeedFields, _problems);
            if (!need.Has("kind")) need.Wrong(node, "a condition says of what: write «kind: ticket».");
            needs.Add(new HistoryCondition
            {
                Kind = need.Word("kind", Kinds) ?? InteractionKind.Contact,
                State = need.Word("state", States),
                AtLeast = need.Number("at-least", 1, 50) ?? 1,
                AtMost = need.Number("at-most", 1, 50),
                None = need.Flag("none"),
                WithinDays = need.Number("within-days", 1, 3650),
                OlderThanDays = need.Number("older-than-days", 0, 3650),
                SameMatter = need.Flag("same-matter"),
                DueWithinDays = need.Number("due-within-days", 1, 365),
                RatingAtMost = need.Share("rating-at-most"),
            });
            if (!need.Sound) fields.Spoil();
        }

        if (!needs.Any(need => !need.None))
            fields.Wrong("needs", "an option rests on the customer's history: name at least one condition that finds something, for example «- kind: ticket».");
        return needs.ToImmutable();
    }

    private static string Word(InteractionKind kind) => kind.ToString().ToLowerInvariant();
}
