using System.Collections.Immutable;
using System.Security.Cryptography;

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
        Manifest = manifest ?? ModelManifest.BuiltIn;
    }

    /// <summary><see cref="DirectoryVariable"/>, or <c>edgeassist/models</c> in the user's data folder.</summary>
    public static string DefaultDirectory =>
        Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "edgeassist", "models");

    public string Directory { get; }

    public ModelManifest Manifest { get; }

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
            throw new ModelException($"The model file {path} is not the one the manifest lists (its SHA-256 differs) and is refused. Run: edgeassist models pull {model.Name}");
        return bytes;
    }

    internal string PathOf(ModelEntry model, ModelFile file) => file.Bundled
        ? Path.Combine(AppContext.BaseDirectory, "models", file.Path!)
        : Path.Combine(Directory, model.Name, file.Name);

    internal static bool Matches(ReadOnlySpan<byte> bytes, ModelFile file) =>
        bytes.Length == file.Size && string.Equals(Convert.ToHexStringLower(SHA256.HashData(bytes)), file.Sha256, StringComparison.Ordinal);

    internal static async Task<bool> MatchesAsync(string path, ModelFile file, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(path);
        await using (stream.ConfigureAwait(false))
        {
            if (stream.Length != file.Size) return false;
            var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            return string.Equals(Convert.ToHexStringLower(hash), file.Sha256, StringComparison.Ordinal);
        }
    }

    /// <summary>Puts checked octets in their place, whole or not at all.</summary>
    internal async Task InstallAsync(ModelEntry model, ModelFile file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!Matches(bytes.Span, file))
            throw new ModelException($"What was fetched as {file.Name} of the model \"{model.Name}\" is not the file the manifest lists (its SHA-256 differs); nothing was installed.");

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
