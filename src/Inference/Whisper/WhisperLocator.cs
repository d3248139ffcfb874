using System.Security.Cryptography;
using System.Text.Json;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Whisper;

/// <summary>
/// Finds whisper.cpp: the configured path alone where one is configured; else the build of this machine, the package, the
/// system's. What lies in the store is compared with its hash first.
/// </summary>
internal static class WhisperLocator
{
    public const string PackagedModel = "whisper-library";
    private const string PackagedFile = "index.node";
    private const string SystemName = "libwhisper.so.1";

    /// <param name="store">Where built and packaged ones are.</param>
    /// <param name="configured">A path; empty: look for one.</param>
    /// <exception cref="ModelException">None can be used; the message says what was tried and what to do.</exception>
    public static WhisperLibrary Open(ModelStore store, string configured)
    {
        if (configured.Length > 0) return new WhisperLibrary(configured);

        var problems = new List<string>();
        return Try(() => OpenBuilt(store), problems) ?? Try(() => OpenPackaged(store), problems) ?? Try(() => new WhisperLibrary(SystemName), problems)
            ?? throw new ModelException($"There is no Whisper library. Run: edgeassist models build-whisper (fast, needs cmake and g++) or: edgeassist models pull {PackagedModel}. Tried: {string.Join(' ', problems)}");
    }

    private static WhisperLibrary OpenBuilt(ModelStore store)
    {
        var folder = WhisperBuilder.FolderOf(store);
        var record = Path.Combine(folder, WhisperBuilder.Record);
        if (!File.Exists(record)) throw new ModelException("None was built here.");
        try
        {
            var built = JsonSerializer.Deserialize(File.ReadAllBytes(record), BuiltLibraryJson.Default.BuiltLibrary);
            if (built is null || built.Files.IsDefaultOrEmpty) throw new ModelException($"{record} lists no library.");
            foreach (var file in built.Files)
                if (!ModelEntry.IsPlainName(file.Name) || Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file.Name)))) != file.Sha256)
                    throw new ModelException($"{Path.Combine(folder, file.Name)} is not the file that was built and is refused. Run: edgeassist models build-whisper");
            return new WhisperLibrary(Path.Combine(folder, built.Files[0].Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ModelException($"The library built in {folder} cannot be read: {e.Message} Run: edgeassist models build-whisper", e);
        }
    }

    private static WhisperLibrary OpenPackaged(ModelStore store)
    {
        var entry = store.Manifest.Find(PackagedModel);
        store.Read(entry, PackagedFile);   // compared with its hash; the loader wants a path
        return new WhisperLibrary(store.PathOf(entry, entry.File(PackagedFile)));
    }

    private static WhisperLibrary? Try(Func<WhisperLibrary> open, List<string> problems)
    {
        try
        {
            return open();
        }
        catch (ModelException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }
}
