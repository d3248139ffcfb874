using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>What came out of a pipe.</summary>
internal sealed class PipeContent
{
    public List<PcmFrame> Frames { get; } = [];

    public List<short> Samples { get; } = [];

    public long FirstPosition => Frames[0].Position;

    public long Of(PcmFrameKind kind) => Frames.Where(frame => frame.Kind == kind).Sum(frame => (long)frame.SampleCount);

    /// <summary>Takes all that waits.</summary>
    public PipeContent Take(AudioPipe pipe)
    {
        Span<short> pcm = stackalloc short[AudioPipe.MaxFrameSamples];
        while (pipe.TryRead(pcm, out var frame))
        {
            Frames.Add(frame);
            Samples.AddRange(pcm[..frame.SampleCount]);
        }

        return this;
    }

    /// <summary>Reads until the pipe is completed.</summary>
    public static async Task<PipeContent> ReadToEndAsync(AudioPipe pipe, CancellationToken cancellationToken)
    {
        var content = new PipeContent();
        while (await pipe.WaitToReadAsync(cancellationToken)) content.Take(pipe);
        return content;
    }
}
