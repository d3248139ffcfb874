using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeAssist.Inference.Models;

/// <summary>What the store holds of a model.</summary>
public enum ModelState
{
    /// <summary>Every file is there and has its hash.</summary>
    Present,

    /// <summary>At least one file is not there.</summary>
    Missing,

    /// <summary>A file is there, but is not the pinned one.</summary>
    Damaged,
}

/// <summary>A model and what the store holds of it.</summary>
/// <param name="Model">The manifest's entry.</param>
/// <param name="State">The worst of its files.</param>
/// <param name="Detail">A sentence for people; empty when present.</param>
public sealed record ModelStatus(ModelEntry Model, ModelState State, string Detail);

/// <summary>
/// The models on disk, a folder each: <c>store/name/file</c>. A file is believed only when its size and SHA-256 are those of
/// the manifest; it is read once, and the very octets that were hashed are the ones handed out. Safe for several threads and
/// several processes: files only ever appear whole, by renaming.
/// </summary>
public sealed class ModelStore
{
    /// <summary>Names the store's folder, before every other setting.</summary>
    public const string DirectoryVariable = "EDGEASSIST_MODELS";

    /// <param name="directory">The store's folder; made when it is first needed. Null: <see cref="DefaultDirectory"/>.</param>
    /// <param name="manifest">What may be in it; null: <see cref="ModelManifest.BuiltIn"/>.</param>
    public ModelStore(string? directory = null, ModelManifest? manifest = null)
    {
        Directory = Path.GetFullPath(directory ?? DefaultDirectory);
        (Manifest, OwnListProblem) = manifest is not null ? (manifest, "") : ReadOwnList();
    }

    /// <summary><see cref="DirectoryVariable"/>, or <c>edgeassist/models</c> in the user's data folder.</summary>
    public static string DefaultDirectory =>
        Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "edgeassist", "models");

    public string Directory { get; }

    /// <summary>What may be loaded: the built-in list, and what the operator brought into this store.</summary>
    public ModelManifest Manifest { get; private set; }

    /// <summary>Why the operator's own list could not be read; empty when it could or there is none.</summary>
    public string OwnListProblem { get; }

    /// <summary>Lists models the operator brought in, with the hash recorded then.</summary>
    internal string OwnListPath => Path.Combine(Directory, "own.json");

    /// <summary>Every model with its state. Reads and hashes every file.</summary>
    public ImmutableArray<ModelStatus> List() => [.. Manifest.Models.Select(model => Verify(model.Name))];

    /// <summary>Reads and hashes one model's files.</summary>
    /// <exception cref="ModelException">No such model.</exception>
    public ModelStatus Verify(string name)
    {
        var model = Manifest.Find(name);
        var worst = new ModelStatus(model, ModelState.Present, "");
        foreach (var file in model.Files)
        {
            var (state, detail) = Check(model, file);
            if (state > worst.State) worst = new ModelStatus(model, state, detail);
        }

        return worst;
    }

    /// <summary>One file's octets, checked.</summary>
    /// <exception cref="ModelException">Not listed, missing, altered or unreadable; the message names the remedy.</exception>
    public byte[] Read(ModelEntry model, string file)
    {
        var entry = model.File(file);
        var path = PathOf(model, entry);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException($"The model \"{model.Name}\" is not installed: {path} does not exist. Run: edgeassist models pull {model.Name}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The model file {path} cannot be read: {e.Message}", e);
        }

        if (!Matches(bytes, entry))
            throw new ModelException($"The model file {path} is not the one the manifest lists (its {HashOf(entry)} differs) and is refused. Run: edgeassist models pull {model.Name}");
        return bytes;
    }

    internal string PathOf(ModelEntry model, ModelFile file) => file.Bundled
        ? Path.Combine(AppContext.BaseDirectory, "models", file.Path!)
        : Path.Combine(Directory, model.Name, file.Name);

    private static string HashOf(ModelFile file) => file.Sha1 is null ? "SHA-256" : "SHA-1";

    internal static bool Matches(ReadOnlySpan<byte> bytes, ModelFile file) => file.Sha1 is not null
        ? string.Equals(Sha1Of(bytes), file.Sha1, StringComparison.Ordinal)
        : bytes.Length == file.Size && string.Equals(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.Sha256, StringComparison.Ordinal);

    internal static async Task<bool> MatchesAsync(string path, ModelFile file, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            if (file.Sha1 is not null) return string.Equals(await Sha1Async(stream, cancellationToken).ConfigureAwait(false), file.Sha1, StringComparison.Ordinal);
            if (stream.Length != file.Size) return false;
            var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            return string.Equals(Convert.ToHexStringLower(hash), file.Sha256, StringComparison.Ordinal);
        }
    }

    /// <summary>Puts checked octets in their place, whole or not at all.</summary>
    internal async Task InstallAsync(ModelEntry model, ModelFile file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!Matches(bytes.Span, file))
            throw new ModelException($"What was fetched as {file.Name} of the model \"{model.Name}\" is not the file the manifest lists (its {HashOf(file)} differs); nothing was installed.");

        var path = PathOf(model, file);
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(part, bytes, cancellationToken).ConfigureAwait(false);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The model file {path} cannot be written: {e.Message}", e);
        }
        finally
        {
            if (File.Exists(part)) File.Delete(part);
        }
    }

    /// <summary>Adds a model the operator brought in, or replaces one of that name.</summary>
    /// <exception cref="ModelException">The list cannot be written.</exception>
    internal async Task ListOwnAsync(ModelEntry model, CancellationToken cancellationToken)
    {
        var own = Manifest.Models.Where(known => known.Files.Any(file => file.Imported) && known.Name != model.Name);
        var list = new ModelManifest { Version = 1, Models = [.. own, model] };
        var part = $"{OwnListPath}.{Guid.NewGuid():N}.part";
        try
        {
            await File.WriteAllBytesAsync(part, JsonSerializer.SerializeToUtf8Bytes(list, ManifestJson.Default.ModelManifest), cancellationToken).ConfigureAwait(false);
            File.Move(part, OwnListPath, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The list {OwnListPath} cannot be written: {e.Message}", e);
        }

        Manifest = ModelManifest.BuiltIn.With(list);
    }

    private (ModelManifest Manifest, string Problem) ReadOwnList()
    {
        if (!File.Exists(OwnListPath)) return (ModelManifest.BuiltIn, "");
        try
        {
            return (ModelManifest.BuiltIn.With(ModelManifest.Parse(File.ReadAllBytes(OwnListPath), OwnListPath)), "");
        }
        catch (Exception e) when (e is ModelException or IOException or UnauthorizedAccessException)
        {
            return (ModelManifest.BuiltIn, $"Models brought in by hand are not known: {e.Message}");
        }
    }

    // The publisher of these files names SHA-1 and nothing else; no file may be chosen by an attacker to match one that exists.
#pragma warning disable CA5350
    private static string Sha1Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA1.HashData(bytes));

    private static async Task<string> Sha1Async(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA1.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
#pragma warning restore CA5350

    private (ModelState State, string Detail) Check(ModelEntry model, ModelFile file)
    {
        var path = PathOf(model, file);
        if (!File.Exists(path)) return (ModelState.Missing, $"{path} does not exist.");

        try
        {
            return Matches(File.ReadAllBytes(path), file)
                ? (ModelState.Present, "")
                : (ModelState.Damaged, $"{path} is not the file the manifest lists.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (ModelState.Damaged, $"{path} cannot be read: {e.Message}");
        }
    }
}
