namespace EdgeAssist.Inference.Escalation;

/// <summary>How fast a speaker speaks against the same speaker's earlier utterances, from words and their duration.</summary>
internal sealed class PaceTracker(VoiceOptions options)
{
    private const int FewestUtterances = 4;
    private const int Remembered = 64;

    private readonly List<double> _paces = [];

    /// <summary>Takes an utterance; true when it was clearly faster than this speaker's median.</summary>
    public bool IsFaster(int words, TimeSpan duration)
    {
        if (words < options.FewestPaceWords || duration < TimeSpan.FromSeconds(1)) return false;

        var pace = words / duration.TotalSeconds;
        var faster = _paces.Count >= FewestUtterances && pace > options.FasterFactor * _paces[_paces.Count / 2];
        if (!faster && _paces.Count < Remembered)
        {
            var place = _paces.BinarySearch(pace);
            _paces.Insert(place < 0 ? ~place : place, pace);
        }

        return faster;
    }
}
