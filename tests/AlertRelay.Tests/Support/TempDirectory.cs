namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>A directory of the test's own, gone when the test is.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgeassist-relay-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
