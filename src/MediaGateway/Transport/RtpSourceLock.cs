using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>
/// Whom a leg listens to. Where signalling named an address, only that address; the port is the one the first RTP came from
/// (symmetric RTP, RFC 4961), and once a source has proved itself nobody can take its place until a new answer names
/// another. Compares raw socket addresses, so that nothing is allocated per datagram.
/// </summary>
internal sealed class RtpSourceLock
{
    private readonly AddressFamily _family;
    private readonly byte[] _latched = new byte[32];
    private byte[] _negotiated = [];
    private IPEndPoint _remote;
    private int _latchedLength;

    /// <param name="family">Of the leg's sockets.</param>
    /// <param name="remote">What signalling named; address any: nothing.</param>
    public RtpSourceLock(AddressFamily family, IPEndPoint remote)
    {
        _family = family;
        _remote = remote;
        _negotiated = Octets(remote.Address);
    }

    public bool IsLatched => _latchedLength > 0;

    /// <summary>
    /// Applies a new answer. The same peer address keeps the source, and so does one that is not said (a stream held with
    /// <c>c=0.0.0.0</c>): a hold opens the door to nobody.
    /// </summary>
    public void Update(IPEndPoint remote)
    {
        var negotiated = Octets(remote.Address);
        if (negotiated.Length == 0 || remote.Equals(_remote)) return;
        _remote = remote;
        _negotiated = negotiated;
        _latchedLength = 0;
    }

    /// <summary>Whether RTP from this source is listened to.</summary>
    /// <param name="source">Where the datagram came from.</param>
    /// <param name="proven">The latched source has shown valid media; before that, another may still come forward.</param>
    public bool Admits(SocketAddress source, bool proven)
    {
        var raw = Raw(source);
        if (!IsNegotiated(raw)) return false;
        return _latchedLength == 0 || !proven || raw.SequenceEqual(_latched.AsSpan(0, _latchedLength));
    }

    /// <summary>Whether RTCP from this source is listened to: any port of the address, which is all that signalling says of it.</summary>
    public bool AdmitsControl(SocketAddress source)
    {
        var raw = Raw(source);
        return IsNegotiated(raw) && (_latchedLength == 0 || AddressOf(raw).SequenceEqual(AddressOf(_latched)));
    }

    /// <summary>Remembers the source of valid RTP.</summary>
    public void Latch(SocketAddress source)
    {
        var raw = Raw(source);
        raw.CopyTo(_latched);
        _latchedLength = raw.Length;
    }

    /// <summary>Writes where reports go; false while no media was received.</summary>
    /// <param name="multiplexed">On the media port (RFC 5761), else on the port after it.</param>
    /// <param name="destination">Overwritten.</param>
    public bool TryGetControlAddress(bool multiplexed, SocketAddress destination)
    {
        if (_latchedLength == 0) return false;

        _latched.AsSpan(0, _latchedLength).CopyTo(destination.Buffer.Span);
        destination.Size = _latchedLength;
        var port = destination.Buffer.Span[2..4];
        var media = BinaryPrimitives.ReadUInt16BigEndian(port);
        if (multiplexed) return true;

        if (_remote.Port != 0) media = (ushort)_remote.Port;
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)(media + 1));
        return media != ushort.MaxValue;
    }

    private static ReadOnlySpan<byte> Raw(SocketAddress address) => address.Buffer.Span[..address.Size];

    private bool IsNegotiated(ReadOnlySpan<byte> raw) => _negotiated.Length == 0 || AddressOf(raw).SequenceEqual(_negotiated);

    /// <summary>sockaddr_in: address at 4; sockaddr_in6: flow information at 4, address at 8.</summary>
    private ReadOnlySpan<byte> AddressOf(ReadOnlySpan<byte> raw) => _family == AddressFamily.InterNetworkV6 ? raw.Slice(8, 16) : raw.Slice(4, 4);

    private byte[] Octets(IPAddress address)
    {
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) return [];
        return (_family == AddressFamily.InterNetworkV6 ? address.MapToIPv6() : address.MapToIPv4()).GetAddressBytes();
    }
}
