namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>A sliding window of the 128 newest indices (RFC 3711 §3.3.2 asks for 64 at least).</summary>
internal struct ReplayWindow
{
    public const int Size = 128;

    private UInt128 _seen;   // bit i: index Highest − i was accepted

    /// <summary>The highest index accepted; −1 before the first.</summary>
    public long Highest { get; private set; }

    public static ReplayWindow Empty => new() { Highest = -1 };

    /// <summary>Whether an index may still be accepted: it is new and not too old.</summary>
    public readonly bool Allows(long index)
    {
        var age = Highest - index;
        return age < 0 || (age < Size && (_seen & (UInt128.One << (int)age)) == UInt128.Zero);
    }

    /// <summary>Marks an index that was authenticated.</summary>
    public void Accept(long index)
    {
        var step = index - Highest;
        if (step <= 0)
        {
            _seen |= UInt128.One << (int)-step;
            return;
        }

        _seen = step >= Size ? UInt128.One : (_seen << (int)step) | UInt128.One;
        Highest = index;
    }
}

/// <summary>What one synchronisation source has used of a key (RFC 3711 §3.2.1).</summary>
internal struct SrtpSource(uint ssrc)
{
    /// <summary>RTP: 48-bit packet indices, ROC · 2¹⁶ + SEQ.</summary>
    public ReplayWindow Media = ReplayWindow.Empty;

    /// <summary>RTCP: 31-bit indices.</summary>
    public ReplayWindow Control = ReplayWindow.Empty;

    public readonly uint Ssrc = ssrc;
}

/// <summary>
/// The sources under one key. None is ever forgotten while the key lives: a source that came back would else start again at
/// index 0, which is a replay on one side and a two-time pad on the other. A leg's sources are few, hence a plain search.
/// </summary>
internal sealed class SrtpSources
{
    /// <summary>Sources a key serves at most.</summary>
    public const int Max = 64;

    private SrtpSource[] _sources = new SrtpSource[2];

    public int Count { get; private set; }

    /// <summary>Where a source stands; −1 when it is new.</summary>
    public int IndexOf(uint ssrc)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_sources[i].Ssrc == ssrc) return i;
        }

        return -1;
    }

    public ref SrtpSource At(int index) => ref _sources[index];

    /// <summary>Adds a source.</summary>
    /// <returns>Where it stands; −1 when there are <see cref="Max"/>.</returns>
    public int Add(uint ssrc)
    {
        if (Count == Max) return -1;
        if (Count == _sources.Length) Array.Resize(ref _sources, 2 * Count);
        _sources[Count] = new SrtpSource(ssrc);
        return Count++;
    }
}
