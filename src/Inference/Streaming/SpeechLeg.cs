using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Vad;

namespace EdgeAssist.Inference.Streaming;

/// <summary>What a leg tells its call while audio goes through it.</summary>
internal interface ISpeechLegListener
{
    /// <param name="leg">The leg.</param>
    /// <param name="frame">Where the frame lies.</param>
    /// <param name="samples">Its samples; valid during the call.</param>
    /// <param name="probability">That somebody speaks.</param>
    void OnFrame(SpeechLeg leg, in AssembledFrame frame, ReadOnlySpan<float> samples, float probability);

    void OnUtterance(SpeechLeg leg, in SegmenterEvent happened);

    void OnGap(SpeechLeg leg, long from, long to, string cause);
}

/// <summary>
/// One leg of a call: its audio becomes frames, frames become utterances. Owned by the call's loop, which pulls the audio
/// through with <see cref="TryAdvance"/>.
/// </summary>
internal sealed class SpeechLeg : IDisposable
{
    private readonly AudioPipe _audio;
    private readonly IVoiceActivity _voice;
    private readonly UtteranceSegmenter _segmenter;
    private readonly FrameAssembler _assembler = new();
    private readonly AnalysisSettings _settings;
    private readonly short[] _stretch = new short[AudioPipe.MaxFrameSamples];
    private readonly float[] _frame = new float[VadFrame.Samples];
    private long _droppedBefore;
    private long _lostFrom = -1;

    public SpeechLeg(LegInfo info, AudioPipe audio, IVoiceActivity voice, AnalysisSettings settings)
    {
        (Info, _audio, _voice, _settings) = (info, audio, voice, settings);
        _segmenter = new UtteranceSegmenter(settings.Segmenter);
        var segmenter = settings.Segmenter;
        Buffer = new LegBuffer(segmenter.HardLimitFrames + segmenter.PreRollFrames + segmenter.HangOverFrames + segmenter.OnFrames + 1);
    }

    public LegInfo Info { get; }

    public LegBuffer Buffer { get; }

    /// <summary>The utterance in hand, or the last one; counted from 1.</summary>
    public int Utterance { get; set; }

    /// <summary>Where the newest partial of the utterance in hand ended.</summary>
    public long PartialTo { get; set; }

    /// <summary>The partial that waits or runs, if any.</summary>
    public RecognitionJob? Partial { get; set; }

    /// <summary>What the newest partial of the utterance in hand decoded; the next recognition of it begins with that.</summary>
    public ImmutableArray<int> Draft { get; set; } = [];

    /// <summary>True when a partial of the utterance in hand was told.</summary>
    public bool PartialTold { get; set; }

    /// <summary>The relay was told that somebody speaks here, and not yet that they ceased.</summary>
    public bool SpeechTold { get; set; }

    /// <summary>Where an utterance was last cut for its length.</summary>
    public long CutAt { get; set; }

    /// <summary>What partials of the utterance in hand have committed.</summary>
    public StablePrefix Stable { get; set; } = new();

    /// <summary>Finals that wait, run, or are held back for an earlier one.</summary>
    public Queue<PendingFinal> Finals { get; } = new();

    /// <summary>When audio was last read; while somebody speaks and nothing comes, the utterance is closed.</summary>
    public Instant LastReadAt { get; private set; } = Instant.Never;

    public bool Ended { get; private set; }

    public bool HasAudio => !Ended && _audio.Buffered > TimeSpan.Zero;

    /// <summary>Behind the newest sample read.</summary>
    public long End => _assembler.End;

    public bool Speaking => _segmenter.Speaking;

    /// <summary>First sample to recognise of the utterance in hand.</summary>
    public long AudioFrom => _segmenter.AudioFrom;

    /// <summary>First sample of speech of the utterance in hand.</summary>
    public long SpeechFrom => _segmenter.Start;

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _audio.WaitToReadAsync(cancellationToken);

    /// <summary>Takes one stretch of audio through. False when none waits.</summary>
    public bool TryAdvance(Instant now, ISpeechLegListener listener)
    {
        if (Ended || !_audio.TryRead(_stretch, out var head)) return false;

        LastReadAt = now;
        TrackLoss(head, listener);
        if (_assembler.Push(head, _stretch.AsSpan(0, head.SampleCount)) is { } hole) Skip(hole, listener);
        TakeFrames(listener);
        return true;
    }

    /// <summary>Closes the utterance in hand where its words ended.</summary>
    public void Flush(ISpeechLegListener listener)
    {
        _segmenter.Flush();
        TellUtterances(listener);
    }

    /// <summary>No audio follows: what there is becomes the last utterance.</summary>
    public void Finish(ISpeechLegListener listener)
    {
        if (Ended) return;
        _assembler.Finish();
        TakeFrames(listener);
        EndLoss(End, listener);
        Flush(listener);
        Ended = true;
    }

    /// <summary>Throws audio away: analysis of the call has ended.</summary>
    public void Discard()
    {
        while (_audio.TryRead(_stretch, out _))
        {
        }
    }

    public void Dispose() => _voice.Dispose();

    private void TakeFrames(ISpeechLegListener listener)
    {
        while (_assembler.TryTake(_frame, out var frame))
        {
            Buffer.Append(frame, _frame);
            var probability = _voice.Next(_frame);
            if (Power(_frame) < _settings.PowerFloor) probability = 0;

            _segmenter.OnFrame(frame.Position, probability);
            TellUtterances(listener);
            listener.OnFrame(this, frame, _frame, probability);
        }
    }

    private void TellUtterances(ISpeechLegListener listener)
    {
        while (_segmenter.TryTake(out var happened)) listener.OnUtterance(this, happened);
    }

    private void Skip(AudioHole hole, ISpeechLegListener listener)
    {
        _segmenter.OnGap(hole.To);
        TellUtterances(listener);
        Buffer.Restart(hole.To);
        _voice.Reset();

        var dropped = _audio.DroppedSamples;
        listener.OnGap(this, hole.From, hole.To, dropped > _droppedBefore ? "reader_behind" : "network_loss");
        _droppedBefore = dropped;
    }

    private void TrackLoss(in PcmFrame head, ISpeechLegListener listener)
    {
        if (!head.Kind.HasFlag(PcmFrameKind.Lost)) EndLoss(head.Position, listener);
        else if (_lostFrom < 0) _lostFrom = head.Position;
    }

    private void EndLoss(long at, ISpeechLegListener listener)
    {
        if (_lostFrom >= 0 && at - _lostFrom >= _settings.LossToTell) listener.OnGap(this, _lostFrom, at, "network_loss");
        _lostFrom = -1;
    }

    private static float Power(ReadOnlySpan<float> frame) =>
        System.Numerics.Tensors.TensorPrimitives.SumOfSquares(frame) / frame.Length;
}
