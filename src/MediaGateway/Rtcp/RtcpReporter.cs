using System.Buffers.Binary;
using System.Text;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.MediaGateway.Rtcp;

/// <summary>
/// Our side of RTCP for one stream that is only received: when a report is due (RFC 3550 §6.2, §6.3.1) and what it says. A
/// session of two with some hundred octets a report is far below five per cent of any voice codec, so the interval is the
/// fixed minimum, randomised.
/// </summary>
internal sealed class RtcpReporter
{
    /// <summary>Room for the largest report: receiver report, CNAME of 255 octets, BYE or reference time.</summary>
    public const int MaxLength = 32 + 268 + ReferenceTimeLength;

    private const int ReferenceTimeLength = 20;

    /// <summary>§6.2: five seconds at least, half of it before the first report.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(5);

    /// <summary>§6.3.1: e − 3/2, makes up for what timer reconsideration lengthens.</summary>
    private const double Compensation = 1.21828;

    private readonly uint _ssrc;
    private readonly byte[] _cname;
    private ulong _random;
    private SenderInfo _lastSender;
    private Instant _lastSenderAt = Instant.Never;

    /// <param name="ssrc">Our own source.</param>
    /// <param name="cname">Our canonical name (§6.5.1), the same for both legs of a call; up to 255 octets of UTF-8.</param>
    /// <param name="seed">Varies the interval.</param>
    /// <exception cref="ArgumentException">The name is too long.</exception>
    public RtcpReporter(uint ssrc, string cname, ulong seed)
    {
        _ssrc = ssrc;
        _cname = Encoding.UTF8.GetBytes(cname);
        if (_cname.Length is 0 or > 255) throw new ArgumentException($"A CNAME has 1 to 255 octets, this one {_cname.Length}.", nameof(cname));
        _random = ((seed + 0x9E37_79B9_7F4A_7C15) * 0xBF58_476D_1CE4_E5B9) | 1;   // small seeds too fill all bits
    }

    /// <summary>Our own source.</summary>
    public uint Ssrc => _ssrc;

    /// <summary>When the next report is due; <see cref="Instant.Never"/> before <see cref="Start"/>.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Whether a report was sent, so that a BYE makes sense.</summary>
    public bool HasReported { get; private set; }

    /// <summary>Media comes from the peer: from now on it gets reports.</summary>
    public void Start(Instant now)
    {
        if (Deadline.IsNever) Deadline = now + Interval(MinInterval / 2);
    }

    /// <summary>Remembers the peer's clock, to be sent back (§6.4.1 LSR and DLSR).</summary>
    public void OnSenderReport(SenderInfo info, Instant now) => (_lastSender, _lastSenderAt) = (info, now);

    /// <summary>Writes RR and SDES, and sets the next deadline.</summary>
    /// <returns>The octets written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="MaxLength"/>.</exception>
    public int WriteReport(uint source, ReceptionReport report, Instant now, Span<byte> destination)
    {
        if (destination.Length < MaxLength) throw new ArgumentException($"Room for {MaxLength} octets is needed.", nameof(destination));

        Deadline = now + Interval(MinInterval);
        HasReported = true;
        var length = WriteReceiverReport(source, report, now, destination);
        return length + WriteCname(destination[length..]);
    }

    /// <summary>
    /// Writes our reference time (RFC 3611 §4.4) behind a report. A sender that knows it answers with how long it kept it, which
    /// gives the round trip; others read over it.
    /// </summary>
    /// <returns>The octets written.</returns>
    public int WriteReferenceTime(Instant now, Span<byte> destination)
    {
        const byte receiverReferenceTime = 4;
        WriteHeader(destination, RtcpType.ExtendedReport, 0, ReferenceTimeLength);
        destination[8] = receiverReferenceTime;
        destination[9] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], 2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[12..], (ulong)CompactNtp.Of(now) << 16);
        return ReferenceTimeLength;
    }

    /// <summary>Writes an empty RR, SDES and BYE (§6.6).</summary>
    /// <returns>The octets written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="MaxLength"/>.</exception>
    public int WriteBye(Span<byte> destination)
    {
        if (destination.Length < MaxLength) throw new ArgumentException($"Room for {MaxLength} octets is needed.", nameof(destination));

        var length = WriteHeader(destination, RtcpType.ReceiverReport, 0, 8);
        length += WriteCname(destination[length..]);
        return length + WriteHeader(destination[length..], RtcpType.Bye, 1, 8);
    }

    private int WriteReceiverReport(uint source, ReceptionReport report, Instant now, Span<byte> destination)
    {
        const int length = 32;
        WriteHeader(destination, RtcpType.ReceiverReport, 1, length);
        var block = destination[8..length];
        BinaryPrimitives.WriteUInt32BigEndian(block, source);
        BinaryPrimitives.WriteUInt32BigEndian(block[4..], ((uint)report.FractionLost << 24) | ((uint)report.CumulativeLost & 0xFF_FFFF));
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], report.ExtendedHighest);
        BinaryPrimitives.WriteUInt32BigEndian(block[12..], report.Jitter);

        var heard = !_lastSenderAt.IsNever && _lastSender.Ssrc == source;
        BinaryPrimitives.WriteUInt32BigEndian(block[16..], heard ? (uint)(_lastSender.Ntp >> 16) : 0);
        BinaryPrimitives.WriteUInt32BigEndian(block[20..], heard ? (uint)((now - _lastSenderAt).TotalSeconds * 65_536) : 0);
        return length;
    }

    private int WriteCname(Span<byte> destination)
    {
        // One chunk: source, item CNAME, then at least one zero octet up to the next word.
        var length = (4 + 4 + 2 + _cname.Length + 1 + 3) & ~3;
        destination[..length].Clear();
        WriteHeader(destination, RtcpType.SourceDescription, 1, length);
        destination[8] = 1;
        destination[9] = (byte)_cname.Length;
        _cname.CopyTo(destination[10..]);
        return length;
    }

    private int WriteHeader(Span<byte> destination, RtcpType type, int count, int length)
    {
        destination[0] = (byte)(0x80 | count);
        destination[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(length / 4 - 1));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], _ssrc);
        return length;
    }

    private TimeSpan Interval(TimeSpan middle)
    {
        // xorshift64 (Marsaglia 2003): spreads reports, guards nothing.
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return middle * (0.5 + (_random >> 11) * (1.0 / (1UL << 53))) / Compensation;
    }
}
