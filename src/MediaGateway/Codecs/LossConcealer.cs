namespace EdgeAssist.MediaGateway.Codecs;

/// <summary>
/// Makes up audio for lost packets: repeats the last pitch period and fades it out over 60 ms, in the manner of ITU-T G.711
/// appendix I without its overlap-add at the seams. What comes behind the fade is silence.
/// </summary>
internal sealed class LossConcealer
{
    /// <summary>The longest stretch that is concealed.</summary>
    public const int MaxMilliseconds = 60;

    private const int HistoryMilliseconds = 40;
    private const int MinPitchHz = 66;
    private const int MaxPitchHz = 200;

    private short[] _history = new short[HistoryMilliseconds * 8];   // for 8 kHz; grows with the rate
    private int _held;
    private int _rate = 8_000;
    private int _period;
    private int _made;

    /// <summary>Remembers decoded audio, against the next loss.</summary>
    /// <param name="pcm">The samples.</param>
    /// <param name="sampleRate">8000, 16000 or 48000 Hz.</param>
    public void Remember(ReadOnlySpan<short> pcm, int sampleRate)
    {
        if (sampleRate != _rate) Reset(sampleRate);
        _made = 0;
        var length = HistoryMilliseconds * _rate / 1000;
        if (pcm.Length >= length)
        {
            pcm[^length..].CopyTo(_history);
            _held = length;
            return;
        }

        var kept = Math.Min(_held, length - pcm.Length);
        _history.AsSpan(_held - kept, kept).CopyTo(_history);
        pcm.CopyTo(_history.AsSpan(kept));
        _held = kept + pcm.Length;
    }

    /// <summary>Forgets the past, at a change of source or after silence.</summary>
    public void Reset(int sampleRate)
    {
        _rate = sampleRate;
        if (_history.Length < HistoryMilliseconds * _rate / 1000) _history = new short[HistoryMilliseconds * _rate / 1000];
        _held = 0;
        _made = 0;
    }

    /// <summary>Continues the last audio; calls follow each other until the next <see cref="Remember"/>.</summary>
    public void Conceal(Span<short> pcm)
    {
        if (_made == 0) _period = FindPeriod();
        var fadeFrom = 10 * _rate / 1000;
        var fadeTo = MaxMilliseconds * _rate / 1000;
        for (var i = 0; i < pcm.Length; i++, _made++)
        {
            var gain = _period == 0 || _made >= fadeTo ? 0f
                : _made < fadeFrom ? 1f
                : (float)(fadeTo - _made) / (fadeTo - fadeFrom);
            pcm[i] = gain == 0 ? (short)0 : (short)(gain * _history[_held - _period + _made % _period]);
        }
    }

    /// <summary>The lag, in samples, at which the last 10 ms resemble the past most; 0 when there is too little past.</summary>
    private int FindPeriod()
    {
        var shortest = _rate / MaxPitchHz;
        var longest = _rate / MinPitchHz;
        var window = _rate / 100;
        if (_held < longest + window) return _held >= window ? window : 0;

        var recent = _history.AsSpan(_held - window, window);
        var (best, bestScore) = (shortest, double.MinValue);
        for (var lag = shortest; lag <= longest; lag++)
        {
            var past = _history.AsSpan(_held - window - lag, window);
            double cross = 0, energy = 1;
            for (var i = 0; i < window; i++)
            {
                cross += recent[i] * past[i];
                energy += past[i] * past[i];
            }

            var score = cross / Math.Sqrt(energy);
            if (score > bestScore) (best, bestScore) = (lag, score);
        }

        return best;
    }
}
