namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>Says whether nobody speaks in a packet, to find a place where moving the timeline by a few milliseconds is not heard.</summary>
internal struct QuietGate
{
    /// <summary>Mean magnitude that is quiet on any line: −54 dB of full scale.</summary>
    private const float AlwaysQuiet = 64;

    private float _usual;

    public bool IsQuiet(ReadOnlySpan<short> pcm)
    {
        var sum = 0L;
        foreach (var sample in pcm) sum += Math.Abs((int)sample);
        var level = (float)sum / pcm.Length;

        // A slow mean over about a second of packets; 12 dB under it is a pause between words.
        _usual += (level - _usual) / 64;
        return level < AlwaysQuiet || level < _usual / 4;
    }
}
