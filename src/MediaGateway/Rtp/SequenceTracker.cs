namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>What the sequence number says about a packet.</summary>
internal enum SequenceVerdict
{
    /// <summary>Belongs to the stream, perhaps behind a gap or out of order.</summary>
    Accepted = 0,

    /// <summary>The source has not yet shown two packets in sequence.</summary>
    Probation,

    /// <summary>While on probation, a packet far from the others: counting begins again with it.</summary>
    ProbationRestarted,

    /// <summary>Far from the stream; accepted only if the next one follows it.</summary>
    Jump,

    /// <summary>The second of two packets after a jump: the sender restarted its numbers.</summary>
    Restarted,
}

/// <summary>
/// RFC 3550 §A.1: probation of a new source, wraps, big jumps. Gives each packet a number that never wraps and, across a
/// restart, still rises. Where A.1 lets a source on probation start over at each packet out of order, a small step back
/// here leaves it where it was, so that reordering at the start of a call costs nothing.
/// </summary>
internal struct SequenceTracker
{
    /// <summary>A step forward below this is a gap, from it on a jump.</summary>
    public const int MaxDropout = 3_000;

    /// <summary>A step back above this is a jump, up to it reordering.</summary>
    public const int MaxMisorder = 100;

    /// <summary>Packets in sequence before a source is valid.</summary>
    public const int MinSequential = 2;

    private long _highest;
    private int _probation;
    private int _expectedAfterJump;
    private bool _started;

    /// <summary>The highest extended number so far; its low 16 bits are the sequence number on the wire.</summary>
    public readonly long Highest => _highest;

    /// <summary>The extended number the counts began at.</summary>
    public long Base { get; private set; }

    public readonly bool IsValid => _started && _probation == 0;

    public SequenceVerdict Update(SequenceNumber number, out long extended)
    {
        if (!_started)
        {
            Begin(0x1_0000L + number.Value, MinSequential - 1);
            extended = _highest;
            return SequenceVerdict.Probation;
        }

        var step = new SequenceNumber((ushort)_highest).DistanceTo(number);
        extended = _highest + step;
        if (step is >= MaxDropout or <= -MaxMisorder) return OnJump(number, out extended);

        _expectedAfterJump = -1;
        if (step > 0) _highest = extended;
        if (_probation == 0) return SequenceVerdict.Accepted;

        if (step == 1) _probation--;
        return _probation == 0 ? SequenceVerdict.Accepted : SequenceVerdict.Probation;
    }

    private SequenceVerdict OnJump(SequenceNumber number, out long extended)
    {
        // Two cycles on, so that whatever the new number is it lies ahead of the old ones.
        extended = (_highest & ~0xFFFFL) + 0x2_0000 + number.Value;
        if (_probation > 0)
        {
            Begin(extended, MinSequential - 1);
            return SequenceVerdict.ProbationRestarted;
        }

        if (_expectedAfterJump != number.Value)
        {
            _expectedAfterJump = number.Next.Value;
            return SequenceVerdict.Jump;
        }

        Begin(extended, 0);
        return SequenceVerdict.Restarted;
    }

    private void Begin(long extended, int probation)
    {
        _started = true;
        _highest = extended;
        Base = extended;
        _probation = probation;
        _expectedAfterJump = -1;
    }
}
