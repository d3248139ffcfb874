using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>
/// A supervisor who hears a call from its fork: the call's own packets are not touched, and whatever codec it has, the phone
/// gets PCMU, PCMA or G.722. What the phone says goes nowhere; its keys are read. One owner, nothing allocated per packet.
/// </summary>
internal sealed class Listener : ISupervisorCore
{
    private const int WideSamples = 320;   // 20 ms at 16 kHz

    private readonly ListenMix _mix;
    private readonly uint _ssrc;
    private readonly Downsampler2x _downsampler = new();
    private readonly G722Encoder _g722 = new();
    private SupervisorKeys _keys;
    private ushort _sequence;
    private uint _timestamp;

    /// <param name="mix">What is heard.</param>
    /// <param name="ssrc">Of what the supervisor hears; random.</param>
    public Listener(ListenMix mix, uint ssrc) => (_mix, _ssrc, _sequence, _timestamp) = (mix, ssrc, (ushort)(ssrc >> 16), ssrc);

    public RelayEnd End { get; } = new();

    private PayloadTypeMap _formats = PayloadTypeMap.Empty;

    public void Update(SupervisorPlan plan, RelayProtection? protection)
    {
        End.Update(plan.Side, protection);
        _formats = Supervision.MapOf(End.SentFormats);
    }

    /// <summary>Whether formats have one that is encoded here.</summary>
    public static bool CanHear(ImmutableArray<MediaFormat> formats) => TryFind(formats, out _, out _);

    public bool TryTakeKey(ReadOnlySpan<byte> packet, out char key) => _keys.TryTake(packet, _formats, out key);

    /// <summary>Writes the next packet for the supervisor.</summary>
    /// <param name="packet">Room for it and its protection.</param>
    /// <returns>Its length; 0 when the supervisor wants none.</returns>
    [SkipLocalsInit]
    public int WriteHeard(Span<byte> packet)
    {
        Span<short> wide = stackalloc short[WideSamples];
        Span<short> narrow = stackalloc short[Supervision.PacketSamples];
        _mix.Read(wide);
        _sequence++;
        _timestamp += Supervision.PacketSamples;   // G.722's clock counts 8 kHz too (RFC 3551 §4.5.2)
        if (!End.Receives || !End.Gate.Media.IsComplete || !TryFind(End.ReceivedFormats, out var type, out var kind)) return 0;

        var header = new RtpHeader(type, false, new SequenceNumber(_sequence), _timestamp, _ssrc).Write(packet);
        var payload = packet.Slice(header, Supervision.PacketSamples);
        if (kind == PayloadKind.G722) _g722.Encode(wide, payload);
        else
        {
            _downsampler.Process(wide, narrow);
            if (kind == PayloadKind.Pcmu) G711.EncodeMuLaw(narrow, payload);
            else G711.EncodeALaw(narrow, payload);
        }

        return header + payload.Length;
    }

    private static bool TryFind(ImmutableArray<MediaFormat> formats, out byte payloadType, out PayloadKind kind)
    {
        foreach (var format in formats)
        {
            if (format is not { ClockRate: 8_000, Channels: 1 }) continue;
            kind = format.EncodingName.ToUpperInvariant() switch
            {
                "PCMU" => PayloadKind.Pcmu,
                "PCMA" => PayloadKind.Pcma,
                "G722" => PayloadKind.G722,
                _ => PayloadKind.Unknown,
            };
            payloadType = format.PayloadType;
            if (kind != PayloadKind.Unknown) return true;
        }

        (payloadType, kind) = (0, PayloadKind.Unknown);
        return false;
    }
}

/// <summary>A supervisor's side of a call as its port sees it.</summary>
internal interface ISupervisorCore
{
    /// <summary>The supervisor's own side.</summary>
    RelayEnd End { get; }

    /// <summary>Applies a mode or a new description.</summary>
    void Update(SupervisorPlan plan, RelayProtection? protection);
}
