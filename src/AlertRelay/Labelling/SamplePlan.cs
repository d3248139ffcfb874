using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.AlertRelay.Labelling;

/// <summary>A call of the frame.</summary>
/// <param name="CallId">Which.</param>
/// <param name="Team">Its team when it ended.</param>
/// <param name="Alerted">It had an alert or a would-be alert.</param>
/// <param name="StartedAt">When it began.</param>
internal readonly record struct FrameCall(string CallId, string Team, bool Alerted, DateTimeOffset StartedAt);

/// <summary>A call that was drawn.</summary>
/// <param name="Call">The call.</param>
/// <param name="Position">Its place in the order of labelling, from 0.</param>
internal readonly record struct DrawnCall(FrameCall Call, int Position);

/// <summary>
/// A stratified simple random sample without replacement that anybody with the seed and the frame can draw again: calls in the
/// order of SHA-256(seed, call id), the first ceil(fraction × stratum) of each stratum. The order of labelling is that of
/// SHA-256(seed, "order", call id), so that nothing about the place of a call tells its stratum.
/// </summary>
internal static class SamplePlan
{
    /// <summary>How many of a stratum are drawn.</summary>
    public static int Size(int frame, double fraction) => Math.Min(frame, (int)Math.Ceiling(Math.Round(frame * fraction, 9)));

    /// <param name="seed">Any text.</param>
    /// <param name="frame">Every call that could be drawn, once, in any order.</param>
    /// <param name="unalerted">Fraction of calls without an alert.</param>
    /// <param name="alerted">Fraction of calls with one.</param>
    /// <returns>In the order of labelling.</returns>
    public static IReadOnlyList<DrawnCall> Draw(string seed, IReadOnlyCollection<FrameCall> frame, double unalerted, double alerted)
    {
        var drawn = new List<FrameCall>();
        foreach (var stratum in frame.GroupBy(call => call.Alerted))
        {
            var calls = stratum.OrderBy(call => Digest(seed, "draw", call.CallId), StringComparer.Ordinal).ToList();
            drawn.AddRange(calls.Take(Size(calls.Count, stratum.Key ? alerted : unalerted)));
        }

        return [.. drawn.OrderBy(call => Digest(seed, "order", call.CallId), StringComparer.Ordinal).Select((call, position) => new DrawnCall(call, position))];
    }

    private static string Digest(string seed, string purpose, string callId) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', seed, purpose, callId))));
}
