namespace EdgeAssist.Contracts;

/// <summary>Somebody who listens to a leg besides its reader.</summary>
public interface IAudioTap
{
    /// <summary>One frame, on the writer's thread: to be copied at once, without waiting, and without failing.</summary>
    void OnFrame(in PcmFrame frame, ReadOnlySpan<short> samples);
}
