using System.Diagnostics;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Codecs;

namespace EdgeAssist.MediaGateway.Rtp;

/// <summary>
/// Makes one unbroken line of 16 kHz audio out of packets in order: decodes, conceals what was lost for 60 ms and marks the
/// rest, puts silence where the sender meant silence, and gives every frame its place. Positions never go back and never
/// skip, so the sum of the frames is the time that passed.
/// </summary>
internal sealed class AudioAssembler(Instant origin) : IDisposable
{
    /// <summary>The longest packet: 200 ms.</summary>
    public const int MaxPacketMilliseconds = AudioPipe.MaxFrameSamples / PcmFormat.SamplesPerMillisecond;

    /// <summary>Room for decoded samples at first: 40 ms at 8 kHz. Grows once when a stream needs more.</summary>
    private const int UsualDecoded = 320;

    private const long Step = 20 * PcmFormat.SamplesPerMillisecond;
    private const long MaxConceal = LossConcealer.MaxMilliseconds * PcmFormat.SamplesPerMillisecond;
    /// <summary>Key presses that wait to be taken, at most; nobody presses 64 keys in a packet.</summary>
    private const int MaxPresses = 64;

    private const long MaxTimestampSurprise = 100 * PcmFormat.SamplesPerMillisecond;

    /// <summary>After this long without a packet the line goes on as silence, so that whoever waits for a pause sees one.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    /// <summary>The same when the sender said that it is silent (comfort noise) or sends key presses.</summary>
    private static readonly TimeSpan s_patienceInSilence = TimeSpan.FromMilliseconds(100);

    private readonly MediaTimeline _timeline = new(origin);
    private readonly Upsampler2x _upsampler = new();
    private readonly LossConcealer _concealer = new();
    private readonly AudioDecoder _decoder = new();
    private short[] _decoded = new short[UsualDecoded];
    private short[] _recovered = [];       // what the codec itself made of a loss; taken once a stream needs it
    private Downsampler3x? _downsampler;   // the same, for 48 kHz
    private readonly Queue<KeyPress> _presses = new();
    private DriftEstimator _drift;
    private QuietGate _quiet;
    private TelephoneEventDecoder _events;
    private (long Start, long End) _masked;

    private long _next;               // position of the next sample to emit
    private long _timestampEnd;       // where the last packet ended by its timestamp
    private long _packetSamples;      // its length at 16 kHz
    private long _lostPackets;        // given up since the last audio packet
    private bool _announcedSilence;
    private bool _filled;             // silence was put in since the last audio packet, without a packet saying so

    private long _concealLeft, _lostLeft, _silenceLeft;
    private int _decodedCount, _decodedSkip, _recoveredCount;
    private int _sampleRate = 8_000;   // of what is decoded
    private Instant _arrivedAt;

    /// <summary>The sender said that silence follows.</summary>
    public bool InAnnouncedSilence => _announcedSilence;

    /// <summary>Event packets that were no key presses, or broken.</summary>
    public long UnknownEvents { get; private set; }

    /// <summary>Length of the last audio packet.</summary>
    public TimeSpan PacketDuration => PcmFormat.Duration(_packetSamples);

    /// <summary>When silence is due if nothing comes; <see cref="Instant.Never"/> before the first packet.</summary>
    public Instant Deadline => _timeline.IsAnchored ? _timeline.InstantAt(_next + Step) + Patience : Instant.Never;

    private TimeSpan Patience => _announcedSilence ? s_patienceInSilence : s_patience;

    /// <summary>The next packet comes from another source, with timestamps of its own.</summary>
    public void StartSource()
    {
        _timeline.Release();
        _decoder.Reset();
        _drift.Reset();
        _events.Reset();
        _masked = default;
        _lostPackets = 0;
    }

    public bool TryTakeKeyPress(out KeyPress press) => _presses.TryDequeue(out press);

    /// <summary>Takes the next packet; <see cref="TryEmit"/> gives what follows from it, and must be drained before the next one.</summary>
    public void Begin(HeldPacket packet, long lostBefore)
    {
        Debug.Assert(_decodedCount == 0 && _concealLeft + _lostLeft + _silenceLeft == 0, "The packet before was not drained.");
        _lostPackets += lostBefore;
        _arrivedAt = packet.ArrivedAt;

        if (packet.Format.IsAudio) BeginAudio(packet);
        else if (packet.Format.Kind == PayloadKind.ComfortNoise) BeginSilence(packet);
        else if (packet.Format.Kind == PayloadKind.TelephoneEvent) TakeEvents(packet);
    }

    /// <summary>Puts silence in where nothing came for too long.</summary>
    /// <returns>Whether there is something to emit now.</returns>
    public bool FillSilence(Instant now)
    {
        if (!_timeline.IsAnchored || now < Deadline) return false;

        _silenceLeft = (_timeline.PositionAt(now - Patience) - _next) / Step * Step;
        _arrivedAt = now;
        _filled = true;
        return _silenceLeft > 0;
    }

