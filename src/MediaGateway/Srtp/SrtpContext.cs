using System.Buffers.Binary;
using System.Diagnostics;

namespace EdgeAssist.MediaGateway.Srtp;

/// <summary>What became of a packet.</summary>
internal enum SrtpResult
{
    Ok = 0,

    /// <summary>Not RTP or RTCP, or too short to carry what the profile adds.</summary>
    Malformed,

    /// <summary>The tag is wrong: another key, or somebody else's packet.</summary>
    WrongTag,

    /// <summary>Its index was seen, or lies behind the window.</summary>
    Replayed,

    /// <summary>It carries another master key identifier.</summary>
    UnknownKey,

    /// <summary>More sources than one key serves.</summary>
    TooManySources,

    /// <summary>The key has protected all the packets it may (RFC 3711 §9.2, RFC 4568 §6.1).</summary>
    KeyExhausted,

    /// <summary>The destination is too short.</summary>
    NoRoom,
}

/// <summary>
/// One direction under one master key (RFC 3711, 6188, 7714): RTP and RTCP, protected or unprotected, each source with its
/// own roll-over counter and replay window. A context either protects or unprotects, never both (RFC 3711 §8.2: a master key
/// is for one direction). One owner, no lock; allocates when a source is new, nothing per packet.
/// </summary>
/// <example>
/// <code>
/// using var outbound = new SrtpContext(ourKey);      // the key that we announced
/// using var inbound = new SrtpContext(theirKey);     // the key that the peer announced
/// if (inbound.TryUnprotect(datagram, buffer, out var length) == SrtpResult.Ok) outbound.TryProtect(buffer[..length], other, out length);
/// </code>
/// </example>
internal sealed class SrtpContext : IDisposable
{
    /// <summary>What protection adds to a packet at most: the index of RTCP, a tag, an MKI.</summary>
    public const int MaxOverhead = 4 + 16 + SrtpMasterKey.MaxMki;

    /// <summary>RFC 3711 §9.2.</summary>
    private const long MaxIndex = (1L << 48) - 1;

    private const long MaxControlIndex = (1L << 31) - 1;
    private const uint EncryptedFlag = 0x8000_0000;
    private const int FixedHeader = 12;
    private const int ControlHeader = 8;
    private const int IndexLength = 4;
    private const int MaxDatagram = 65_535;

    private readonly SrtpProfile _profile;
    private readonly SrtpCipher _media;
    private readonly SrtpCipher _control;
    private readonly SrtpSources _sources = new();
    private readonly byte[] _mki;
    private readonly ulong _lifetime;
    private ulong _packets;

    /// <param name="key">Not kept: session keys are derived here, and the caller disposes of it.</param>
    public SrtpContext(SrtpMasterKey key)
    {
        _profile = key.Profile;
        _mki = key.Mki.ToArray();
        _lifetime = key.Lifetime == 0 ? ulong.MaxValue : key.Lifetime;
        using var derivation = new SrtpKeyDerivation(key);
        _media = SrtpCipher.Derive(_profile, derivation, control: false);
        _control = SrtpCipher.Derive(_profile, derivation, control: true);
    }

    /// <summary>With session keys at hand instead of a master key: the standard's vectors.</summary>
    internal SrtpContext(SrtpProfile profile, SrtpCipher media, SrtpCipher control)
    {
        (_profile, _media, _control) = (profile, media, control);
        _mki = [];
        _lifetime = ulong.MaxValue;
    }

    public SrtpProfile Profile => _profile;

    /// <summary>Octets an RTP packet grows by.</summary>
    public int Overhead => _profile.TagLength + _mki.Length;

