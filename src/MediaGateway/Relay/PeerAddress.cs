using System.Buffers.Binary;
using System.Net;

namespace EdgeAssist.MediaGateway.Relay;

/// <summary>An address and port as 18 octets of value: IPv4 in its IPv6 form (RFC 4291 §2.5.5.2), so that one comparison serves both.</summary>
/// <param name="Address">Big-endian reading of the 16 octets; 0 (address any) names nobody.</param>
/// <param name="Port">0: not known.</param>
internal readonly record struct PeerAddress(UInt128 Address, ushort Port)
{
    private static readonly UInt128 s_mapped = (UInt128)0xFFFF << 32;

    /// <summary>Nobody.</summary>
    public static PeerAddress None => default;

    /// <summary>Whether the address names somebody; the port may still be unknown.</summary>
    public bool HasAddress => Address != 0;

    /// <summary>Whether a datagram can be sent there.</summary>
    public bool IsComplete => Address != 0 && Port != 0;

    public bool IsIPv4 => Address >> 32 == 0xFFFF;

    /// <summary>The IPv4 address, big-endian reading; only when <see cref="IsIPv4"/>.</summary>
    public uint IPv4 => (uint)Address;

    public static PeerAddress From(IPEndPoint? endPoint)
    {
        if (endPoint is null || endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any)) return None;
        Span<byte> octets = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(octets, out _);
        return new PeerAddress(BinaryPrimitives.ReadUInt128BigEndian(octets), (ushort)endPoint.Port);
    }

    public static PeerAddress FromIPv4(uint address, ushort port) => address == 0 ? None : new PeerAddress(s_mapped | address, port);

    /// <summary>The same address with another port.</summary>
    public PeerAddress WithPort(int port) => this with { Port = (ushort)port };

    public IPEndPoint ToEndPoint()
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, Address);
        return new IPEndPoint(IsIPv4 ? new IPAddress(octets[12..]) : new IPAddress(octets), Port);
    }

    public override string ToString() => HasAddress ? ToEndPoint().ToString() : "nobody";
}
