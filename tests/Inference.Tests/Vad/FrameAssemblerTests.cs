using CsCheck;
using EdgeAssist.Contracts;
using EdgeAssist.Inference.Vad;
using Xunit;

namespace EdgeAssist.Inference.Tests.Vad;

public sealed class FrameAssemblerTests
{
    [Fact]
    public void Any_split_of_the_audio_gives_the_same_frames() =>
        Gen.Int[1, AudioPipe.MaxFrameSamples].Array[1, 30].Sample(lengths =>
        {
            var audio = Ramp(lengths.Sum());

            var frames = Assemble(audio, lengths);

            Assert.Equal(audio.Length / VadFrame.Samples, frames.Count);
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.Equal(i * VadFrame.Samples, frames[i].Head.Position);
                Assert.Equal(audio[i * VadFrame.Samples] / 32768f, frames[i].Samples[0]);
                Assert.Equal(audio[(i + 1) * VadFrame.Samples - 1] / 32768f, frames[i].Samples[^1]);
            }
        });

    [Fact]
    public void A_short_hole_is_filled_with_silence_that_counts_as_lost()
    {
        var assembler = new FrameAssembler();
        assembler.Push(Head(0, 400), Ramp(400));

        var hole = assembler.Push(Head(500, 200), Ramp(200));

        var frame = Assert.Single(Take(assembler));
        Assert.Null(hole);
        Assert.Equal(100, frame.Head.LostSamples);
        Assert.Equal(0, frame.Samples[450]);
    }

    [Fact]
    public void Behind_a_long_hole_frames_begin_anew()
    {
        var assembler = new FrameAssembler();
        assembler.Push(Head(0, 400), Ramp(400));

        var hole = assembler.Push(Head(16_000, 512), Ramp(512));

        Assert.Equal(new AudioHole(0, 16_000), hole);
        Assert.Equal(16_000, Assert.Single(Take(assembler)).Head.Position);
    }

    [Fact]
    public void Audio_that_overlaps_is_heard_once()
    {
        var assembler = new FrameAssembler();
        assembler.Push(Head(0, 400), Ramp(400));

        assembler.Push(Head(200, 400), Ramp(400));

        Assert.Equal(600, assembler.End);
    }

    [Fact]
    public void At_the_end_the_last_frame_is_filled_up()
    {
        var assembler = new FrameAssembler();
        assembler.Push(Head(0, 100), Ramp(100));

        assembler.Finish();

        Assert.Equal(0, Assert.Single(Take(assembler)).Head.LostSamples);
    }

    private static List<(AssembledFrame Head, float[] Samples)> Assemble(short[] audio, int[] lengths)
    {
        var assembler = new FrameAssembler();
        var frames = new List<(AssembledFrame, float[])>();
        var at = 0;
        foreach (var length in lengths)
        {
            assembler.Push(Head(at, length), audio.AsSpan(at, length));
            frames.AddRange(Take(assembler));
            at += length;
        }

        return frames;
    }

    private static List<(AssembledFrame Head, float[] Samples)> Take(FrameAssembler assembler)
    {
        var frames = new List<(AssembledFrame, float[])>();
        var samples = new float[VadFrame.Samples];
        while (assembler.TryTake(samples, out var head)) frames.Add((head, [.. samples]));
        return frames;
    }

    private static PcmFrame Head(long position, int count) => new(position, count, PcmFrameKind.Received, default, default);

    private static short[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => (short)(i % 30_000 + 1))];
}
