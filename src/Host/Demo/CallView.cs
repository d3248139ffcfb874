using EdgeAssist.V1;

namespace EdgeAssist.Host.Demo;

/// <summary>
/// What the demo knows of one call, built from the stream a desktop client would see. Written by the stream's reader, read
/// by the screen; the owner's lock covers both.
/// </summary>
internal sealed class CallView(string key, string title)
{
    private readonly SortedDictionary<(TimeSpan Start, int Leg, int Utterance), Transcript> _finals = [];
    private readonly Dictionary<int, Transcript> _partials = [];
    private readonly List<Score> _scores = [];

    public string Key { get; } = key;

    public string Title { get; } = title;

    public Call? Call { get; private set; }

    public IReadOnlyCollection<Transcript> Finals => _finals.Values;

    public IReadOnlyCollection<Transcript> Partials => _partials.Values;

    public IReadOnlyList<Score> Scores => _scores;

    public Score? Newest => _scores.Count > 0 ? _scores[^1] : null;

    public bool Ended { get; private set; }

    /// <summary>Latencies of the scores that followed words, in order.</summary>
    public List<Latency> Latencies { get; } = [];

    public List<string> Gaps { get; } = [];

    public void Apply(CallEvent callEvent)
    {
        switch (callEvent.KindCase)
        {
            case CallEvent.KindOneofCase.Started:
                Call = callEvent.Started;
                break;
            case CallEvent.KindOneofCase.Updated:
                Call = callEvent.Updated;
                break;
            case CallEvent.KindOneofCase.Transcript:
                Take(callEvent.Transcript);
                break;
            case CallEvent.KindOneofCase.Score:
                _scores.Add(callEvent.Score.Score);
                if (callEvent.Score.Latency is { } latency && latency.Hops.Any(hop => hop.Hop == Hop.Recognition)) Latencies.Add(latency);
                break;
            case CallEvent.KindOneofCase.Gap:
                var gap = callEvent.Gap;
                Gaps.Add($"{gap.Cause} on leg {gap.Leg} from {Clock.Format(gap.From)} to {Clock.Format(gap.To)}");
                break;
            case CallEvent.KindOneofCase.Ended:
                Ended = true;
                _partials.Clear();
                break;
        }
    }

    /// <summary>Words the recogniser is still growing, and words that are final, as the screen shows them: newest last.</summary>
    public IEnumerable<(Transcript Line, bool Growing)> NewestLines(int count)
    {
        var growing = _partials.Values.OrderBy(line => line.Start.ToTimeSpan()).Select(line => (line, true));
        var finals = _finals.Values.Select(line => (line, false));
        return finals.Concat(growing).TakeLast(count);
    }

    private void Take(Transcript transcript)
    {
        if (!transcript.Final)
        {
            _partials[transcript.Leg] = transcript;
            return;
        }

        if (_partials.TryGetValue(transcript.Leg, out var partial) && partial.Utterance <= transcript.Utterance) _partials.Remove(transcript.Leg);
        if (transcript.Text.Length > 0) _finals[(transcript.Start.ToTimeSpan(), transcript.Leg, transcript.Utterance)] = transcript;
    }
}
