using EdgeAssist.Inference.Sentiment;
using EdgeAssist.Training.Data;

namespace EdgeAssist.Training.Text;

/// <summary>Chooses the features a model knows: those whose presence tells most about any label.</summary>
internal static class FeatureSelection
{
    /// <param name="examples">To count in.</param>
    /// <param name="weight">How much a source counts.</param>
    /// <param name="most">Features to keep.</param>
    /// <param name="fewest">Utterances a feature must occur in.</param>
    public static FeatureVocabulary Choose(IReadOnlyList<Example> examples, Func<Example, float> weight, int most, int fewest)
    {
        var places = new Dictionary<uint, int>();
        var counts = new List<int>();
        var present = new List<float[]>(); // per feature: mass with label, mass without, for each label
        var totals = new float[2 * Example.LabelCount];
        var features = new HashSet<uint>();
        foreach (var example in examples)
        {
            features.Clear();
            var words = UtteranceWords.Split(example.Text);
            if (words.Count == 0) continue;
            TextFeaturizer.Add(words, features);
            var mass = weight(example);
            Count(totals, example, mass);
            foreach (var feature in features)
            {
                if (!places.TryGetValue(feature, out var place))
                {
                    places.Add(feature, place = counts.Count);
                    counts.Add(0);
                    present.Add(new float[2 * Example.LabelCount]);
                }

                counts[place]++;
                Count(present[place], example, mass);
            }
        }

        var chosen = places.Where(pair => counts[pair.Value] >= fewest)
            .Select(pair => (pair.Key, Value: Telling(present[pair.Value], totals)))
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
            .Take(most).Select(pair => pair.Key).Order();
        return new FeatureVocabulary([.. chosen]);
    }

    private static void Count(float[] masses, Example example, float weight)
    {
        for (var label = 0; label < Example.LabelCount; label++)
        {
            var truth = example.Labels[label];
            if (float.IsNaN(truth)) continue;
            masses[2 * label] += weight * truth;
            masses[2 * label + 1] += weight * (1 - truth);
        }
    }

    /// <summary>The largest log-odds z-score over the labels (Monroe et al. 2008, with a flat prior).</summary>
    private static double Telling(float[] masses, float[] totals)
    {
        var best = 0.0;
        for (var label = 0; label < Example.LabelCount; label++)
        {
            var (with, without) = (masses[2 * label] + 0.5, masses[2 * label + 1] + 0.5);
            var (allWith, allWithout) = (totals[2 * label] + 1.0, totals[2 * label + 1] + 1.0);
            if (allWith < 2 || allWithout < 2) continue;
            var difference = Math.Log(with / (allWith - with + 0.5)) - Math.Log(without / (allWithout - without + 0.5));
            best = Math.Max(best, Math.Abs(difference) / Math.Sqrt(1 / with + 1 / without));
        }

        return best;
    }
}
