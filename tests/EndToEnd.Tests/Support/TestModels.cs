using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>The real models in the user's own store, fetched once; tests that need them skip with the reason when they cannot be had.</summary>
internal static class TestModels
{
    /// <summary>The store's folder, or null and why not.</summary>
    public static async Task<(string? Directory, string Reason)> FindAsync(CancellationToken cancellationToken)
    {
        var store = new ModelStore();
        try
        {
            // Those the appliance uses by default; others are fetched by operators who choose them.
            var used = new InferenceOptions();
            await new ModelPuller(store).PullAsync([used.SpeechModel, used.VoiceModel, used.TextModel], progress: null, cancellationToken);
            return (store.Directory, "");
        }
        catch (ModelException missing)
        {
            return (null, "The models cannot be had here: " + missing.Message);
        }
    }
}
