using System.Globalization;
using EdgeAssist.Inference.Escalation;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Rules;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Inference.Hosting;

/// <summary>Refuses values analysis cannot work with, each with a sentence that names the setting and its range.</summary>
internal sealed class InferenceOptionsValidator : IValidateOptions<InferenceOptions>
{
    public ValidateOptionsResult Validate(string? name, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var wrong = new List<string>();
        Models(wrong, options);
        Range(wrong, nameof(options.Workers), options.Workers, 0, 256);
        Range(wrong, nameof(options.QueueLimit), options.QueueLimit, 1, 10_000);
        Range(wrong, nameof(options.SpeechOn), options.SpeechOn, 0.05, 0.95);
        Range(wrong, nameof(options.SpeechOff), options.SpeechOff, 0.01, options.SpeechOn);
        Range(wrong, nameof(options.EnergyFloorDb), options.EnergyFloorDb, -90, -30);
        Range(wrong, nameof(options.PartialInterval), options.PartialInterval, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10));
        Range(wrong, nameof(options.HangOver), options.HangOver, TimeSpan.FromMilliseconds(96), TimeSpan.FromSeconds(2));
        Range(wrong, nameof(options.SoftLimit), options.SoftLimit, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(25));
        Range(wrong, nameof(options.HardLimit), options.HardLimit, options.SoftLimit + TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
        Range(wrong, nameof(options.NoPartialsAfter), options.NoPartialsAfter, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
        Range(wrong, nameof(options.CustomerOnlyAfter), options.CustomerOnlyAfter, options.NoPartialsAfter, TimeSpan.FromMinutes(1));
        Range(wrong, nameof(options.VoiceOnlyAfter), options.VoiceOnlyAfter, options.CustomerOnlyAfter, TimeSpan.FromMinutes(2));
        Range(wrong, nameof(options.RecoverFor), options.RecoverFor, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(5));
        Vocabulary(wrong, "Vocabulary", options.Vocabulary);
        Language(wrong, "Language", options.Language);
        foreach (var trunk in options.Trunks)
        {
            if (options.Trunks.Count(other => other.Name == trunk.Name) > 1) wrong.Add($"{InferenceOptions.Section}:Trunks has \"{trunk.Name}\" twice.");
            if (trunk.Name.Length == 0) wrong.Add($"{InferenceOptions.Section}:Trunks has an entry without a Name. Name a trunk of Sip:Trunks.");
            if (trunk.Language.Length > 0) Language(wrong, $"Trunks '{trunk.Name}' Language", trunk.Language);
            Vocabulary(wrong, $"Trunks '{trunk.Name}' Vocabulary", trunk.Vocabulary);
        }

        if (!Enum.IsDefined(options.Policy)) wrong.Add($"{InferenceOptions.Section}:{nameof(options.Policy)} is {options.Policy}. Choose Eu or Standard.");
        if (options is { Policy: ScoringPolicy.Eu, ScoreAgentVoice: true })
            wrong.Add($"{InferenceOptions.Section}:{nameof(options.ScoreAgentVoice)} is set under the policy Eu, which forbids it. Leave it out, or set {InferenceOptions.Section}:{nameof(options.Policy)} to Standard where the law allows it.");
        Rules(wrong, options);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Models(List<string> wrong, InferenceOptions options)
    {
        try
        {
            var manifest = new ModelStore(options.ModelDirectory is { Length: > 0 } named ? named : null).Manifest.And(options.Manifest);
            Model(wrong, manifest, nameof(options.SpeechModel), options.SpeechModel, "speech");
            Model(wrong, manifest, nameof(options.VoiceModel), options.VoiceModel, "voice-activity");
            Model(wrong, manifest, nameof(options.TextModel), options.TextModel, "text");
        }
        catch (ModelException e)
        {
            wrong.Add($"{InferenceOptions.Section}:{nameof(options.Manifest)}: {e.Message}");
        }
    }

    private static void Rules(List<string> wrong, InferenceOptions options)
    {
        try
        {
            if (options.Rules.Length > 0) RuleBook.Read(options.Rules);
        }
        catch (RuleException e)
        {
            wrong.Add($"{InferenceOptions.Section}:{nameof(options.Rules)}: {e.Message}");
        }
    }

    private static void Model(List<string> wrong, ModelManifest manifest, string setting, string value, string kind)
    {
        var fitting = manifest.Models.Where(model => string.Equals(model.Kind, kind, StringComparison.Ordinal)).Select(model => model.Name).ToArray();
        if (!fitting.Contains(value, StringComparer.Ordinal))
            wrong.Add($"{InferenceOptions.Section}:{setting} is \"{value}\", which is no {kind} model of the manifest. Choose one of: {string.Join(", ", fitting)}.");
    }

    private static void Language(List<string> wrong, string setting, string value)
    {
        if (value != "auto" && (value.Length is < 2 or > 3 || !value.All(char.IsAsciiLetterLower)))
            wrong.Add($"{InferenceOptions.Section}:{setting} is \"{value}\". Give a code such as en or de, or auto.");
    }

    private static void Vocabulary(List<string> wrong, string setting, IList<string> words)
    {
        if (words.Count > 200) wrong.Add($"{InferenceOptions.Section}:{setting} has {words.Count} words; 200 are the most.");
        foreach (var word in words.Where(word => word.Length is 0 or > 60 || word.Any(char.IsControl)))
            wrong.Add($"{InferenceOptions.Section}:{setting} has \"{word}\"; a word has 1 to 60 characters and no control characters.");
    }

    private static void Range<T>(List<string> wrong, string setting, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{InferenceOptions.Section}:{setting} is {value}. Give a value from {least} to {most}."));
    }
}
