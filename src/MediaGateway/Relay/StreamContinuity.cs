using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>The numbers of one RTP packet.</summary>
internal readonly record struct RtpNumbers(uint Ssrc, ushort Sequence, uint Timestamp);

/// <summary>What became of a packet's numbers.</summary>
internal enum ContinuityVerdict
{
    /// <summary>Belongs to the stream.</summary>
    Same = 0,

    /// <summary>The first packet of another source: joined on, wants the marker bit.</summary>
    Joined,

    /// <summary>Of a source that another one has displaced and that still sends: not for forwarding.</summary>
    Displaced,
}

/// <summary>
/// Keeps one SSRC, one line of sequence numbers and one line of timestamps towards a receiver, whoever sends: a new source (a
/// transfer, a forked answer, a restart) goes on where the one before stopped, with the time that passed in between, and
/// packets of our own may be put in. The first source passes unchanged, offset 0, so that an undisturbed stream is forwarded
/// as it is. Pure; nothing is allocated.
/// </summary>
internal struct StreamContinuity
{
    /// <summary>How long after its last packet a displaced source counts as gone and may come back as a new one.</summary>
    private static readonly TimeSpan s_hysteresis = TimeSpan.FromMilliseconds(200);

    private uint _inSsrc, _outSsrc, _displaced;
    private uint _sequenceOffset, _timestampOffset;
    private uint _highestTimestamp;
    private ushort _highestSequence;
    private Instant _lastAt;
    private bool _started, _armed, _hasDisplaced;

    public readonly bool HasStarted => _started;

    /// <summary>The SSRC the sender uses now.</summary>
    public readonly uint InSsrc => _inSsrc;

    /// <summary>The SSRC the receiver hears.</summary>
    public readonly uint OutSsrc => _outSsrc;

    /// <summary>Added to sequence numbers on the way, modulo 2¹⁶; kept in 32 bits for extended ones.</summary>
    public readonly uint SequenceOffset => _sequenceOffset;

    /// <summary>Added to timestamps on the way, modulo 2³².</summary>
    public readonly uint TimestampOffset => _timestampOffset;

    /// <summary>Whether packets pass unchanged.</summary>
    public readonly bool IsPlain => _inSsrc == _outSsrc && _sequenceOffset == 0 && _timestampOffset == 0;

    /// <summary>Sources joined on after the first.</summary>
    public int Changes { get; private set; }

    /// <summary>The next packet is of a new source, even if its SSRC is the old one (signalling moved the stream).</summary>
    public void Arm() => _armed = _started;

    /// <summary>Translates the numbers of a packet.</summary>
    /// <param name="numbers">As received; overwritten.</param>
    /// <param name="clockRate">Of its payload, in Hz; 8,000 where it is not known.</param>
    /// <param name="now">When it came.</param>
    public ContinuityVerdict Translate(ref RtpNumbers numbers, int clockRate, Instant now)
    {
        var verdict = ContinuityVerdict.Same;
        if (!_started)
        {
            Start(numbers);
        }
        else if (numbers.Ssrc != _inSsrc || _armed)
        {
            if (_hasDisplaced && !_armed && numbers.Ssrc == _displaced && now - _lastAt < s_hysteresis) return ContinuityVerdict.Displaced;
            Join(numbers, clockRate, now);
            verdict = ContinuityVerdict.Joined;
        }

        numbers = new RtpNumbers(_outSsrc, (ushort)(numbers.Sequence + _sequenceOffset), numbers.Timestamp + _timestampOffset);
        Remember(numbers, now);
        return verdict;
    }

    /// <summary>Numbers for a packet of our own behind the newest one; the sender's later packets make room for it.</summary>
    /// <param name="ssrc">Used when nobody has sent yet.</param>
    /// <param name="samples">How far the timestamp goes on, in units of its clock.</param>
    /// <param name="now">The time.</param>
    public RtpNumbers Insert(uint ssrc, int samples, Instant now)
    {
        if (!_started)
        {
            // The sender, when it comes, is joined on to what was said before it.
            Start(new RtpNumbers(ssrc, 0, 0));
            Arm();
        }

        _sequenceOffset++;
        var numbers = new RtpNumbers(_outSsrc, (ushort)(_highestSequence + 1), _highestTimestamp + (uint)samples);
        Remember(numbers, now);
        return numbers;
    }

    private void Start(in RtpNumbers first)
    {
        _started = true;
        (_inSsrc, _outSsrc) = (first.Ssrc, first.Ssrc);
        (_highestSequence, _highestTimestamp) = (first.Sequence, first.Timestamp);
    }

    private void Join(in RtpNumbers first, int clockRate, Instant now)
    {
        var elapsed = (uint)Math.Max(1, (now - _lastAt).Ticks * clockRate / TimeSpan.TicksPerSecond);
        (_displaced, _hasDisplaced) = (_inSsrc, _inSsrc != first.Ssrc);
        _inSsrc = first.Ssrc;
        _sequenceOffset = (ushort)(_highestSequence + 1 - first.Sequence);
        _timestampOffset = _highestTimestamp + elapsed - first.Timestamp;
        _armed = false;
        Changes++;
    }

    private void Remember(in RtpNumbers sent, Instant now)
    {
        _lastAt = now;
        var step = (short)(sent.Sequence - _highestSequence);
        if (step < 0) return;
        (_highestSequence, _highestTimestamp) = (sent.Sequence, sent.Timestamp);
    }
}
