using Xunit;

namespace EdgeAssist.Contracts.Tests.Audio;

public sealed class AudioPipeTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);
    private readonly short[] _buffer = new short[AudioPipe.MaxFrameSamples];

    [Fact]
    public void A_frame_comes_out_as_it_went_in()
    {
        var pipe = new AudioPipe();
        var frame = new PcmFrame(12_345, 320, PcmFrameKind.Concealed, new Instant(7), new Instant(9));
        var samples = Enumerable.Range(0, 320).Select(i => (short)(i * 100 - 16_000)).ToArray();

        Assert.Equal(0, pipe.Write(frame, samples));

        Assert.Equal(TimeSpan.FromMilliseconds(20), pipe.Buffered);
        Assert.True(pipe.TryRead(_buffer, out var read));
        Assert.Equal(frame, read);
        Assert.Equal(samples, _buffer[..320]);
        Assert.False(pipe.TryRead(_buffer, out _));
        Assert.Equal(TimeSpan.Zero, pipe.Buffered);
    }

    [Fact]
    public void A_reader_that_is_behind_finds_the_newest_audio_and_the_gap_in_the_positions()
    {
        var pipe = new AudioPipe(TimeSpan.FromMilliseconds(200));

        var dropped = Enumerable.Range(0, 25).Sum(i => Write(pipe, i * 320));

        Assert.Equal(15 * 320, dropped);
        Assert.Equal(15 * 320, pipe.DroppedSamples);
        Assert.Equal(TimeSpan.FromMilliseconds(200), pipe.Buffered);
        Assert.True(pipe.TryRead(_buffer, out var first));
        Assert.Equal(15 * 320, first.Position);
    }

    [Fact]
    public void What_is_held_is_never_more_than_the_bound_whatever_the_frames_are()
    {
        var pipe = new AudioPipe(TimeSpan.FromMilliseconds(500));
        var random = new Random(11);
        long position = 0, written = 0;

        for (var i = 0; i < 5_000; i++)
        {
            var count = random.Next(1, AudioPipe.MaxFrameSamples + 1);
            pipe.Write(new PcmFrame(position, count, PcmFrameKind.Received, default, default), _buffer.AsSpan(0, count));
            position += count;
            written += count;
            Assert.True(pipe.Buffered <= pipe.MaxAge);
            if (random.Next(3) == 0 && pipe.TryRead(_buffer, out var frame)) written -= frame.SampleCount;
        }

        Assert.Equal(written, pipe.DroppedSamples + PcmFormat.Samples(pipe.Buffered));
    }

    [Fact]
    public async Task After_completion_what_is_held_is_read_and_then_the_end_is_told()
    {
        using var limit = new CancellationTokenSource(s_limit);
        var pipe = new AudioPipe();
        Write(pipe, 0);
        Write(pipe, 320);

        pipe.Complete();
        pipe.Complete();
        Assert.Equal(0, Write(pipe, 640));

        Assert.True(await pipe.WaitToReadAsync(limit.Token));
        Assert.True(pipe.TryRead(_buffer, out _));
        Assert.True(await pipe.WaitToReadAsync(limit.Token));
        Assert.True(pipe.TryRead(_buffer, out var last));
        Assert.Equal(320, last.Position);
        Assert.False(await pipe.WaitToReadAsync(limit.Token));
    }

    [Fact]
    public async Task A_waiting_reader_is_woken_by_a_frame_by_the_end_and_by_its_token()
    {
        using var limit = new CancellationTokenSource(s_limit);
        var pipe = new AudioPipe();

        var waiting = pipe.WaitToReadAsync(limit.Token);
        Assert.False(waiting.IsCompleted);
        Write(pipe, 0);
        Assert.True(await waiting);
        pipe.TryRead(_buffer, out _);

        using var stop = new CancellationTokenSource();
        var cancelled = pipe.WaitToReadAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        var atTheEnd = pipe.WaitToReadAsync(limit.Token);
        pipe.Complete();
        Assert.False(await atTheEnd);
    }

    [Fact]
    public async Task A_fast_writer_and_a_slow_reader_lose_no_sample_unaccounted()
    {
        using var limit = new CancellationTokenSource(s_limit);
        var pipe = new AudioPipe(TimeSpan.FromMilliseconds(300));
        const int frames = 50_000;

        var writing = Task.Run(() =>
        {
            var samples = new short[160];
            for (var i = 0; i < frames; i++)
            {
                Array.Fill(samples, (short)i);
                pipe.Write(new PcmFrame(i * 160L, 160, PcmFrameKind.Received, default, default), samples);
            }

            pipe.Complete();
        }, limit.Token);

        long read = 0, next = 0, gaps = 0;
        while (await pipe.WaitToReadAsync(limit.Token))
        {
            if (!pipe.TryRead(_buffer, out var frame)) continue;
            Assert.True(frame.Position >= next, "Positions never go back.");
            Assert.Equal((short)(frame.Position / 160), _buffer[0]);
            Assert.Equal(_buffer[0], _buffer[159]);
            gaps += frame.Position - next;
            next = frame.End;
            read += frame.SampleCount;
        }

        await writing;
        Assert.Equal(frames * 160L, read + pipe.DroppedSamples);
        Assert.Equal(pipe.DroppedSamples, gaps);
    }

    [Fact]
    public void A_warm_pipe_allocates_nothing()
    {
        var pipe = new AudioPipe();
        Pass(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Pass(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Pass(int frames)
        {
            for (var i = 0; i < frames; i++)
            {
                pipe.Write(new PcmFrame(i * 320L, 320, PcmFrameKind.Received, default, default), _buffer.AsSpan(0, 320));
                if (i % 4 == 3)
                    while (pipe.TryRead(_buffer, out _)) { }
            }
        }
    }

    [Fact]
    public void A_full_pipe_that_drops_allocates_nothing()
    {
        var pipe = new AudioPipe(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 1_000; i++) Write(pipe, i * 320L);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 1_000; i < 11_000; i++) Write(pipe, i * 320L);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact] // FEATURES J3: what is withheld is gone, its time is not
    public void Withheld_audio_is_silence_in_its_place_and_allocates_nothing()
    {
        var pipe = new AudioPipe();
        _buffer.AsSpan(0, 320).Fill(7);
        Write(pipe, 0);
        pipe.IsWithheld = true;
        Write(pipe, 320);
        pipe.IsWithheld = false;
        Write(pipe, 640);

        foreach (var (position, kind, value) in ((long, PcmFrameKind, short)[])[(0, PcmFrameKind.Received, 7), (320, PcmFrameKind.Silence, 0), (640, PcmFrameKind.Received, 7)])
        {
            Assert.True(pipe.TryRead(_buffer, out var frame));
            Assert.Equal((position, kind, 320), (frame.Position, frame.Kind, frame.SampleCount));
            Assert.All(_buffer[..320], sample => Assert.Equal(value, sample));
        }

        pipe.IsWithheld = true;
        for (var i = 0; i < 500; i++) Write(pipe, i * 320L);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 500; i < 1_500; i++) Write(pipe, i * 320L);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(320, 319)]
    [InlineData(3_201, 3_201)]
    public void A_frame_that_does_not_match_its_samples_is_refused(int count, int samples)
    {
        var pipe = new AudioPipe();

        Assert.Throws<ArgumentException>(() => pipe.Write(new PcmFrame(0, count, PcmFrameKind.Received, default, default), new short[samples]));
    }

    [Theory]
    [InlineData(199)]
    [InlineData(60_001)]
    public void A_bound_outside_its_range_is_refused(int milliseconds)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AudioPipe(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [Fact]
    public void A_destination_that_could_be_too_short_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new AudioPipe().TryRead(new short[AudioPipe.MaxFrameSamples - 1], out _));
    }

    private long Write(AudioPipe pipe, long position) =>
        pipe.Write(new PcmFrame(position, 320, PcmFrameKind.Received, default, default), _buffer.AsSpan(0, 320));
}
