using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using EdgeAssist.MediaGateway.Rtp;

namespace EdgeAssist.RelayBench;

/// <summary>RTP bleed: A and B talk, a third socket sends to A's port of the relay. Who then gets B's packets, and whom does B hear?</summary>
internal static class BleedCommand
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    public static Command Create()
    {
        var command = new Command("bleed", "An attacker sends to a call's port before, during and after it talks, on rtpengine's default and on ours.");
        command.SetAction(async (_, cancellationToken) =>
        {
            if (await RtpEngine.StartAsync(0) is { } lax) await AttackAsync(lax, "rtpengine, default", cancellationToken);
            if (await RtpEngine.StartAsync(0, "strict-source", "asymmetric") is { } strict) await AttackAsync(strict, "rtpengine, strict-source asymmetric", cancellationToken);
            await AttackAsync(await OwnRelay.StartAsync("0", fork: false), "edgeassist, default", cancellationToken);
        });
        return command;
    }

    private static async Task AttackAsync(IRelayUnderTest relay, string name, CancellationToken cancellationToken)
    {
        await using (relay)
        {
            using var a = new Party(1);
            using var b = new Party(2);
            using var attacker = new Party(3);
            var ports = await relay.OpenAsync(0, a.EndPoint, b.EndPoint, secure: false);
            (a.Relay, b.Relay, attacker.Relay) = (ports.Caller, ports.Callee, ports.Caller);

            await TalkAsync(0, [attacker], [b], cancellationToken);                 // before A says anything; B already does
            await TalkAsync(20, [attacker, a], [b], cancellationToken);             // during
            await TalkAsync(50, [attacker, a], [b], cancellationToken);             // and for a second more
            await TalkAsync(20, [a], [b], cancellationToken);                       // A and B alone again
            var lines = (a.Drain(), b.Drain(), attacker.Drain());
            Console.WriteLine($"{name}: attacker got {lines.Item3.FromB} of B's {b.Sent} packets, A got {lines.Item1.FromB}; B heard {lines.Item2.FromAttacker} of the attacker's {attacker.Sent} and {lines.Item2.FromA} of A's {a.Sent}"
                + (relay is OwnRelay own ? $" ({await own.CountsAsync()})" : ""));
        }
    }

    /// <summary>Steps of 20 ms; with 0 steps only the first of each side sends, 20 times, A being still silent.</summary>
    private static async Task TalkAsync(int steps, Party[] toA, Party[] toB, CancellationToken cancellationToken)
    {
        using var clock = new PeriodicTimer(s_step);
        for (var i = 0; i < (steps == 0 ? 20 : steps); i++)
        {
            foreach (var party in toA) party.Send();
            foreach (var party in toB) party.Send();
            await clock.WaitForNextTickAsync(cancellationToken);
        }
    }

    private sealed class Party : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        private readonly byte _mark;

        public Party(byte mark)
        {
            _mark = mark;
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }

        public IPEndPoint EndPoint { get; }

        public IPEndPoint Relay { get; set; } = new(IPAddress.Loopback, 0);

        public int Sent { get; private set; }

        public void Send()
        {
            var packet = new byte[172];
            new RtpHeader(0, false, new SequenceNumber((ushort)Sent), (uint)(160 * Sent), _mark).Write(packet);
            packet.AsSpan(12).Fill(_mark);
            _socket.SendTo(packet, Relay);
            Sent++;
        }

        /// <summary>Counts what came, by whose payload it is.</summary>
        public (int FromA, int FromB, int FromAttacker) Drain()
        {
            var counts = new int[4];
            var buffer = new byte[2_048];
            while (_socket.Available > 0)
                if (_socket.Receive(buffer) == 172 && buffer[100] <= 3) counts[buffer[100]]++;
            return (counts[1], counts[2], counts[3]);
        }

        public void Dispose() => _socket.Dispose();
    }
}
