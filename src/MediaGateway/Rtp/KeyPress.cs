using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// A key pressed by the party of a leg (RFC 4733 §3.2). Digits are card numbers and PINs as often as menu choices: they
/// never print, and whoever takes them keeps them out of logs.
/// </summary>
/// <param name="Event">0…9 the digits, 10 *, 11 #, 12…15 A to D, 16 the hook flash.</param>
/// <param name="Position">Where it began on the leg's timeline, in samples at 16 kHz.</param>
/// <param name="At">When its first packet came.</param>
internal readonly record struct KeyPress(byte Event, long Position, Instant At)
{
    /// <summary>The highest event that is a key of a telephone.</summary>
    public const byte Highest = 16;

    /// <summary>The key as it is written, <c>!</c> for a hook flash.</summary>
    public char Key => "0123456789*#ABCD!"[Event];

    public override string ToString() => "key press (redacted)";
}
