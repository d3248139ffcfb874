using System.Globalization;
using EdgeAssist.Inference.Text;

namespace EdgeAssist.Inference.Tests.Text;

/// <summary>What a labelled set came to.</summary>
/// <param name="Recall">Share of personal items of which no digit and no address is left.</param>
/// <param name="FalsePositives">Share of order numbers and the like that were touched.</param>
/// <param name="Missed">Some that were missed.</param>
/// <param name="Touched">Some that were touched and should not be.</param>
internal sealed record RedactionFigures(double Recall, double FalsePositives, IReadOnlyList<string> Missed, IReadOnlyList<string> Touched)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"recall {Recall:P1}, false positives {FalsePositives:P1}; missed: {string.Join(" | ", Missed.Take(6))}; touched: {string.Join(" | ", Touched.Take(6))}");
}

/// <summary>
/// Sentences with card numbers, phone numbers, addresses and identity numbers, spoken and written in several ways, and
/// sentences with order numbers, amounts, dates and times. Labelled by how they were made; nothing in them is real.
/// </summary>
internal static class RedactionSet
{
    private static readonly string[] Spoken = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

    private static readonly string[] Names = ["john", "maria", "lee", "ahmed", "sophie", "peter", "olga", "chris"];

    public static RedactionFigures Measure(int seed, int each)
    {
        var dice = new Random(seed);
        var (missed, touched) = (new List<string>(), new List<string>());
        Func<Random, string>[] personal = [Card, Phone, Email, Identity, Code];
        Func<Random, string>[] business = [Order, Amount, When];
        foreach (var make in personal)
            for (var i = 0; i < each; i++)
                if (make(dice) is var said && Redaction.Apply(said, growing: false).Text is var told && Leaks(told)) missed.Add($"{said} → {told}");
        foreach (var make in business)
            for (var i = 0; i < each; i++)
                if (make(dice) is var said && Redaction.Apply(said, growing: false) is { Spans.Length: > 0 } changed) touched.Add($"{said} → {changed.Text}");
        return new RedactionFigures(1 - ((double)missed.Count / (personal.Length * each)), (double)touched.Count / (business.Length * each), missed, touched);
    }

    // Two digits or more in a row, or an address: the carriers below hold neither.
    private static bool Leaks(string told)
    {
        var words = WrittenText.Words(told);
        return told.Contains('@', StringComparison.Ordinal) || told.Contains(" dot ", StringComparison.Ordinal)
            || words.Any(word => word.Any(char.IsAsciiDigit) || SpokenNumber.Digit(word.Trim('.', ',')) is not null);
    }

    private static string Card(Random dice)
    {
        var length = dice.Next(5) == 0 ? 15 : 16;
        var body = (length == 15 ? "37" : Pick(dice, "4", "51", "6011")).PadRight(length - 1, '0').ToCharArray();
        for (var i = 4; i < body.Length; i++) body[i] = (char)('0' + dice.Next(10));
        return Carry(dice, Say(dice, new string(body) + Check(body), 4), "my card number is {0}", "sure it's {0} and it expires soon", "the visa is {0}, thank you", "please charge {0}", "you already have {0} on file");
    }

    private static string Phone(Random dice)
    {
        var number = $"{dice.Next(201, 989)}{dice.Next(200, 999)}{dice.Next(10_000):0000}";
        return Carry(dice, dice.Next(4) switch
        {
            0 => $"({number[..3]}) {number[3..6]}-{number[6..]}",
            1 => $"{number[..3]}-{number[3..6]}-{number[6..]}",
            2 => Say(dice, "1" + number, 3),
            _ => Say(dice, number, 3),
        }, "call me back at {0}", "my number is {0}", "you can reach me on {0} after lunch", "it's {0}", "my cell is {0}, please text me");
    }

