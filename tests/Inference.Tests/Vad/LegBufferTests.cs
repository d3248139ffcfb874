using EdgeAssist.Inference.Vad;
using Xunit;

namespace EdgeAssist.Inference.Tests.Vad;

public sealed class LegBufferTests
{
    [Fact]
    public void What_is_kept_can_be_copied_from_any_position_to_any_other()
    {
        var buffer = Filled(frames: 10, appended: 8, origin: 700);

        var copy = buffer.Copy(700 + 100, 700 + 1300);

        Assert.Equal(Enumerable.Range(100, 1200).Select(i => (float)i), copy);
    }

    [Fact]
    public void The_oldest_frames_give_way_and_copies_begin_at_what_is_left()
    {
        var buffer = Filled(frames: 4, appended: 9, origin: 0);

        var copy = buffer.Copy(0, long.MaxValue);

        Assert.Equal(4 * VadFrame.Samples, copy.Length);
        Assert.Equal(5 * VadFrame.Samples, copy[0]);
    }

    [Fact]
    public void The_head_of_a_position_is_that_of_the_frame_with_the_sample_before_it()
    {
        var buffer = Filled(frames: 10, appended: 8, origin: 0);

        Assert.Equal(0, buffer.HeadBefore(VadFrame.Samples).Position);
        Assert.Equal(VadFrame.Samples, buffer.HeadBefore(VadFrame.Samples + 1).Position);
    }

    [Fact]
    public void The_lost_share_counts_the_frames_asked_for_only()
    {
        var buffer = Filled(frames: 10, appended: 8, origin: 0);   // frame i has lost i samples

        Assert.Equal((2 + 3) / 1024f, buffer.LostShare(2 * VadFrame.Samples, 4 * VadFrame.Samples), 1e-6f);
    }

    private static LegBuffer Filled(int frames, int appended, long origin)
    {
        var buffer = new LegBuffer(frames);
        for (var i = 0; i < appended; i++)
        {
            float[] samples = [.. Enumerable.Range(i * VadFrame.Samples, VadFrame.Samples).Select(x => (float)x)];
            buffer.Append(new AssembledFrame(origin + i * VadFrame.Samples, i, default, default), samples);
        }

        return buffer;
    }
}
