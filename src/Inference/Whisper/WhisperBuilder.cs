using System.Collections.Immutable;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.Inference.Whisper;

/// <summary>A library built on this machine: its files and their hashes, as they were when it was built.</summary>
/// <param name="Version">whisper.cpp's.</param>
/// <param name="Files">Name and SHA-256; the first is the one to load, the others lie beside it.</param>
internal sealed record BuiltLibrary(string Version, ImmutableArray<BuiltFile> Files);

internal sealed record BuiltFile(string Name, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(BuiltLibrary))]
internal sealed partial class BuiltLibraryJson : JsonSerializerContext;

/// <summary>
/// Builds whisper.cpp for this machine's own vector instructions, from the source in a pinned package, with cmake and a C++
/// compiler, into the store. Nothing is fetched but the package.
/// </summary>
public sealed class WhisperBuilder
{
    internal const string Record = "built.json";
    private const string Package = "nodejs-whisper@0.3.1";
    private const string Source = "node_modules/nodejs-whisper/cpp/whisper.cpp";
    private const string Main = "libwhisper.so";
    private static readonly string[] Libraries = [Main, "libggml.so", "libggml-base.so", "libggml-cpu.so"];

    // Libraries find each other in their own folder; one thread an utterance needs no OpenMP.
    private static readonly string[] Configure =
    [
        "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON", "-DGGML_NATIVE=ON", "-DGGML_OPENMP=OFF", "-DWHISPER_BUILD_TESTS=OFF",
        "-DWHISPER_BUILD_EXAMPLES=OFF", "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON", "-DCMAKE_INSTALL_RPATH=$ORIGIN",
    ];

    private readonly ModelStore _store;
    private readonly NpmClient _npm;

    public WhisperBuilder(ModelStore store) : this(store, new NpmClient())
    {
    }

    internal WhisperBuilder(ModelStore store, NpmClient npm) => (_store, _npm) = (store, npm);

    /// <summary>Where a store keeps what was built.</summary>
    internal static string FolderOf(ModelStore store) => Path.Combine(store.Directory, "whisper-native");

    /// <returns>The library's version and what it was compiled for.</returns>
    /// <exception cref="ModelException">A tool is missing or failed; the message says which and what to do.</exception>
    public async Task<string> BuildAsync(CancellationToken cancellationToken)
    {
        using var staging = StagingFolder.Create(_store.Directory);
        await _npm.CleanInstallAsync(staging.Path, EmbeddedModels.SetOf(Package), cancellationToken).ConfigureAwait(false);

        var build = Path.Combine(staging.Path, "build");
        Directory.CreateDirectory(build);
        await RunAsync("cmake", [Path.Combine(staging.Path, Source), .. Configure], build, cancellationToken).ConfigureAwait(false);
        await RunAsync("cmake", ["--build", ".", "--target", "whisper", "--parallel"], build, cancellationToken).ConfigureAwait(false);
        return await InstallAsync(Path.Combine(build, "bin"), cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> InstallAsync(string bin, CancellationToken cancellationToken)
    {
        var folder = FolderOf(_store);
        var part = folder + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part);

        var files = new List<BuiltFile>();
        foreach (var library in Libraries)
        {
            // The names that the libraries know each other by carry the major version.
            var named = Directory.GetFiles(bin, library + ".*").SingleOrDefault(file => Path.GetFileName(file).Length == library.Length + 2) ?? throw new ModelException($"The build made no {library}.");
            var octets = await File.ReadAllBytesAsync(named, cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(part, Path.GetFileName(named)), octets, cancellationToken).ConfigureAwait(false);
            files.Add(new BuiltFile(Path.GetFileName(named), Convert.ToHexStringLower(SHA256.HashData(octets))));
        }

        string said;
        using (var library = new WhisperLibrary(Path.Combine(part, files[0].Name)))
        {
            said = $"whisper.cpp {library.Version}: {library.SystemInfo}";
            var record = JsonSerializer.SerializeToUtf8Bytes(new BuiltLibrary(library.Version, [.. files]), BuiltLibraryJson.Default.BuiltLibrary);
            await File.WriteAllBytesAsync(Path.Combine(part, Record), record, cancellationToken).ConfigureAwait(false);
        }

        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.Move(part, folder);
        return said;
    }

    private static async Task RunAsync(string tool, string[] arguments, string folder, CancellationToken cancellationToken)
    {
        try
        {
            var (code, errors) = await ToolRun.RunAsync(tool, arguments, folder, TimeSpan.FromMinutes(30), cancellationToken).ConfigureAwait(false);
            if (code != 0) throw new ModelException($"{tool} ended with code {code}: {errors.Trim().Split('\n')[^1]}. Building needs cmake, make and g++ (Debian: apt install cmake g++).");
        }
        catch (Win32Exception e)
        {
            throw new ModelException($"{tool} could not be started: {e.Message}. Building needs cmake, make and g++ (Debian: apt install cmake g++). Without them: edgeassist models pull whisper-library", e);
        }
        catch (TimeoutException e)
        {
            throw new ModelException(e.Message, e);
        }
    }
}
