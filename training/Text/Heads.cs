using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>
/// What the trainer learns one by one, and how the model's labels are made of it. «Negative» means something else in every
/// set: emotions on a forum, polarity of a tweet, a caller's dissatisfaction, and, in the calm sets, that reporting a problem
/// is not yet one. One output learnt from all of them learns to tell the sets apart instead (airline AUROC .77); separate
/// heads, summed afterwards, do not. The calm sets have embedding columns of their own for the same reason.
/// </summary>
internal static class Heads
{
    // The first six are the labels; of these, Negative and Complaint are the calm heads.
    private const int Emotion = Example.LabelCount;
    private const int Polarity = Emotion + 1;
    private const int Dissatisfied = Emotion + 2;
    private const int Grievance = Emotion + 3;

    private const int Service = Emotion + 4;

    public const int Count = Emotion + 5;

    /// <summary>Whether a head is one column of the embedding and nothing else.</summary>
    public static bool HasColumn(int head) => head is (int)Label.Negative or (int)Label.Complaint or Service;

    public static TextNetwork Network(int rows, Seeded random)
    {
        var network = new TextNetwork(rows, Count, random);
        var column = 1 + TextNetwork.Shared;
        for (var head = 0; head < Count; head++)
        {
            if (!HasColumn(head)) continue;
            network.OutputWeights.AsSpan(head * TextNetwork.Hidden, TextNetwork.Hidden).Clear();
            network.LinearWeights.AsSpan(head * TextNetwork.Width, TextNetwork.Width).Clear();
            network.LinearWeights[head * TextNetwork.Width + column++] = 1;
        }

        return network;
    }

    /// <summary>What an utterance should give at each head; NaN where it says nothing.</summary>
    public static float[] Truths(Example example)
    {
        var truths = new float[Count];
        Array.Fill(truths, float.NaN);
        // Talk to a company or talk of the world: what makes a complaint of a grumble.
        truths[Service] = example.Source is "goemotions" or "tweet-sentiment" or "primock57" ? 0 : 1;
        switch (example.Source)
        {
            case "goemotions":
                example.Labels.CopyTo(truths, 0);
                truths[Emotion] = example[Label.Negative];
                truths[(int)Label.Negative] = float.NaN;
                truths[(int)Label.Complaint] = float.NaN;
                break;
            case "tweet-sentiment":
                truths[Polarity] = example[Label.Negative];
                break;
            case "authored":
                example.Labels.CopyTo(truths, 0);
                truths[Dissatisfied] = example[Label.Negative];
                truths[Grievance] = example[Label.Complaint];
                break;
            default:
                truths[(int)Label.Negative] = example[Label.Negative];
                truths[(int)Label.Complaint] = example[Label.Complaint];
                break;
        }

        return truths;
    }

    /// <summary>The model's labels as sums of heads. The weights were chosen on the dev splits; see the model card.</summary>
    public static float[][] Mixture()
    {
        var mixture = new float[Example.LabelCount][];
        for (var label = 0; label < mixture.Length; label++)
        {
            mixture[label] = new float[Count];
            mixture[label][label] = 1;
        }

        Sum(mixture[(int)Label.Negative], Label.Negative, calm: 0.5f, feeling: 1.5f, Dissatisfied);
        Sum(mixture[(int)Label.Complaint], Label.Complaint, calm: 0.5f, feeling: 1, Grievance);
        mixture[(int)Label.Complaint][Service] = 1;
        return mixture;
    }

    private static void Sum(float[] row, Label label, float calm, float feeling, int own)
    {
        row[(int)label] = calm;
        row[own] = 1;
        row[Emotion] = feeling;
        row[Polarity] = feeling;
    }
}
