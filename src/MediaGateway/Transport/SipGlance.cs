namespace EdgeAssist.MediaGateway.Transport;

/// <summary>What can be told of a message without parsing it, for the loops that decide whether it is worth that.</summary>
internal static class SipGlance
{
    /// <summary>Header octets looked at; a To field later than that is taken for one without a tag.</summary>
    private const int MaxLook = 4096;

    /// <summary>An INVITE whose To field has no tag: one that asks for a new call.</summary>
    public static bool IsNewCall(ReadOnlySpan<byte> message)
    {
        message = message[Math.Max(0, message.IndexOfAnyExcept((byte)'\r', (byte)'\n'))..];
        if (!message.StartsWith("INVITE "u8)) return false;
        message = message[..Math.Min(message.Length, MaxLook)];
        while (message.IndexOf((byte)'\n') is var end and >= 0)
        {
            message = message[(end + 1)..];
            if (!IsTo(message)) continue;
            var stop = message.IndexOf((byte)'\n');
            return (stop < 0 ? message : message[..stop]).IndexOf(";tag="u8) < 0;
        }

        return true;
    }

    private static bool IsTo(ReadOnlySpan<byte> line) =>
        (line is [(byte)'T' or (byte)'t', (byte)'o' or (byte)'O', (byte)':' or (byte)' ', ..]) || line is [(byte)'t' or (byte)'T', (byte)':' or (byte)' ', ..];
}
