using System.Diagnostics;

namespace EdgeAssist.Inference.Models;

/// <summary>The manifest and the npm lock folder as they were compiled in: what pins the models cannot be edited beside the program.</summary>
internal static class EmbeddedModels
{
    /// <summary>Files of the lock folder, without their folder.</summary>
    public static ReadOnlySpan<string> NpmFiles => new[] { "package.json", "package-lock.json", ".npmrc" };

    public static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedModels).Assembly.GetManifestResourceStream("models/" + name)
            ?? throw new UnreachableException($"The project file embeds models/{name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
