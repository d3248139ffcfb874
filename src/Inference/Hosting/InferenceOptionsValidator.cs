using System.Globalization;
using EdgeAssist.Inference.Models;
using Microsoft.Extensions.Options;

namespace EdgeAssist.Inference.Hosting;

/// <summary>Refuses values analysis cannot work with, each with a sentence that names the setting and its range.</summary>
internal sealed class InferenceOptionsValidator : IValidateOptions<InferenceOptions>
{
    public ValidateOptionsResult Validate(string? name, InferenceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var wrong = new List<string>();
        Model(wrong, nameof(options.SpeechModel), options.SpeechModel, "speech");
        Model(wrong, nameof(options.VoiceModel), options.VoiceModel, "voice-activity");
        Model(wrong, nameof(options.TextModel), options.TextModel, "text");
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
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Model(List<string> wrong, string setting, string value, string kind)
    {
        var fitting = ModelManifest.BuiltIn.Models.Where(model => string.Equals(model.Kind, kind, StringComparison.Ordinal)).Select(model => model.Name).ToArray();
        if (!fitting.Contains(value, StringComparer.Ordinal))
            wrong.Add($"{InferenceOptions.Section}:{setting} is \"{value}\", which is no {kind} model of the manifest. Choose one of: {string.Join(", ", fitting)}.");
    }

    private static void Range<T>(List<string> wrong, string setting, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{InferenceOptions.Section}:{setting} is {value}. Give a value from {least} to {most}."));
    }
}
