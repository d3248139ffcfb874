namespace EdgeAssist.Inference.Escalation;

/// <summary>Who spoke when, on one leg: speech with short pauses closed.</summary>
internal sealed class FloorTracker(DynamicsOptions options)
{
    private TimeSpan _lastSpeech;

    /// <summary>Whether the party is speaking now.</summary>
    public bool Speaking { get; private set; }

    /// <summary>When the present speech began; meaningless when silent.</summary>
    public TimeSpan Since { get; private set; }

    /// <summary>True until this stretch of speech was counted as talking over the other.</summary>
    public bool OverlapOpen { get; set; }

    public void OnFrame(TimeSpan at, float speechProbability)
    {
        if (speechProbability >= (Speaking ? options.Off : options.On))
        {
            if (!Speaking) (Speaking, Since, OverlapOpen) = (true, at, true);
            _lastSpeech = at;
        }
        else if (Speaking && at - _lastSpeech >= options.HangOver) Speaking = false;
    }

    /// <summary>Whether this party broke into the other's speech and went on: both speak, the other had the floor before.</summary>
    public bool BreaksInto(FloorTracker other, TimeSpan at) =>
        OverlapOpen && Speaking && other.Speaking && Since - other.Since >= options.Floor && at - Since >= options.Overlap;
}
