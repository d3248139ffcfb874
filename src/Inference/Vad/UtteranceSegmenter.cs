namespace EdgeAssist.Inference.Vad;

/// <summary>
/// Cuts one leg into utterances: a core fed with the probability of each frame, whose events are taken out after each call.
/// Frames follow one another without holes; a hole is told with <see cref="OnGap"/>.
/// </summary>
internal sealed class UtteranceSegmenter(SegmenterSettings settings)
{
    private const int CutSearchFrames = 32;

    private readonly Queue<SegmenterEvent> _events = new();
    private readonly float[] _recent = new float[CutSearchFrames];   // ring of probabilities, by frame count
    private long _frames;
    private int _speechRun;
    private int _quietRun;
    private long _floor;        // pre-roll never reaches back beyond: the audio before belongs to another utterance or a gap
    private long _start;
    private long _audioFrom;
    private long _wordsEnd;
    private long _end;          // behind the newest frame

    public bool Speaking { get; private set; }

    /// <summary>First sample to recognise of the utterance in hand; only while <see cref="Speaking"/>.</summary>
    public long AudioFrom => _audioFrom;

    /// <summary>First sample of speech of the utterance in hand; only while <see cref="Speaking"/>.</summary>
    public long Start => _start;

    /// <summary>Behind its last sample of speech so far.</summary>
    public long WordsEnd => _wordsEnd;

    public bool TryTake(out SegmenterEvent happened) => _events.TryDequeue(out happened);

    /// <param name="position">First sample of the frame.</param>
    /// <param name="probability">That somebody speaks, 0 to 1.</param>
    public void OnFrame(long position, float probability)
    {
        _end = position + VadFrame.Samples;
        _recent[(int)(_frames++ % CutSearchFrames)] = probability;
        if (Speaking) Continue(probability);
        else Listen(probability);
    }

    /// <summary>Audio is missing: the utterance in hand ends, and nothing reaches back over the hole.</summary>
    /// <param name="resumesAt">First sample behind the hole.</param>
    public void OnGap(long resumesAt)
    {
        Flush();
        _floor = resumesAt;
    }

    /// <summary>No more audio for now: the utterance in hand ends where its words did.</summary>
    public void Flush()
    {
        if (Speaking) EndAtPause(cut: false);
        _speechRun = 0;
    }

    private void Listen(float probability)
    {
        _speechRun = probability >= settings.On ? _speechRun + 1 : 0;
        if (_speechRun < settings.OnFrames) return;

        var start = _end - (long)_speechRun * VadFrame.Samples;
        Begin(start, Math.Max(_floor, start - (long)settings.PreRollFrames * VadFrame.Samples), _end);
    }

    private void Begin(long start, long audioFrom, long wordsEnd)
    {
        Speaking = true;
        (_start, _audioFrom, _wordsEnd, _quietRun, _speechRun) = (start, audioFrom, wordsEnd, 0, 0);
        _events.Enqueue(new SegmenterEvent(SegmenterEventKind.Started, start, audioFrom, wordsEnd, _end, Cut: false));
    }

    private void Continue(float probability)
    {
        if (probability >= settings.Off) (_quietRun, _wordsEnd) = (0, _end);
        else _quietRun++;

        var length = (_end - _start) / VadFrame.Samples;
        if (_quietRun >= settings.HangOverFrames) EndAtPause(cut: false);
        else if (length >= settings.SoftLimitFrames && _quietRun >= settings.SoftPauseFrames) EndAtPause(cut: true);
        else if (length >= settings.HardLimitFrames) CutAtQuietestFrame();
    }

    private void EndAtPause(bool cut)
    {
        var audioTo = Math.Min(_end, _wordsEnd + (long)settings.TailFrames * VadFrame.Samples);
        End(_wordsEnd, audioTo, cut);
    }

    private void CutAtQuietestFrame()
    {
        var (back, least) = (0, float.MaxValue);
        for (var i = 0; i < CutSearchFrames; i++)
        {
            var probability = _recent[(int)((_frames - 1 - i) % CutSearchFrames)];
            if (probability < least) (back, least) = (i, probability);
        }

        var (cut, wordsEnd) = (_end - (long)back * VadFrame.Samples, _wordsEnd);
        End(Math.Min(wordsEnd, cut), cut, cut: true);
        Begin(cut, cut, Math.Max(cut, wordsEnd));   // the speaker goes on
    }

    private void End(long wordsEnd, long audioTo, bool cut)
    {
        Speaking = false;
        _floor = audioTo;
        _events.Enqueue(new SegmenterEvent(SegmenterEventKind.Ended, _start, _audioFrom, wordsEnd, audioTo, cut));
    }
}
