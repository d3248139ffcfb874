using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.Testing;

/// <summary>Ports for programs that must be told one.</summary>
public static class LoopbackPorts
{
    /// <summary>
    /// A port nobody has over UDP and TCP, the next two free too; below the range from which the system gives ports to others
    /// that ask for any (32768 and up), so that no connection of a test beside takes it before it is used.
    /// </summary>
    public static int Free()
    {
        for (var left = 500; left > 0; left--)
        {
            var port = 2 * Random.Shared.Next(5_500, 16_000);
            if (Enumerable.Range(port, 3).All(IsFree)) return port;
        }

        throw new InvalidOperationException("No three free ports were found between 11000 and 32000.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
