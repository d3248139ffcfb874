namespace EdgeAssist.Training.Data;

/// <summary>
/// The shared sets as labelled examples. The first group may be trained on (licences in the model card); the second is for
/// measuring only: airline tweets (non-commercial), complaints (no licence stated), and is never seen by the trainer.
/// </summary>
internal static class Corpora
{
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
                0f, negative == 0 ? 0f : float.NaN, negative == 0 ? 0f : float.NaN));
        }
    }

    public static IEnumerable<Example> Banking(string root) =>
        Csv.Read(Path.Combine(root, "banking77", "dev.csv.gz"))
            .Select(row => new Example("banking77", row["id"], row["text"], Calm()));

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
                0f, 0f, offensive ? float.NaN : 0f));
        }
    }

    /// <summary>TweetEval's sentiment task alone: the only one of its parts with a licence of its own (CC BY 3.0).</summary>
    public static IEnumerable<Example> Tweets(string root) =>
        Csv.Read(Path.Combine(root, "tweeteval", "sentiment.dev.csv.gz"))
            .Select(row => new Example("tweet-sentiment", row["id"], row["text"], Example.Of(row["label"] == "negative" ? 1f : 0f)));

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
                Example.Of(double.Parse(row["satisfaction"], System.Globalization.CultureInfo.InvariantCulture) < 2.5 ? 1f : 0f)));

    private static float[] Calm() => Example.Of(0, 0, 0, 0, 0, 0);
}
