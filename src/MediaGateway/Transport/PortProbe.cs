using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>Finds out whether a port could be bound, without keeping it.</summary>
public static class PortProbe
{
    /// <summary>Null when the port is free, else what the system says.</summary>
    public static string? Try(IPEndPoint endpoint, ProtocolType protocol)
    {
        ArgumentNullException.ThrowIfNull(endpoint);

        using var socket = new Socket(endpoint.AddressFamily,
            protocol == ProtocolType.Udp ? SocketType.Dgram : SocketType.Stream, protocol);
        try
        {
            socket.Bind(endpoint);
            return null;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program uses it",
                SocketError.AccessDenied => "not permitted (ports below 1024 need CAP_NET_BIND_SERVICE)",
                SocketError.AddressNotAvailable => "this machine does not have that address",
                _ => refused.Message,
            };
        }
    }
}