    /// <summary>Protects an RTP packet.</summary>
    /// <param name="packet">The plain packet.</param>
    /// <param name="output">Room for <see cref="Overhead"/> octets more; may begin at the same memory as <paramref name="packet"/>.</param>
    /// <param name="length">What was written.</param>
    public SrtpResult TryProtect(ReadOnlySpan<byte> packet, Span<byte> output, out int length)
    {
        length = 0;
        if (!TryGetHeaderLength(packet, out var head)) return SrtpResult.Malformed;
        if (output.Length < packet.Length + Overhead) return SrtpResult.NoRoom;
        if (_packets >= _lifetime) return SrtpResult.KeyExhausted;

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var at = _sources.IndexOf(ssrc);
        if (at < 0) at = _sources.Add(ssrc);
        if (at < 0) return SrtpResult.TooManySources;

        ref var source = ref _sources.At(at);
        var index = Estimate(source.Media.Highest, BinaryPrimitives.ReadUInt16BigEndian(packet[2..]));
        if (index is < 0 or > MaxIndex) return SrtpResult.KeyExhausted;
        if (!source.Media.Allows(index)) return SrtpResult.Replayed;   // two texts under one key stream

        source.Media.Accept(index);
        _packets++;
        packet[..head].CopyTo(output);
        length = packet.Length + Overhead;
        if (_profile.IsAead)
        {
            Span<byte> nonce = stackalloc byte[12];
            _media.MediaNonce(ssrc, index, nonce);
            _media.Seal(nonce, output[..head], packet[head..], output[head..]);
            _mki.CopyTo(output[(packet.Length + _profile.TagLength)..]);
            return SrtpResult.Ok;
        }

        _media.Counter(ssrc, index, packet[head..], output[head..]);
        _mki.CopyTo(output[packet.Length..]);
        _media.Tag(output[..packet.Length], (uint)(index >> 16), output[(packet.Length + _mki.Length)..]);
        return SrtpResult.Ok;
    }

    /// <summary>Checks and decrypts an RTP packet. State changes only for a packet that is authentic.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="output">As long as the plain packet; may begin at the same memory.</param>
    /// <param name="length">What was written.</param>
    public SrtpResult TryUnprotect(ReadOnlySpan<byte> packet, Span<byte> output, out int length)
    {
        length = 0;
        if (!TryGetHeaderLength(packet, out var head) || packet.Length < head + Overhead) return SrtpResult.Malformed;
        if (output.Length < packet.Length - Overhead) return SrtpResult.NoRoom;
        if (!HasOurKey(packet, _profile.IsAead ? 0 : _profile.TagLength)) return SrtpResult.UnknownKey;

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var number = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var at = _sources.IndexOf(ssrc);
        return at < 0 ? UnprotectFirst(packet, head, ssrc, number, output, out length) : UnprotectNext(packet, head, ref _sources.At(at), number, output, out length);
    }

    /// <summary>Protects an RTCP compound; always encrypted.</summary>
    /// <param name="packet">The plain compound.</param>
    /// <param name="output">Room for <see cref="MaxOverhead"/> more; may begin at the same memory.</param>
    /// <param name="length">What was written.</param>
    public SrtpResult TryProtectControl(ReadOnlySpan<byte> packet, Span<byte> output, out int length)
    {
        length = 0;
        if (packet.Length is < ControlHeader or > MaxDatagram || packet[0] >> 6 != 2) return SrtpResult.Malformed;
        var protectedLength = packet.Length + IndexLength + _profile.ControlTagLength + _mki.Length;
        if (output.Length < protectedLength) return SrtpResult.NoRoom;

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var at = _sources.IndexOf(ssrc);
        if (at < 0) at = _sources.Add(ssrc);
        if (at < 0) return SrtpResult.TooManySources;

        ref var window = ref _sources.At(at).Control;
        var index = window.Highest + 1;
        if (index > MaxControlIndex) return SrtpResult.KeyExhausted;

        window.Accept(index);
        length = protectedLength;
        packet[..ControlHeader].CopyTo(output);
        if (_profile.IsAead) SealControl(packet, ssrc, index, output);
        else
        {
            _control.Counter(ssrc, index, packet[ControlHeader..], output[ControlHeader..]);
            var end = packet.Length + IndexLength;
            BinaryPrimitives.WriteUInt32BigEndian(output[packet.Length..], EncryptedFlag | (uint)index);
            _mki.CopyTo(output[end..]);
            _control.Tag(output[..end], output[(end + _mki.Length)..]);
        }

        return SrtpResult.Ok;
    }

