namespace EdgeAssist.MediaGateway.Relay;

/// <summary>What the source of a datagram is to a side.</summary>
internal enum SourceVerdict
{
    /// <summary>Somebody else.</summary>
    Stranger = 0,

    /// <summary>The side, as it is known.</summary>
    Known,

    /// <summary>The side's address with a port not seen before; it becomes the side when the packet proves valid.</summary>
    Candidate,
}

/// <summary>
/// Whom a side's ports listen to. Only ever the signalled address. Where signalling gave a port, only that port too, unless
/// the plan lets the port be learnt (a peer behind address translation); then the first valid packet fixes it, the signalled
/// port takes it back at any time, and nobody else can. Learning starts anew only with another signalled address, or by a
/// packet whose protection was verified (RFC 3711): that proves the peer moved.
/// </summary>
internal struct SourceGate
{
    private PeerAddress _signalled;
    private PeerAddress _signalledControl;
    private bool _learn;

    /// <summary>The port learnt, with the signalled address; <see cref="PeerAddress.None"/> before.</summary>
    public PeerAddress Latched { get; private set; }

    /// <summary>Where media for the side goes: the source it proved, else what it signalled.</summary>
    public readonly PeerAddress Media => Latched.HasAddress ? Latched : _signalled;

    /// <summary>Where RTCP for the side goes when it has a port of its own.</summary>
    public readonly PeerAddress Control => _signalledControl;

    /// <summary>Applies what signalling says.</summary>
    /// <returns>True when the side is another than before: its stream starts anew.</returns>
    public bool Update(PeerAddress media, PeerAddress control, bool learn)
    {
        _learn = learn;
        _signalledControl = control.IsComplete ? control : media.IsComplete ? media.WithPort(media.Port + 1) : PeerAddress.None;

        // A hold with c=0.0.0.0 takes the address away for a while; it opens the door to nobody and the source is kept.
        if (!media.HasAddress || media == _signalled) return false;
        var moved = _signalled.HasAddress;
        _signalled = media;
        Latched = PeerAddress.None;
        return moved;
    }

    /// <summary>Judges the source of a datagram on the RTP port.</summary>
    /// <param name="source">Where it came from.</param>
    /// <param name="isProtected">The side's packets are verified before anything follows from them.</param>
    public readonly SourceVerdict JudgeMedia(in PeerAddress source, bool isProtected)
    {
        if (source.Address != _signalled.Address || !_signalled.HasAddress) return SourceVerdict.Stranger;
        if (source == Latched) return SourceVerdict.Known;
        if (source.Port == _signalled.Port) return SourceVerdict.Candidate;

        var mayLearn = _learn || _signalled.Port == 0;
        if (!Latched.HasAddress) return mayLearn || isProtected ? SourceVerdict.Candidate : SourceVerdict.Stranger;
        return isProtected ? SourceVerdict.Candidate : SourceVerdict.Stranger;
    }

    /// <summary>Whether RTCP from this source is listened to.</summary>
    public readonly bool AdmitsControl(in PeerAddress source)
    {
        if (!_signalled.HasAddress || source.Address != Media.Address) return source == _signalledControl && source.IsComplete;
        return _learn || source == _signalledControl || source.Port == Media.Port;
    }

    /// <summary>Remembers the source of a valid packet.</summary>
    public void Latch(in PeerAddress source) => Latched = source;
}
