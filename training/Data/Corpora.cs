using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAssist.Training.Data;

/// <summary>
/// The shared sets as labelled examples. The first group may be trained on (licences in the model card); the second is for
/// measuring only: airline tweets (non-commercial), complaints (no licence stated), and is never seen by the trainer.
/// </summary>
internal static partial class Corpora
{
    // What a customer of BANKING77 asks about when something did not arrive, work or add up; what is in neither list is left open.
    private static readonly HashSet<string> Problems = new(StringComparer.Ordinal)
    {
        "Refund_not_showing_up", "balance_not_updated_after_bank_transfer", "balance_not_updated_after_cheque_or_cash_deposit", "beneficiary_not_allowed",
        "card_arrival", "card_not_working", "card_payment_fee_charged", "card_payment_not_recognised", "card_payment_wrong_exchange_rate", "card_swallowed",
        "cash_withdrawal_charge", "cash_withdrawal_not_recognised", "compromised_card", "contactless_not_working", "declined_card_payment",
        "declined_cash_withdrawal", "declined_transfer", "direct_debit_payment_not_recognised", "extra_charge_on_statement", "failed_transfer", "pin_blocked",
        "reverted_card_payment?", "top_up_failed", "top_up_reverted", "transaction_charged_twice", "transfer_fee_charged", "transfer_not_received_by_recipient",
        "unable_to_verify_identity", "virtual_card_not_working", "wrong_amount_of_cash_received", "wrong_exchange_rate_for_cash_withdrawal",
    };

    private static readonly HashSet<string> Questions = new(StringComparer.Ordinal)
    {
        "age_limit", "apple_pay_or_google_pay", "atm_support", "automatic_top_up", "card_acceptance", "card_delivery_estimate", "change_pin", "country_support",
        "disposable_card_limits", "edit_personal_details", "exchange_charge", "exchange_rate", "exchange_via_app", "fiat_currency_support",
        "get_disposable_virtual_card", "get_physical_card", "getting_spare_card", "getting_virtual_card", "order_physical_card", "receiving_money",
        "supported_cards_and_currencies", "top_up_by_bank_transfer_charge", "top_up_by_card_charge", "top_up_by_cash_or_cheque", "top_up_limits",
        "topping_up_by_card", "transfer_into_account", "transfer_timing", "verify_source_of_funds", "verify_top_up", "visa_or_mastercard",
    };

    /// <summary>A tenth of every training set is kept from training, by a hash of the row's id or group.</summary>
    public static bool IsHeldOut(Example example) => StableHash.Of(example.Source + "/" + example.Id) % 10 == 0;

    /// <summary>Every set that may be trained on.</summary>
    public static List<Example> Trainable(string root) =>
        [.. GoEmotions(root), .. Banking(root), .. Consultations(root), .. Bitext(root), .. Tweets(root)];

    public static IEnumerable<Example> GoEmotions(string root)
    {
        foreach (var row in Csv.Read(Path.Combine(root, "goemotions", "dev.csv.gz")))
        {
            var negative = row["polarity"] switch { "negative" => 1f, "mixed" => float.NaN, _ => 0f };
            var emotions = row["emotions"].Split('|');
            // Sadness, fear, grief and the like are negative words but no dissatisfaction: left open.
            var dissatisfied = emotions.Any(e => e is "anger" or "annoyance" or "disappointment" or "disapproval" or "disgust");
            if (negative == 1 && !dissatisfied) negative = 0.7f;
            var angry = row["anger"] == "1";
            yield return new Example("goemotions", row["id"], row["text"], Example.Of(negative,
                angry ? (emotions.Contains("anger") ? 1f : 0.8f) : 0f, negative == 0 ? 0f : float.NaN,
                0f, negative == 0 ? 0f : float.NaN, negative == 0 ? 0f : float.NaN)) { Pleased = row["polarity"] switch { "positive" => 1f, "negative" or "neutral" => 0f, _ => float.NaN } };
        }
    }

