namespace EdgeAssist.Inference.Models;

/// <summary>A folder of its own on the store's disk, gone when disposed.</summary>
internal sealed class StagingFolder : IDisposable
{
    private StagingFolder(string path) => Path = path;

    public string Path { get; }

    /// <exception cref="ModelException">The store's folder cannot be written.</exception>
    public static StagingFolder Create(string store)
    {
        var path = System.IO.Path.Combine(store, $"staging-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(path);
            return new StagingFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"The model store {store} cannot be written: {e.Message} Name another folder in {ModelStore.DirectoryVariable}.", e);
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
