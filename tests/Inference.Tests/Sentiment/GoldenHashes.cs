namespace EdgeAssist.Inference.Tests.Sentiment;

/// <summary>Features of fixed sentences as the committed model was trained with them.</summary>
internal static class GoldenHashes
{
    public static uint[] NotGood { get; } =
    [
        265285185, 336089811, 386083717, 599158713, 648966884, 681884976, 803151599, 954331092,
        1027165998, 1233225050, 1267033826, 1523860678, 1907772499, 1914754138, 2255840530, 2641625298,
        3149105849, 3519578565, 3573051648, 3686662207, 3814476338, 4279389981,
    ];
}