    public static IEnumerable<Example> Banking(string root) =>
        Csv.Read(Path.Combine(root, "banking77", "dev.csv.gz"))
            .Select(row => new Example("banking77", row["id"], row["text"], Calm()) { Problem = Problems.Contains(row["intent"]) ? 1f : Questions.Contains(row["intent"]) ? 0f : float.NaN, Pleased = 0f });

    public static IEnumerable<Example> Consultations(string root) =>
        Csv.Read(Path.Combine(root, "primock57-transcripts", "dev.csv.gz"))
            .Select(row => new Example("primock57", row["call_id"], row["text"], Calm()));

    public static IEnumerable<Example> Bitext(string root)
    {
        foreach (var row in Csv.Read(Path.Combine(root, "bitext-support", "dev.csv.gz")))
        {
            var complaint = row["complaint"] == "1";
            var offensive = row["tags"].Contains('W', StringComparison.Ordinal);
            yield return new Example("bitext", row["intent"] + row["id"], row["text"], Example.Of(
                complaint ? 1f : offensive ? float.NaN : 0f, offensive || complaint ? float.NaN : 0f, complaint ? 1f : offensive ? float.NaN : 0f,
                0f, 0f, offensive ? float.NaN : 0f)) { Problem = complaint || row["intent"] is "payment_issue" or "registration_problems" ? 1f : 0f, Pleased = 0f };
        }
    }

    /// <summary>TweetEval's sentiment task alone: the only one of its parts with a licence of its own (CC BY 3.0).</summary>
    public static IEnumerable<Example> Tweets(string root) =>
        Csv.Read(Path.Combine(root, "tweeteval", "sentiment.dev.csv.gz"))
            .Select(row => new Example("tweet-sentiment", row["id"], Escapes().Replace(row["text"], e => $"{(char)int.Parse(e.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)}"), Example.Of(row["label"] == "negative" ? 1f : 0f)) { Pleased = row["label"] == "positive" ? 1f : 0f });

    /// <summary>Measuring only: dissatisfied against neutral and content.</summary>
    public static IEnumerable<Example> Airline(string root) =>
        Csv.Read(Path.Combine(root, "airline-tweets", "dev.csv.gz"))
            .Select(row => new Example("airline", row["id"], row["text"], Example.Of(row["polarity"] == "negative" ? 1f : 0f)));

    /// <summary>Measuring only; rows to brands alone when <paramref name="brands"/>.</summary>
    public static IEnumerable<Example> Complaints(string root, bool brands) =>
        Csv.Read(Path.Combine(root, "complaints-tweets", "dev.csv.gz"))
            .Where(row => !brands || !row["domain"].StartsWith("random", StringComparison.Ordinal))
            .Select(row => new Example("complaints", row["id"], row["text"], Example.Of(complaint: row["complaint"] == "1" ? 1f : 0f)));

    /// <summary>Measuring only: anger in acted dialogue.</summary>
    public static IEnumerable<Example> Meld(string root) =>
        Csv.Read(Path.Combine(root, "meld", "dev.csv.gz"))
            .Select(row => new Example("meld", row["dialogue_id"], row["text"],
                Example.Of(row["polarity"] == "negative" ? 1f : 0f, row["anger"] == "1" ? 1f : 0f)));

    /// <summary>Measuring only: users' turns rated by three people, dissatisfied below 2.5.</summary>
    public static IEnumerable<Example> Satisfaction(string root) =>
        Csv.Read(Path.Combine(root, "uss-satisfaction", "dev.csv.gz"))
            .Where(row => row["role"] == "USER" && row["text"] != "OVERALL" && row["satisfaction"].Length > 0)
            .Select(row => new Example("uss", row["dialogue_id"], row["text"],
                Example.Of(double.Parse(row["satisfaction"], CultureInfo.InvariantCulture) < 2.5 ? 1f : 0f)));

    private static float[] Calm() => Example.Of(0, 0, 0, 0, 0, 0);

    // The set has quotes and commas as \u2019 and \u002c.
    [GeneratedRegex(@"\\u[0-9a-f]{4}", RegexOptions.NonBacktracking)]
    private static partial Regex Escapes();
}