    /// <summary>Gives the next frame.</summary>
    /// <param name="now">Becomes the frame's <see cref="PcmFrame.ForkedAt"/>.</param>
    /// <param name="pcm">Receives the samples; <see cref="AudioPipe.MaxFrameSamples"/> long.</param>
    /// <param name="frame">The frame's head.</param>
    public bool TryEmit(Instant now, Span<short> pcm, out PcmFrame frame)
    {
        var (count, kind) = Produce(pcm);
        frame = new PcmFrame(_next, count, kind, _arrivedAt, now);
        _next += count;
        return count > 0;
    }

    private (int Count, PcmFrameKind Kind) Produce(Span<short> pcm)
    {
        if (_concealLeft > 0) return (Conceal(pcm), PcmFrameKind.Concealed);
        if (_lostLeft > 0) return (Blank(pcm, ref _lostLeft), PcmFrameKind.Lost);
        if (_silenceLeft > 0) return (Blank(pcm, ref _silenceLeft), PcmFrameKind.Silence);
        return (EmitDecoded(pcm), PcmFrameKind.Received);
    }

    private void BeginAudio(HeldPacket packet)
    {
        MakeRoom(packet);
        Recover(packet);
        _decodedCount = _decoder.Decode(packet.Format, packet.Payload, _decoded);
        if (_decodedCount == 0) return;

        var length = (long)_decodedCount * PcmFormat.SampleRate / packet.Format.SampleRate;
        var quiet = _quiet.IsQuiet(_decoded.AsSpan(0, _decodedCount));
        var start = Place(packet, length, quiet);
        Bridge(start);
        Mask(start, length);
        Trim(start);

        _packetSamples = length;
        _timestampEnd = start + length;
        _lostPackets = 0;
        _announcedSilence = _filled = false;
    }

    private void MakeRoom(HeldPacket packet)
    {
        var room = packet.Format.SampleRate > PcmFormat.SampleRate ? Downsampler3x.MaxBlock
            : packet.Format.Kind is PayloadKind.Pcmu or PayloadKind.Pcma ? packet.Payload.Length
            : AudioPipe.MaxFrameSamples;
        if (_decoded.Length < room) _decoded = new short[room];
    }

    /// <summary>Several events in one packet follow each other without a pause (RFC 4733 §2.5.1.5).</summary>
    private void TakeEvents(HeldPacket packet)
    {
        _announcedSilence = true;
        var timestamp = packet.Timestamp;
        var payload = packet.Payload;
        if (payload.Length < TelephoneEvent.Length) UnknownEvents++;
        for (; TelephoneEvent.TryParse(payload, out var telephoneEvent); payload = payload[TelephoneEvent.Length..], timestamp += telephoneEvent.Duration)
        {
            if (telephoneEvent.Event > KeyPress.Highest) UnknownEvents++;
            else TakeEvent(packet, timestamp, telephoneEvent);
        }
    }

    private void TakeEvent(HeldPacket packet, uint timestamp, TelephoneEvent telephoneEvent)
    {
        var sameClock = _timeline.IsAnchored && packet.Format.ClockRate == _timeline.ClockRate;
        var start = sameClock ? _timeline.Map(timestamp) : _timeline.PositionAt(packet.ArrivedAt);
        if (_events.IsNew(timestamp, telephoneEvent, packet.Marker) && _presses.Count < MaxPresses)
            _presses.Enqueue(new KeyPress(telephoneEvent.Event, start, packet.ArrivedAt));
        if (sameClock) _masked = (start, start + (long)telephoneEvent.Duration * PcmFormat.SampleRate / packet.Format.ClockRate);
    }

    private void BeginSilence(HeldPacket packet)
    {
        if (_timeline.IsAnchored && packet.Format.ClockRate == _timeline.ClockRate) Bridge(_timeline.Map(packet.Timestamp));
        _announcedSilence = true;
    }

    /// <summary>Where the packet's first sample belongs.</summary>
    private long Place(HeldPacket packet, long length, bool quiet)
    {
        var arrival = _timeline.PositionAt(packet.ArrivedAt);
        if (!_timeline.IsAnchored || _timeline.ClockRate != packet.Format.ClockRate || _sampleRate != packet.Format.SampleRate) return Anchor(packet, arrival - length);

        var start = _timeline.Map(packet.Timestamp);
        var surprise = start - (_timestampEnd + _lostPackets * _packetSamples);
        var behind = arrival - (start + length);

        // A timestamp that leaps, and not by the time that passed: the sender began to count anew.
        if (Math.Abs(surprise) > MaxTimestampSurprise && Math.Abs(behind) > DriftEstimator.BehindAtMost) return Anchor(packet, arrival - length);

        // Wholly inside silence we made up: the sender's clock stood still with its audio (hold, some voice activity
        // detectors), or the network held everything back. The words count more than the place.
        if (_filled && start + length <= _next) return Anchor(packet, arrival - length);

        _drift.Observe(behind, packet.ArrivedAt);
        var correction = _drift.TakeCorrection(quiet, length);
        _timeline.Shift(correction);
        return start + correction;
    }