    private static string Email(Random dice)
    {
        var (name, other, host) = (Pick(dice, Names), Pick(dice, Names), Pick(dice, "gmail", "example", "outlook", "mycompany"));
        return Carry(dice, dice.Next(5) switch
        {
            0 => $"{name}.{other}@{host}.com",
            1 => $"{name} dot {other} at {host} dot com",
            2 => $"{name} underscore {other} at {host} dot co dot uk",
            3 => $"{string.Join(' ', name.ToCharArray())} at {host} dot org",
            _ => $"{name} {Spoken[dice.Next(1, 10)]} {Spoken[dice.Next(1, 10)]} at {host}.com",
        }, "my email is {0}", "send it to {0} please", "it is {0}, thanks", "you can write to {0}");
    }

    private static string Identity(Random dice)
    {
        var digits = Any(dice, 9);
        return dice.Next(5) switch
        {
            0 => Carry(dice, Say(dice, digits, 3), "my social security number is {0}", "the social is {0}"),
            1 => Carry(dice, $"{digits[..3]}-{digits[3..5]}-{digits[5..]}", "it's {0}", "my social is {0}"),
            2 => Carry(dice, Say(dice, Any(dice, dice.Next(7, 11)), 4), "my account number is {0}", "the routing number is {0}", "my policy number is {0}"),
            3 => Carry(dice, $"{(char)('A' + dice.Next(26))} {(char)('B' + dice.Next(20))} {string.Join(' ', Any(dice, 6).Select(c => Spoken[c - '0']))}", "my passport number is {0}", "my driver's licence is {0}"),
            _ => Carry(dice, "DE" + Any(dice, 20), "the IBAN is {0}", "please pay to {0}"),
        };
    }

    private static string Code(Random dice) => Carry(dice, Say(dice, Any(dice, dice.Next(3, 5)), 4), "the security code is {0}", "the cvv is {0}", "my pin is {0}");

    private static string Order(Random dice) =>
        Carry(dice, Say(dice, Any(dice, dice.Next(4, 12)), 4), "my order number is {0}", "the ticket number is {0} I think", "reference {0} please", "it's about invoice {0}", "tracking number {0} never arrived", "my booking is {0}");

    private static string Amount(Random dice) =>
        Carry(dice, $"{Spoken[dice.Next(1, 10)]} hundred and {Pick(dice, "twenty", "fifty five", "seventy")} dollars", "you charged me {0}", "it costs {0} now", "i was promised {0} back");

    private static string When(Random dice) =>
        Carry(dice, Pick(dice, "march fifth twenty twenty six", "three thirty p m", "nineteen ninety nine", "the twenty first of june", "ten o'clock"), "it was on {0}", "we agreed on {0}", "call again at {0} please");

    private static string Say(Random dice, string digits, int group) => dice.Next(5) switch
    {
        0 => digits,
        1 => string.Join(' ', digits.Chunk(group).Select(part => new string(part))),
        2 => string.Join('-', digits.Chunk(group).Select(part => new string(part))),
        3 => string.Join(", ", digits.Chunk(group).Select(part => string.Join(' ', part.Select(c => Spoken[c - '0'])))),
        _ => Words(digits),
    };

    private static string Words(string digits)
    {
        var words = new List<string>();
        for (var i = 0; i < digits.Length; i++)
        {
            if (i + 1 < digits.Length && digits[i] == digits[i + 1])
            {
                words.Add("double " + Spoken[digits[i++] - '0']);
            }
            else words.Add(digits[i] == '0' ? "oh" : Spoken[digits[i] - '0']);
        }

        return string.Join(' ', words);
    }

    private static string Any(Random dice, int length) => dice.Next(1, 10).ToString(CultureInfo.InvariantCulture) + string.Concat(Enumerable.Range(1, length - 1).Select(_ => dice.Next(10)));

    private static char Check(char[] body)
    {
        var sum = 0;
        for (var i = 0; i < body.Length; i++)
        {
            var digit = body[^(i + 1)] - '0';
            sum += i % 2 == 0 ? (digit * 2 > 9 ? (digit * 2) - 9 : digit * 2) : digit;
        }

        return (char)('0' + ((10 - (sum % 10)) % 10));
    }

    private static string Carry(Random dice, string item, params string[] carriers) => string.Format(CultureInfo.InvariantCulture, Pick(dice, carriers), item);

    private static string Pick(Random dice, params string[] from) => from[dice.Next(from.Length)];
}
