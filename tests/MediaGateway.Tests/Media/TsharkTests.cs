using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.MediaGateway.Codecs;
using EdgeAssist.MediaGateway.Rtp;
using EdgeAssist.Testing;
using Xunit;

namespace EdgeAssist.MediaGateway.Tests.Media;

/// <summary>
/// Our counts against those of tshark (Debian package tshark) on the same capture. No RTP captures lie in the shared folder, so
/// each is made here: a stream through the network emulator, written as a pcap file. Its numbers do not wrap: where packets
/// are reordered across the wrap, tshark 4.0 counts a cycle of 65,536 too many (our own count is tested in ReceptionStatisticsTests).
/// </summary>
public sealed class TsharkTests
{
    [Theory]
    [InlineData(0.0, 0, 0.0)]
    [InlineData(0.05, 0, 0.0)]
    [InlineData(0.02, 25, 0.03)]
    [InlineData(0.10, 40, 0.05)]
    public async Task Packets_loss_and_jitter_are_those_of_tshark(double loss, int jitter, double reordering)
    {
        var profile = new NetworkProfile { Delay = TimeSpan.FromMilliseconds(5), Jitter = TimeSpan.FromMilliseconds(jitter), Loss = loss, Reordering = reordering };
        var received = Receive(profile, packets: 3_000);
        var path = Path.Combine(Path.GetTempPath(), $"edgeassist-{Guid.NewGuid():N}.pcap");
        try
        {
            WriteCapture(path, received);
            var reference = await AskTsharkAsync(path);
            var (mine, jitters) = Count(received);

            Assert.Equal(reference.Packets, mine.Packets);
            Assert.Equal(reference.Lost, Report(received).CumulativeLost);
            Assert.InRange(jitters.Average(), reference.MeanJitter * 0.98 - 0.01, reference.MeanJitter * 1.02 + 0.01);
            Assert.InRange(jitters.Max(), reference.MaxJitter * 0.98 - 0.01, reference.MaxJitter * 1.02 + 0.01);
            TestContext.Current.TestOutputHelper?.WriteLine($"tshark: {reference}; ours: {mine.Packets} packets, {Report(received).CumulativeLost} lost, jitter {jitters.Average():0.000} mean, {jitters.Max():0.000} ms at most.");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static List<(Instant At, byte[] Datagram)> Receive(NetworkProfile profile, int packets)
    {
        var network = new NetworkEmulator(profile, seed: 12);
        var clock = new VirtualClock();
        var received = new List<(Instant, byte[])>();
        var packet = new byte[172];
        for (var i = 0; i < packets; i++)
        {
            new RtpHeader(0, i == 0, new SequenceNumber((ushort)(10_000 + i)), (uint)(4_294_900_000 + 160 * i), 0x5151).Write(packet);
            network.Send(packet, clock.Now);
            var next = clock.Now + TimeSpan.FromMilliseconds(20);
            while (network.NextArrival <= next)
            {
                clock.AdvanceTo(network.NextArrival);
                while (network.TryReceive(clock.Now, out var datagram, out _)) received.Add((clock.Now, datagram.ToArray()));
            }

            clock.AdvanceTo(next);
        }

        return received;
    }

    private static (MediaLegStatistics Counts, List<double> JitterMilliseconds) Count(List<(Instant At, byte[] Datagram)> received)
    {
        var rig = new LegRig();
        var jitters = new List<double>();
        foreach (var (at, datagram) in received)
        {
            rig.Leg.OnDatagram(datagram, at);
            jitters.Add(rig.Statistics.JitterInRtpUnits / 8);
        }

        return (rig.Statistics, jitters);
    }

    /// <summary>What a receiver report would say: expected less received (RFC 3550 §A.3), which is what tshark counts.</summary>
    private static ReceptionReport Report(List<(Instant At, byte[] Datagram)> received)
    {
        var stream = new RtpStream(TimeSpan.FromMilliseconds(60));
        stream.Begin(0x5151);
        foreach (var (at, datagram) in received)
        {
            Assert.Equal(RtpParseError.None, RtpPacketView.TryParse(datagram, out var packet));
            stream.Accept(packet, new PayloadFormat(PayloadKind.Pcmu, 8_000), at);
        }

        return stream.Report();
    }

    /// <summary>Classic pcap with raw IPv4 (link type 101), UDP to port 40000.</summary>
    private static void WriteCapture(string path, List<(Instant At, byte[] Datagram)> received)
    {
        using var file = new BinaryWriter(File.Create(path));
        foreach (var word in (uint[])[0xA1B2_C3D4, 0x0004_0002, 0, 0, 65_535, 101]) file.Write(word);
        var first = received[0].At;
        foreach (var (at, datagram) in received)
        {
            var microseconds = (at - first).Ticks / 10;
            var length = 28 + datagram.Length;
            file.Write((uint)(1_700_000_000 + microseconds / 1_000_000));
            file.Write((uint)(microseconds % 1_000_000));
            file.Write((uint)length);
            file.Write((uint)length);
            var head = new byte[28];
            (head[0], head[8], head[9]) = (0x45, 64, 17);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)length);
            BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(12), 0x7F00_0001);
            BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(16), 0x7F00_0001);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(20), 30_000);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(22), 40_000);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(24), (ushort)(8 + datagram.Length));
            file.Write(head);
            file.Write(datagram);
        }
    }

    private static async Task<TsharkStream> AskTsharkAsync(string path)
    {
        var start = new ProcessStartInfo("tshark", ["-r", path, "-d", "udp.port==40000,rtp", "-q", "-z", "rtp,streams"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var tshark = Start(start);
        var output = tshark.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = tshark.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tshark.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(tshark.ExitCode == 0, await error);

        // start end source port destination port ssrc payload packets lost (share) delta×3 jitter×3
        var line = (await output).Split('\n').Single(text => text.Contains("0x00005151", StringComparison.OrdinalIgnoreCase));
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var ssrc = Array.FindIndex(fields, field => field.Equals("0x00005151", StringComparison.OrdinalIgnoreCase));
        var share = Array.FindIndex(fields, field => field.StartsWith('('));
        var after = fields[(share + 1)..].Where(field => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _)).Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        Assert.True(ssrc > 0 && after.Length >= 6, line);
        return new TsharkStream(long.Parse(fields[share - 2], CultureInfo.InvariantCulture), int.Parse(fields[share - 1], CultureInfo.InvariantCulture), after[4], after[5]);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("tshark is not installed (Debian: apt-get install tshark).");
            throw;
        }
    }

    private sealed record TsharkStream(long Packets, int Lost, double MeanJitter, double MaxJitter);
}
