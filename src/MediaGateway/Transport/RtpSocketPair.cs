using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.MediaGateway.Transport;

/// <summary>A bound RTP socket and the RTCP socket on the port after it.</summary>
internal sealed class RtpSocketPair : IDisposable
{
    private const int Attempts = 64;

    private RtpSocketPair(Socket rtp, Socket rtcp)
    {
        Rtp = rtp;
        Rtcp = rtcp;
        Port = ((IPEndPoint)rtp.LocalEndPoint!).Port;
    }

    public Socket Rtp { get; }

    public Socket Rtcp { get; }

    /// <summary>The even port.</summary>
    public int Port { get; }

    /// <summary>Datagrams the kernel dropped on both because their buffers were full; 0 where the system does not tell.</summary>
    public long KernelDropped => Dropped(Rtp) + Dropped(Rtcp);

    /// <summary>Binds a pair at a given even port.</summary>
    /// <returns>Null when one of the two is in use by another program.</returns>
    /// <exception cref="SocketException">The address is not one of this machine's.</exception>
    public static RtpSocketPair? TryBind(IPAddress address, int port, int receiveBuffer)
    {
        if (!TryBindOne(address, port, receiveBuffer, out var rtp)) return null;
        if (TryBindOne(address, port + 1, receiveBuffer, out var rtcp)) return new RtpSocketPair(rtp, rtcp);
        rtp.Dispose();
        return null;
    }

    /// <summary>Binds any free pair.</summary>
    /// <returns>Null when the system has none to give.</returns>
    /// <exception cref="SocketException">The address is not one of this machine's.</exception>
    public static RtpSocketPair? TryBindAny(IPAddress address, int receiveBuffer)
    {
        // What did not fit stays bound until one fits, else the system may offer the same port again.
        List<Socket> unfit = [];
        try
        {
            for (var i = 0; i < Attempts && TryBindOne(address, 0, receiveBuffer, out var first); i++)
            {
                var port = ((IPEndPoint)first.LocalEndPoint!).Port;
                if (TryBindOne(address, port ^ 1, receiveBuffer, out var second))
                    return port % 2 == 0 ? new RtpSocketPair(first, second) : new RtpSocketPair(second, first);
                unfit.Add(first);
            }

            return null;
        }
        finally
        {
            foreach (var socket in unfit) socket.Dispose();
        }
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
    }

    /// <summary>SO_MEMINFO of Linux (linux/sock_diag.h): nine words, the last one the drops. SO_RXQ_OVFL would need recvmsg for each datagram.</summary>
    private static long Dropped(Socket socket)
    {
        const int solSocket = 1, soMemInfo = 55, words = 9;
        if (!OperatingSystem.IsLinux()) return 0;

        Span<byte> info = stackalloc byte[words * sizeof(uint)];
        try
        {
            return socket.GetRawSocketOption(solSocket, soMemInfo, info) == info.Length ? BitConverter.ToUInt32(info[^sizeof(uint)..]) : 0;
        }
        catch (SocketException)
        {
            return 0;   // a kernel before 4.6, or a sandbox: nothing to tell
        }
    }

    private static bool TryBindOne(IPAddress address, int port, int receiveBuffer, [NotNullWhen(true)] out Socket? socket)
    {
        socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.ReceiveBufferSize = receiveBuffer;
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            socket.Dispose();
            socket = null;
            return false;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }
}
