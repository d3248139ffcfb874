using EdgeAssist.MediaGateway.Rtp;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Rtp;

/// <summary>RFC 3550 §A.1.</summary>
public sealed class SequenceTrackerTests
{
    private SequenceTracker _tracker;

    [Fact]
    public void Two_packets_in_sequence_make_a_source()
    {
        Assert.Equal(SequenceVerdict.Probation, Update(10));
        Assert.False(_tracker.IsValid);
        Assert.Equal(SequenceVerdict.Accepted, Update(11));
        Assert.True(_tracker.IsValid);
    }

    [Fact]
    public void Reordering_on_probation_does_not_start_it_over()
    {
        foreach (ushort number in new ushort[] { 10, 12, 11 }) Assert.Equal(SequenceVerdict.Probation, Update(number));

        Assert.Equal(SequenceVerdict.Accepted, Update(13));
    }

    [Fact]
    public void The_extended_number_goes_on_across_the_wrap()
    {
        Update(65_534);
        _tracker.Update(new SequenceNumber(65_535), out var before);
        _tracker.Update(new SequenceNumber(2), out var after);
        _tracker.Update(new SequenceNumber(0), out var between);

        Assert.Equal(before + 3, after);
        Assert.Equal(before + 1, between);
        Assert.Equal(after, _tracker.Highest);
    }

    [Theory]
    [InlineData(2_999, nameof(SequenceVerdict.Accepted))]
    [InlineData(3_000, nameof(SequenceVerdict.Jump))]
    [InlineData(-99, nameof(SequenceVerdict.Accepted))]
    [InlineData(-100, nameof(SequenceVerdict.Jump))]
    public void A_jump_begins_at_3000_forward_and_100_back(int step, string verdict)
    {
        Update(20_000);
        Update(20_001);

        Assert.Equal(verdict, Update((ushort)(20_001 + step)).ToString());
    }

    [Fact]
    public void The_second_packet_after_a_jump_restarts_above_all_numbers_before()
    {
        Update(20_000);
        Update(20_001);
        var highest = _tracker.Highest;

        Assert.Equal(SequenceVerdict.Jump, Update(5));
        Assert.Equal(SequenceVerdict.Restarted, Update(6));

        Assert.True(_tracker.Highest > highest);
        Assert.Equal(6, (ushort)_tracker.Highest);
        Assert.Equal(_tracker.Base, _tracker.Highest);
    }

    [Fact]
    public void Two_stray_packets_with_the_stream_between_them_do_not_restart_it()
    {
        Update(20_000);
        Update(20_001);
        Update(5);
        Update(20_002);

        Assert.Equal(SequenceVerdict.Jump, Update(6));
    }

    private SequenceVerdict Update(ushort number) => _tracker.Update(new SequenceNumber(number), out _);
}
