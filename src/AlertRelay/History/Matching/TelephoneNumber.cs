using PhoneNumbers;

namespace EdgeAssist.AlertRelay.History.Matching;

/// <summary>Telephone numbers in one form, E.164, however they were written.</summary>
internal static class TelephoneNumber
{
    private const int MaxWritten = 40, MinDigits = 6;

    /// <summary>The number as <c>+</c> and digits; null when it is none, or could only be dialled within its own network.</summary>
    /// <param name="written">For example <c>030 123456-0</c>, <c>0049 30 1234560</c>, <c>+49301234560</c>.</param>
    /// <param name="region">ISO 3166 country it is dialled in; empty: only numbers with their country are understood.</param>
    public static string? ToE164(string written, string region)
    {
        if (written.Length > MaxWritten || written.Count(char.IsAsciiDigit) < MinDigits || !written.All(IsOfANumber)) return null;
        var library = PhoneNumberUtil.GetInstance();
        try
        {
            var number = library.Parse(written, region.Length == 0 ? null : region.ToUpperInvariant());
            if (library.IsPossibleNumberWithReason(number) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE) return null;

            // A few short ones, 000676 in Germany, are taken for another number when they are read again: they would match at random.
            var form = library.Format(number, PhoneNumberFormat.E164);
            return library.Format(library.Parse(form, null), PhoneNumberFormat.E164) == form ? form : null;
        }
        catch (NumberParseException)
        {
            return null;   // the library's way to say that it is no number
        }
    }

    /// <summary>Whether numbers can be read as dialled in a country.</summary>
    public static bool Knows(string region) => PhoneNumberUtil.GetInstance().GetSupportedRegions().Contains(region.ToUpperInvariant());

    // No letters: a user part such as «1800flowers» is an address, not a number, and extensions are not kept apart.
    private static bool IsOfANumber(char letter) => char.IsAsciiDigit(letter) || letter is '+' or '-' or '.' or '(' or ')' or '/' or ' ' or '\u00a0';
}
