using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// A supervisor on a relayed stream. What the sides say is copied and mixed for the supervisor every 20 ms; what the supervisor
/// says is added to the packets that go to those who may hear it, while they pass: the call itself gets no delay and no new
/// numbers, and a side that may not hear the supervisor gets its packets octet for octet. Where the other side sends nothing
/// (mute, comfort noise), packets of our own carry the supervisor. G.711 only; packets of other formats pass as they are.
/// One owner, nothing allocated per packet.
/// </summary>
internal sealed class Supervision : ISupervisorCore
{
    /// <summary>Samples of a packet of ours: 20 ms at 8 kHz.</summary>
    public const int PacketSamples = 160;

    /// <summary>The time between two packets of ours.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a side must have been silent before packets of our own stand in: three of its packets.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(60);

    private readonly SampleLine[] _heard = [new(), new()];   // from each side, for the supervisor
    private readonly SampleLine[] _said = [new(), new()];    // from the supervisor, for each side
    private readonly uint _ssrc;
    private ushort _sequence;
    private uint _timestamp;
    private SupervisionMode _mode;
    private RelaySide _whisperTo;
    private PayloadTypeMap _formats = PayloadTypeMap.Empty;
    private SupervisorKeys _keys;
    private readonly BeepTone[] _tones = [new(), new()];   // towards each side
    private bool _playsTone;

    /// <param name="ssrc">Of what the supervisor hears; random.</param>
    public Supervision(uint ssrc) => (_ssrc, _sequence, _timestamp) = (ssrc, (ushort)(ssrc >> 16), ssrc);

    /// <summary>The supervisor's own side.</summary>
    public RelayEnd End { get; } = new();

    /// <summary>Applies a mode or a new description.</summary>
    public void Update(SupervisorPlan plan, RelayProtection? protection)
    {
        (_mode, _whisperTo) = (plan.Mode, plan.WhisperTo);
        _playsTone = plan.PlaysTone;
        End.Update(plan.Side, protection);
        _formats = MapOf(End.SentFormats);
        foreach (var side in Enum.GetValues<RelaySide>())
            if (!IsHeardBy(side)) _said[(int)side].Clear();
    }

    /// <summary>Payload types and their meaning, of formats.</summary>
    public static PayloadTypeMap MapOf(ImmutableArray<MediaFormat> formats) =>
        formats.Aggregate(PayloadTypeMap.Empty, (map, format) => map.With(format.PayloadType, format.EncodingName, format.ClockRate, format.Channels));

    /// <summary>Reads a key of the supervisor's phone.</summary>
    public bool TryTakeKey(ReadOnlySpan<byte> packet, out char key) => _keys.TryTake(packet, _formats, out key);

    /// <summary>Whether a side hears the supervisor.</summary>
    public bool IsHeardBy(RelaySide side) => _mode == SupervisionMode.Barge || (_mode == SupervisionMode.Whisper && side == _whisperTo);

    /// <summary>Whether formats have one that can be mixed.</summary>
    public static bool CanMix(ImmutableArray<MediaFormat> formats) => TryFindG711(formats, out _, out _);

    /// <summary>
    /// Whether a call can be mixed: what either side would choose among the formats both have is G.711. False before both sides
    /// are known, and for a wideband call, whose packets would pass without the supervisor in them.
    /// </summary>
    /// <param name="caller">Formats of the caller.</param>
    /// <param name="callee">Formats of the callee.</param>
    public static bool CanMix(ImmutableArray<MediaFormat> caller, ImmutableArray<MediaFormat> callee) => PrefersG711(caller, callee) && PrefersG711(callee, caller);

    /// <summary>Copies what a side says for the supervisor.</summary>
    [SkipLocalsInit]
    public void Hear(RelaySide from, ReadOnlySpan<byte> packet, PayloadTypeMap formats) => Keep(_heard[(int)from], packet, formats);

    /// <summary>Takes what the supervisor says.</summary>
    public void Say(ReadOnlySpan<byte> packet)
    {
        foreach (var side in (ReadOnlySpan<RelaySide>)[RelaySide.Caller, RelaySide.Callee])
            if (IsHeardBy(side)) Keep(_said[(int)side], packet, _formats);
    }

    /// <summary>Adds the supervisor to a packet on its way to a side, where it lies.</summary>
    /// <param name="to">Who will hear it.</param>
    /// <param name="packet">As its sender numbered it.</param>
    /// <param name="formats">Of its sender.</param>
    [SkipLocalsInit]
    public void Mix(RelaySide to, Span<byte> packet, PayloadTypeMap formats)
    {
        var line = _said[(int)to];
        var hears = IsHeardBy(to) && line.Buffered > 0;
        var beeps = _playsTone && End.Receives;   // from when the phone hears the call
        if ((!hears && !beeps) || RtpPacketView.TryParse(packet, out var view) != RtpParseError.None) return;

        var format = formats[view.PayloadType];
        if (!IsG711(format.Kind) || view.Payload.Length is 0 or > SampleLine.MaxDistance) return;

        Span<short> pcm = stackalloc short[SampleLine.MaxDistance];
        pcm = pcm[..format.Decode(view.Payload, pcm)];
        if (hears) line.AddTo(pcm);
        if ((beeps && _tones[(int)to].AddTo(pcm)) || hears) Encode(format.Kind, pcm, packet.Slice(PayloadOffset(view), pcm.Length));
    }

