using EdgeAssist.Inference.Vad;
using Xunit;

namespace EdgeAssist.Inference.Tests.Vad;

public sealed class UtteranceSegmenterTests
{
    private const int Frame = VadFrame.Samples;
    private static readonly SegmenterSettings Settings = new();
    private readonly UtteranceSegmenter _segmenter = new(Settings);
    private readonly List<SegmenterEvent> _events = [];
    private long _position;

    [Fact]
    public void Two_frames_of_speech_begin_nothing_and_three_do()
    {
        Feed(20, 0.1f);
        Feed(2, 0.9f);
        Feed(5, 0.1f);
        Assert.Empty(_events);

        Feed(3, 0.9f);

        var started = Assert.Single(_events);
        Assert.Equal(SegmenterEventKind.Started, started.Kind);
        Assert.Equal(27 * Frame, started.Start);
        Assert.Equal(20 * Frame, started.AudioFrom);   // seven frames of pre-roll
    }

    [Fact]
    public void The_words_end_at_the_last_frame_of_speech_whatever_the_hang_over()
    {
        Feed(10, 0.1f);
        Feed(20, 0.9f);
        Feed(Settings.HangOverFrames, 0.1f);

        var ended = _events[^1];
        Assert.Equal(SegmenterEventKind.Ended, ended.Kind);
        Assert.Equal(30 * Frame, ended.WordsEnd);
        Assert.Equal((30 + Settings.TailFrames) * Frame, ended.AudioTo);
        Assert.False(ended.Cut);
    }

    [Fact]
    public void A_pause_shorter_than_the_hang_over_belongs_to_the_utterance()
    {
        Feed(20, 0.9f);
        Feed(Settings.HangOverFrames - 1, 0.1f);
        Feed(20, 0.9f);
        Feed(Settings.HangOverFrames, 0.1f);

        Assert.Equal(2, _events.Count);
        Assert.Equal((40 + Settings.HangOverFrames - 1) * Frame, _events[1].WordsEnd);
    }

    [Fact]
    public void Between_the_two_thresholds_speech_goes_on_but_does_not_begin()
    {
        Feed(20, 0.4f);
        Assert.Empty(_events);

        Feed(3, 0.9f);
        Feed(40, 0.4f);

        Assert.True(_segmenter.Speaking);
        Assert.Single(_events);
    }

    [Fact]
    public void A_long_utterance_ends_at_the_next_soft_pause()
    {
        Feed(Settings.SoftLimitFrames, 0.9f);
        Feed(Settings.SoftPauseFrames, 0.1f);

        Assert.True(_events[^1].Cut);
        Assert.Equal(Settings.SoftLimitFrames * Frame, _events[^1].WordsEnd);
        Assert.False(_segmenter.Speaking);
    }

    [Fact]
    public void Without_a_pause_it_is_cut_at_its_least_likely_frame_and_goes_on_there()
    {
        Feed(Settings.HardLimitFrames - 11, 0.9f);
        Feed(1, 0.6f);
        Feed(10, 0.9f);

        Assert.Equal([SegmenterEventKind.Started, SegmenterEventKind.Ended, SegmenterEventKind.Started], _events.Select(e => e.Kind));
        Assert.Equal((Settings.HardLimitFrames - 10) * Frame, _events[1].AudioTo);
        Assert.Equal(_events[1].AudioTo, _events[2].AudioFrom);
        Assert.True(_segmenter.Speaking);
    }

    [Fact]
    public void The_pre_roll_never_reaches_into_the_utterance_before()
    {
        Feed(20, 0.9f);
        Feed(Settings.HangOverFrames, 0.1f);
        Feed(3, 0.9f);

        var (first, second) = (_events[1], _events[2]);
        Assert.True(second.AudioFrom >= first.AudioTo, $"{second.AudioFrom} lies before {first.AudioTo}.");
    }

    [Fact]
    public void A_gap_ends_the_utterance_and_is_not_reached_over()
    {
        Feed(20, 0.9f);
        _position = 100 * Frame;
        _segmenter.OnGap(_position);
        Take();
        Feed(3, 0.9f);

        Assert.Equal([SegmenterEventKind.Started, SegmenterEventKind.Ended, SegmenterEventKind.Started], _events.Select(e => e.Kind));
        Assert.Equal(20 * Frame, _events[1].WordsEnd);
        Assert.Equal(100 * Frame, _events[2].AudioFrom);
    }

    private void Feed(int frames, float probability)
    {
        for (var i = 0; i < frames; i++)
        {
            _segmenter.OnFrame(_position, probability);
            _position += Frame;
            Take();
        }
    }

    private void Take()
    {
        while (_segmenter.TryTake(out var happened)) _events.Add(happened);
    }
}
