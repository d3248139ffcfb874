using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAssist.AlertRelay.Measures.Store;

/// <summary>
/// Tells customers apart without knowing them: the first 8 bytes of HMAC-SHA256 over the number with a secret that never leaves
/// this machine. Who has the store but not the secret cannot try all numbers; who deletes the secret makes the keys meaningless.
/// </summary>
internal sealed class CustomerKey(byte[] secret)
{
    /// <summary>Null when the customer is not known.</summary>
    public long? Of(string customer)
    {
        var normal = Normalise(customer);
        return normal.Length == 0 ? null : BinaryPrimitives.ReadInt64LittleEndian(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(normal)));
    }

    // The same number comes as sip:+49…@a;user=phone, tel:+49-… and +49 …; the host is the carrier's and says nothing about the customer.
    private static string Normalise(string customer)
    {
        var text = customer.Trim();
        foreach (var scheme in new[] { "sip:", "sips:", "tel:" })
        {
            if (!text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) continue;
            text = text[scheme.Length..].Split('@', ';')[0];
            break;
        }

        var isNumber = text.Length > 0 && text.All(letter => char.IsAsciiDigit(letter) || letter is '+' or ' ' or '-' or '.' or '(' or ')' or '/');
        if (isNumber) text = string.Concat(text.Where(letter => char.IsAsciiDigit(letter) || letter == '+'));
        return text.ToLowerInvariant() is "anonymous" or "unknown" or "restricted" or "unavailable" ? "" : text.ToLowerInvariant();
    }
}