    private long Anchor(HeldPacket packet, long position)
    {
        // Even, so that 8 kHz samples stay whole at any later step.
        var start = (Math.Max(position, _next) + 1) & ~1L;
        if (packet.Format.SampleRate != _sampleRate) _concealer.Reset(packet.Format.SampleRate);
        _sampleRate = packet.Format.SampleRate;
        _timeline.Anchor(packet.Timestamp, packet.Format.ClockRate, start);
        _drift.Reset();
        if (_next == 0 && _packetSamples == 0) _next = start;
        return start;
    }

    /// <summary>Fills the way from the last sample to <paramref name="start"/>: what was lost first, then what was never sent.</summary>
    private void Bridge(long start)
    {
        var gap = start - _next;
        if (gap <= 0) return;

        var lost = Math.Min(gap, _lostPackets * _packetSamples);
        _concealLeft = Math.Min(lost, MaxConceal) & ~1L;
        _lostLeft = lost - _concealLeft;
        _silenceLeft = gap - lost;
        _lostPackets = 0;
    }

    /// <summary>Blanks what the sender sent as audio beside an event: the tone of a key is the digit as much as its number is.</summary>
    private void Mask(long start, long length)
    {
        var from = Math.Max(start, _masked.Start) - start;
        var to = Math.Min(start + length, _masked.End) - start;
        if (from >= to) return;

        var rate = _decodedCount / (double)length;
        _decoded.AsSpan((int)(from * rate)..Math.Min(_decodedCount, (int)Math.Ceiling(to * rate))).Clear();
    }

    private void Trim(long start)
    {
        var behind = Math.Max(0, _next - start);
        _decodedSkip = (int)Math.Min(_decodedCount, behind * _sampleRate / PcmFormat.SampleRate);
        if (_decodedSkip == _decodedCount) _decodedCount = _decodedSkip = 0;
    }

    /// <summary>Lets the codec make what was lost before a packet, as far as it is concealed at all; before the packet is decoded.</summary>
    private void Recover(HeldPacket packet)
    {
        _recoveredCount = 0;
        if (packet.Format.Kind != PayloadKind.Opus || _lostPackets == 0 || _packetSamples is 0 or > MaxConceal) return;

        if (_recovered.Length == 0) _recovered = new short[MaxConceal];
        var lost = (int)(Math.Min(_lostPackets, MaxConceal / _packetSamples) * _packetSamples);
        if (_decoder.TryRecover(packet.Format, packet.Payload, (int)_packetSamples, _recovered.AsSpan(0, lost))) _recoveredCount = lost;
    }

    private int Conceal(Span<short> pcm)
    {
        var count = (int)_concealLeft;
        _concealLeft = 0;
        if (_recoveredCount > 0)
        {
            pcm[..count].Clear();
            _recovered.AsSpan(0, Math.Min(count, _recoveredCount)).CopyTo(pcm);
            _recoveredCount = 0;
            return count;
        }

        Span<short> made = stackalloc short[3 * (int)MaxConceal];
        made = made[..(count * _sampleRate / PcmFormat.SampleRate)];
        _concealer.Conceal(made);
        Resample(made, pcm[..count]);
        return count;
    }

    private int Blank(Span<short> pcm, ref long left)
    {
        var count = (int)Math.Min(left, AudioPipe.MaxFrameSamples);
        left -= count;
        pcm[..count].Clear();
        _upsampler.Reset();
        _downsampler?.Reset();
        _concealer.Reset(_sampleRate);
        return count;
    }

    private int EmitDecoded(Span<short> pcm)
    {
        var samples = _decoded.AsSpan(_decodedSkip, _decodedCount - _decodedSkip);
        _decodedCount = _decodedSkip = 0;
        if (samples.IsEmpty) return 0;

        _concealer.Remember(samples, _sampleRate);
        return Resample(samples, pcm);
    }

    /// <summary>To 16 kHz.</summary>
    /// <returns>The samples written.</returns>
    private int Resample(ReadOnlySpan<short> samples, Span<short> pcm)
    {
        switch (_sampleRate)
        {
            case PcmFormat.SampleRate:
                samples.CopyTo(pcm);
                return samples.Length;
            case 3 * PcmFormat.SampleRate:
                return (_downsampler ??= new Downsampler3x()).Process(samples, pcm);
            default:
                _upsampler.Process(samples, pcm);
                return 2 * samples.Length;
        }
    }

    public void Dispose() => _decoder.Dispose();
}
