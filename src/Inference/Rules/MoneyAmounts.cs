using System.Globalization;

namespace EdgeAssist.Inference.Rules;

/// <summary>Sums of money in an utterance: «$1,200», «500 euros», «two thousand five hundred pounds».</summary>
internal static class MoneyAmounts
{
    /// <summary>The largest sum named; 0 for none.</summary>
    public static double Largest(string text)
    {
        var largest = 0.0;
        var spoken = new SpokenNumber();
        var number = 0.0;
        foreach (var token in text.Split([' ', '\t', '\n', '-', '?', '!', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var word = token.Trim('.', ',', ':', '"', '\'', '(', ')').ToLowerInvariant();
            if (word.Length == 0) continue;

            var symbol = word[0] is '$' or '£' or '€' || word[^1] is '$' or '£' or '€';
            if (TryDigits(word.Trim('$', '£', '€'), out var digits))
            {
                number = digits;
                if (symbol) largest = Math.Max(largest, digits);
                spoken = SpokenNumber.From(digits);
            }
            else if (spoken.TryAdd(word)) number = spoken.Value;
            else if (IsCurrency(word))
            {
                largest = Math.Max(largest, number);
                (spoken, number) = (new SpokenNumber(), 0);
            }
            else if (word is not "and") (spoken, number) = (new SpokenNumber(), 0);
        }

        return largest;
    }

    private static bool IsCurrency(string word) => word is
        "dollar" or "dollars" or "bucks" or "pound" or "pounds" or "quid" or "euro" or "euros" or "usd" or "gbp" or "eur";

    private static bool TryDigits(string word, out double value) =>
        double.TryParse(word, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && char.IsAsciiDigit(word[0]);

    /// <summary>A number as it is said: the part below the next «thousand», and what stands before it.</summary>
    private record struct SpokenNumber(double High, double Low, bool Begun)
    {
        public readonly double Value => High + Low;

        public static SpokenNumber From(double digits) => new(0, digits, true);

        public bool TryAdd(string word)
        {
            var small = Small(word);
            if (small > 0) (Low, Begun) = (Low + small, true);
            else if (word == "hundred") (Low, Begun) = (Math.Max(1, Low) * 100, true);
            else if (word is "thousand" or "grand") (High, Low, Begun) = (High + Math.Max(1, Low) * 1000, 0, true);
            else if (word == "million") (High, Low, Begun) = (High + Math.Max(1, Low) * 1e6, 0, true);
            else if (word is "a" or "an") (High, Low, Begun) = (0, 0, true);
            else return false;
            return true;
        }

        private static double Small(string word) => word switch
        {
            "one" => 1, "two" => 2, "three" => 3, "four" => 4, "five" => 5, "six" => 6, "seven" => 7, "eight" => 8, "nine" => 9, "ten" => 10,
            "eleven" => 11, "twelve" => 12, "thirteen" => 13, "fourteen" => 14, "fifteen" => 15, "sixteen" => 16, "seventeen" => 17,
            "eighteen" => 18, "nineteen" => 19, "twenty" => 20, "thirty" => 30, "forty" => 40, "fifty" => 50, "sixty" => 60,
            "seventy" => 70, "eighty" => 80, "ninety" => 90,
            _ => 0,
        };
    }
}
