using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.AlertRelay.State;

/// <summary>The trace of a call: 32 hexadecimal digits (W3C Trace Context §3.2.2.3), the same on every event of the call.</summary>
internal static class TraceIds
{
    private const int Length = 32;

    /// <summary>The call id itself when it has the form of a trace id, as ours have, else a digest of it.</summary>
    public static string OfCall(string callId) =>
        callId.Length == Length && callId.All(char.IsAsciiHexDigitLower) && callId.Any(digit => digit != '0')
            ? callId
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(callId)).AsSpan(0, Length / 2));
}