    /// <summary>Checks and decrypts an RTCP compound; one that is authentic but not encrypted (E flag 0) is taken.</summary>
    /// <param name="packet">The datagram.</param>
    /// <param name="output">As long as the plain compound; may begin at the same memory.</param>
    /// <param name="length">What was written.</param>
    public SrtpResult TryUnprotectControl(ReadOnlySpan<byte> packet, Span<byte> output, out int length)
    {
        length = 0;
        var plain = packet.Length - IndexLength - _profile.ControlTagLength - _mki.Length;
        if (plain < ControlHeader || packet.Length > MaxDatagram || packet[0] >> 6 != 2) return SrtpResult.Malformed;
        if (output.Length < plain) return SrtpResult.NoRoom;
        if (!HasOurKey(packet, _profile.IsAead ? 0 : _profile.ControlTagLength)) return SrtpResult.UnknownKey;

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var word = BinaryPrimitives.ReadUInt32BigEndian(packet[(_profile.IsAead ? plain + _profile.ControlTagLength : plain)..]);
        long index = word & ~EncryptedFlag;
        var at = _sources.IndexOf(ssrc);
        if (at >= 0 && !_sources.At(at).Control.Allows(index)) return SrtpResult.Replayed;

        if (!OpenControl(packet, plain, ssrc, word, output)) return SrtpResult.WrongTag;
        if (at < 0) at = _sources.Add(ssrc);
        if (at < 0) return SrtpResult.TooManySources;

        _sources.At(at).Control.Accept(index);
        length = plain;
        return SrtpResult.Ok;
    }

    /// <summary>Wipes the session keys.</summary>
    public void Dispose()
    {
        _media.Dispose();
        _control.Dispose();
    }

    /// <summary>
    /// The index nearest to the highest one (RFC 3711 §3.3.1). Negative when it lies before the first: the source's count began
    /// with this key, so there is none.
    /// </summary>
    private static long Estimate(long highest, ushort number) => highest < 0 ? number : highest + (short)(number - (ushort)highest);

