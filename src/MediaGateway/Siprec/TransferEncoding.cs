using System.Buffers.Text;
using System.Text;

namespace EdgeAssist.MediaGateway.Siprec;

/// <summary>Content-Transfer-Encoding (RFC 2045 §6): the identities, base64 and quoted-printable.</summary>
internal static class TransferEncoding
{
    public static bool TryDecode(string encoding, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> content)
    {
        content = body;
        switch (encoding.Trim().ToLowerInvariant())
        {
            case "" or "7bit" or "8bit" or "binary": return true;
            case "base64": return TryDecodeBase64(body.Span, out content);
            case "quoted-printable": content = DecodeQuotedPrintable(body.Span); return true;
            default: return false;
        }
    }

    private static bool TryDecodeBase64(ReadOnlySpan<byte> body, out ReadOnlyMemory<byte> content)
    {
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        var status = Base64.DecodeFromUtf8(body, decoded, out _, out var written);
        content = decoded.AsMemory(0, written);
        return status == System.Buffers.OperationStatus.Done;
    }

    private static byte[] DecodeQuotedPrintable(ReadOnlySpan<byte> body)
    {
        var decoded = new List<byte>(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != (byte)'=') decoded.Add(body[i]);
            else if (i + 1 < body.Length && body[i + 1] == (byte)'\n') i++;
            else if (i + 2 < body.Length && body[i + 1] == (byte)'\r' && body[i + 2] == (byte)'\n') i += 2;
            else if (i + 2 < body.Length && TryHex(body.Slice(i + 1, 2), out var value))
            {
                decoded.Add(value);
                i += 2;
            }
            else decoded.Add(body[i]);   // not an escape: passed through, as RFC 2045 §6.7 advises
        }

        return [.. decoded];
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out byte value)
    {
        value = 0;
        return char.IsAsciiHexDigit((char)digits[0]) && char.IsAsciiHexDigit((char)digits[1])
            && byte.TryParse(Encoding.ASCII.GetString(digits), System.Globalization.NumberStyles.HexNumber, null, out value);
    }
}
