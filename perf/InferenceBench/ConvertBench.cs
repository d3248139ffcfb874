using System.Diagnostics;
using System.Security.Cryptography;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Models.Conversion;

namespace EdgeAssist.InferenceBench;

/// <summary>What do the manifest's conversion steps give? Prints what it pins.</summary>
internal static class ConvertBench
{
    /// <param name="modules">The <c>node_modules</c> of the packages.</param>
    /// <param name="folder">Where the results go, a folder a model.</param>
    public static int Run(string modules, string folder)
    {
        foreach (var model in ModelManifest.BuiltIn.Models)
        foreach (var file in model.Files.Where(file => file.Convert is not null && file.Npm is not null))
        {
            var source = Path.Combine(modules, NpmClient.PackageName(file.Npm!), file.Path!);
            if (!File.Exists(source)) continue;
            var begun = Stopwatch.GetTimestamp();
            var result = ModelConversion.Run(file, File.ReadAllBytes(source), file.With is null ? [] : File.ReadAllBytes(Path.Combine(modules, file.With)));
            var to = Directory.CreateDirectory(Path.Combine(folder, model.Name));
            File.WriteAllBytes(Path.Combine(to.FullName, file.Name), result);
            Console.WriteLine($"{model.Name}/{file.Name}: {result.Length} octets, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(result))}, {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        }

        return 0;
    }
}