    private static bool TryGetHeaderLength(ReadOnlySpan<byte> packet, out int length)
    {
        length = 0;
        if (packet.Length is < FixedHeader or > MaxDatagram || packet[0] >> 6 != 2) return false;

        length = FixedHeader + 4 * (packet[0] & 0x0F);
        if ((packet[0] & 0x10) == 0) return packet.Length >= length;
        if (packet.Length < length + 4) return false;
        length += 4 + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]);
        return packet.Length >= length;
    }

    private bool HasOurKey(ReadOnlySpan<byte> packet, int behind) => packet[..^behind].EndsWith(_mki);

    private SrtpResult UnprotectNext(ReadOnlySpan<byte> packet, int head, ref SrtpSource source, ushort number, Span<byte> output, out int length)
    {
        // A source of which only RTCP was seen has no index yet.
        if (source.Media.Highest < 0) return UnprotectFirst(packet, head, source.Ssrc, number, output, out length);

        length = 0;
        var index = Estimate(source.Media.Highest, number);
        if (index < 0 || !source.Media.Allows(index)) return SrtpResult.Replayed;
        if (index > MaxIndex) return SrtpResult.KeyExhausted;
        if (!Open(packet, head, source.Ssrc, index, output, out length)) return SrtpResult.WrongTag;
        source.Media.Accept(index);
        return SrtpResult.Ok;
    }

    /// <summary>
    /// The first packet of a source. Its roll-over counter is 0, unless the sender's first packets were lost and its numbers
    /// wrapped between: a low number is tried with 1 as well, or such a call would stay silent.
    /// </summary>
    private SrtpResult UnprotectFirst(ReadOnlySpan<byte> packet, int head, uint ssrc, ushort number, Span<byte> output, out int length)
    {
        long index = number;
        var mayHaveWrapped = number < 0x8000;
        if (!Open(packet, head, ssrc, index, output, out length))
        {
            index += 0x1_0000;
            if (!mayHaveWrapped || !Open(packet, head, ssrc, index, output, out length)) return SrtpResult.WrongTag;
        }

        var at = _sources.IndexOf(ssrc);
        if (at < 0) at = _sources.Add(ssrc);
        if (at < 0)
        {
            length = 0;
            return SrtpResult.TooManySources;
        }

        _sources.At(at).Media.Accept(index);
        return SrtpResult.Ok;
    }

    private bool Open(ReadOnlySpan<byte> packet, int head, uint ssrc, long index, Span<byte> output, out int length)
    {
        length = 0;
        var plain = packet.Length - Overhead;
        if (_profile.IsAead)
        {
            Span<byte> nonce = stackalloc byte[12];
            _media.MediaNonce(ssrc, index, nonce);
            if (!_media.TryOpen(nonce, packet[..head], packet[head..(plain + _profile.TagLength)], output[head..])) return false;
        }
        else
        {
            if (!_media.Verify(packet[..plain], (uint)(index >> 16), packet[^_profile.TagLength..])) return false;
            _media.Counter(ssrc, index, packet[head..plain], output[head..]);
        }

        packet[..head].CopyTo(output);
        length = plain;
        return true;
    }

    /// <summary>RFC 7714 §9.2: the associated data are the header and the index word; the tag is part of the cipher text.</summary>
    private void SealControl(ReadOnlySpan<byte> packet, uint ssrc, long index, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> associated = stackalloc byte[ControlHeader + IndexLength];
        packet[..ControlHeader].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[ControlHeader..], EncryptedFlag | (uint)index);
        _control.ControlNonce(ssrc, index, nonce);
        _control.Seal(nonce, associated, packet[ControlHeader..], output[ControlHeader..]);

        var end = packet.Length + _profile.ControlTagLength;
        associated[ControlHeader..].CopyTo(output[end..]);
        _mki.CopyTo(output[(end + IndexLength)..]);
    }

    private bool OpenControl(ReadOnlySpan<byte> packet, int plain, uint ssrc, uint word, Span<byte> output)
    {
        long index = word & ~EncryptedFlag;
        var encrypted = (word & EncryptedFlag) != 0;
        if (_profile.IsAead)
        {
            if (!OpenSealedControl(packet, plain, ssrc, word, output)) return false;
        }
        else
        {
            if (!_control.Verify(packet[..(plain + IndexLength)], packet[^_profile.ControlTagLength..])) return false;
            if (encrypted) _control.Counter(ssrc, index, packet[ControlHeader..plain], output[ControlHeader..]);
        }

        if (!encrypted) packet[ControlHeader..plain].CopyTo(output[ControlHeader..]);
        packet[..ControlHeader].CopyTo(output);
        return true;
    }

    private bool OpenSealedControl(ReadOnlySpan<byte> packet, int plain, uint ssrc, uint word, Span<byte> output)
    {
        Debug.Assert(plain >= ControlHeader);
        Span<byte> nonce = stackalloc byte[12];
        _control.ControlNonce(ssrc, word & ~EncryptedFlag, nonce);
        var sealedEnd = plain + _profile.ControlTagLength;
        var clear = (word & EncryptedFlag) != 0 ? ControlHeader : plain;
        if (clear > 1_500) return false;   // beyond any compound that is sent; bounds the copy below

        Span<byte> associated = stackalloc byte[clear + IndexLength];
        packet[..clear].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[clear..], word);
        return _control.TryOpen(nonce, associated, packet[clear..sealedEnd], output[clear..]);
    }
}
