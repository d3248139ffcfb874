using EdgeAssist.Testing.Audio;

namespace EdgeAssist.InferenceBench;

/// <summary>The recordings with known words.</summary>
internal static class SpeechSets
{
    /// <summary>An encoder of 30 s is fed no longer clip.</summary>
    private const double Longest = 32;

    public static string[] Names { get; } = ["asterisk-prompts", "native-misc", "speechocean762", "fsdd-digits"];

    /// <summary>A set without its sounds that are no words.</summary>
    public static IEnumerable<SpokenClip> Load(string set) =>
        (SpeechSet.Load(set) ?? throw new InvalidOperationException($"../shared/data/{set} is not here.")).Where(clip => clip.Seconds <= Longest && !clip.Text.StartsWith('<'));
}
