using System.Runtime.InteropServices;

namespace EdgeAssist.Inference.Asr;

/// <summary>
/// Notices a decoder that says the same thing over and over, as it does on long digital silence: a run of 1 to 10 tokens
/// repeated. Short runs may repeat more often before they count («no no no no»), long ones less.
/// </summary>
internal static class RepetitionGuard
{
    private const int LongestPeriod = 10;

    /// <param name="tokens">The tokens so far, the newest last.</param>
    /// <returns>Tokens to take off the end so that one run of the loop stays; 0 when there is no loop.</returns>
    public static int Excess(List<int> tokens)
    {
        var all = CollectionsMarshal.AsSpan(tokens);
        for (var period = 1; period <= LongestPeriod; period++)
        {
            var repeats = RepeatsAllowed(period) + 1;
            if (all.Length >= period * repeats && EndsInLoop(all[^(period * repeats)..], period)) return period * (repeats - 1);
        }

        return 0;
    }

    private static int RepeatsAllowed(int period) => period switch
    {
        1 => 5,
        2 => 4,
        _ => 3,
    };

    private static bool EndsInLoop(ReadOnlySpan<int> tail, int period) => tail[period..].SequenceEqual(tail[..^period]);
}