    /// <summary>Writes the next packet for the supervisor: both sides.</summary>
    /// <param name="packet">Room for it and its protection.</param>
    /// <returns>Its length; 0 when the supervisor wants none.</returns>
    [SkipLocalsInit]
    public int WriteHeard(Span<byte> packet)
    {
        Span<short> mix = stackalloc short[PacketSamples];
        mix.Clear();
        foreach (var line in _heard) line.AddTo(mix);
        _sequence++;
        _timestamp += PacketSamples;
        if (!End.Receives || !End.Gate.Media.IsComplete || !TryFindG711(End.ReceivedFormats, out var type, out var kind)) return 0;

        var header = new RtpHeader(type, false, new SequenceNumber(_sequence), _timestamp, _ssrc).Write(packet);
        Encode(kind, mix, packet.Slice(header, PacketSamples));
        return header + PacketSamples;
    }

    /// <summary>Writes a packet that carries the supervisor to a side whose other side is silent.</summary>
    /// <param name="to">The side that hears the supervisor.</param>
    /// <param name="end">That side.</param>
    /// <param name="flow">The direction towards it.</param>
    /// <param name="packet">Room for it and its protection.</param>
    /// <param name="now">The time.</param>
    /// <returns>Its length; 0 when none is needed.</returns>
    [SkipLocalsInit]
    public int WriteSaid(RelaySide to, RelayEnd end, RelayFlow flow, Span<byte> packet, Instant now)
    {
        var line = _said[(int)to];
        if (!IsHeardBy(to) || line.Buffered < PacketSamples || !end.Receives || !end.Gate.Media.IsComplete) return 0;
        if (!flow.IsSilent(now, s_silence) || !TryFindG711(end.ReceivedFormats, out var type, out var kind)) return 0;

        Span<short> mix = stackalloc short[PacketSamples];
        mix.Clear();
        line.AddTo(mix);
        var numbers = flow.Numbers.Insert(_ssrc ^ (uint)to ^ 0x5555_5555, PacketSamples, now);
        var header = new RtpHeader(type, false, new SequenceNumber(numbers.Sequence), numbers.Timestamp, numbers.Ssrc).Write(packet);
        Encode(kind, mix, packet.Slice(header, PacketSamples));
        return header + PacketSamples;
    }

    [SkipLocalsInit]
    private static void Keep(SampleLine line, ReadOnlySpan<byte> packet, PayloadTypeMap formats)
    {
        if (RtpPacketView.TryParse(packet, out var view) != RtpParseError.None) return;
        var format = formats[view.PayloadType];
        if (!IsG711(format.Kind) || view.Payload.Length > SampleLine.MaxDistance) return;

        Span<short> pcm = stackalloc short[SampleLine.MaxDistance];
        line.Write(view.Timestamp, pcm[..format.Decode(view.Payload, pcm)]);
    }

    private static int PayloadOffset(in RtpPacketView view) => RtpPacketView.FixedHeaderLength + 4 * view.CsrcCount + view.Extension.Length;

    private static bool IsG711(PayloadKind kind) => kind is PayloadKind.Pcmu or PayloadKind.Pcma;

    private static void Encode(PayloadKind kind, ReadOnlySpan<short> pcm, Span<byte> payload)
    {
        if (kind == PayloadKind.Pcmu) G711.EncodeMuLaw(pcm, payload);
        else G711.EncodeALaw(pcm, payload);
    }

    private static bool PrefersG711(ImmutableArray<MediaFormat> side, ImmutableArray<MediaFormat> other)
    {
        foreach (var format in side)
        {
            // Key presses and comfort noise are no codec of a call.
            if (format.IsVoice && other.Any(format.IsSameAs)) return TryFindG711([format], out _, out _);
        }

        return false;
    }

    private static bool IsNamed(MediaFormat format, string name) => format.EncodingName.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static bool TryFindG711(ImmutableArray<MediaFormat> formats, out byte payloadType, out PayloadKind kind)
    {
        foreach (var format in formats)
        {
            if (format is not { ClockRate: 8_000, Channels: 1 }) continue;
            var isPcmu = IsNamed(format, "PCMU");
            if (!isPcmu && !IsNamed(format, "PCMA")) continue;
            (payloadType, kind) = (format.PayloadType, isPcmu ? PayloadKind.Pcmu : PayloadKind.Pcma);
            return true;
        }

        (payloadType, kind) = (0, PayloadKind.Unknown);
        return false;
    }
}
