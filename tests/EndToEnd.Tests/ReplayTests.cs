using System.Buffers.Binary;
using EdgeAssist.EndToEnd.Tests.Support;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Replay;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Hosting;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Streaming;
using Xunit;

namespace EdgeAssist.EndToEnd.Tests;

/// <summary>Recorded calls through receiver, recognition, score and alert rules on their own clock.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-replay").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    [Fact]
    public async Task The_same_call_gives_the_same_alerts_and_events_byte_for_byte()
    {
        using var replay = await LoadAsync();
        using var another = await LoadAsync();

        var one = await ReplayedCall.PlayAsync(replay, Sample("escalation"), 1, Cancel);
        var again = await ReplayedCall.PlayAsync(replay, Sample("escalation"), 1, Cancel);
        var other = await ReplayedCall.PlayAsync(another, Sample("escalation"), 1, Cancel);

        Assert.NotEmpty(one.Alerts);
        Assert.Equal(one.Alerts, again.Alerts);
        Assert.Equal(one.EventLines, again.EventLines);
        Assert.Equal(one.EventLines, other.EventLines);
        Assert.Equal(one.Alerts, other.Alerts);
    }

    [Fact]
    public async Task The_calm_call_gives_none()
    {
        using var replay = await LoadAsync();

        Assert.Empty((await ReplayedCall.PlayAsync(replay, Sample("calm"), 1, Cancel)).Alerts);
    }

    [Fact]
    public async Task A_capture_of_the_call_gives_what_its_recordings_give()
    {
        using var replay = await LoadAsync();
        var call = SampleCall.Read(Sample("escalation"));
        var file = Path.Combine(_folder, "escalation.pcap");
        File.WriteAllBytes(file, Pcap(RtpPackets.Of(call)));
        var customer = 1 + call.Parties.ToList().FindIndex(party => party.Role == "customer");

        var captured = await ReplayedCall.PlayAsync(replay, file, customer, Cancel);
        var played = await ReplayedCall.PlayAsync(replay, Sample("escalation"), 1, Cancel);

        static IEnumerable<string> Told(ReplayedCall c) => c.Alerts.Select(line => line.Replace(c.Name, "call", StringComparison.Ordinal).Split("\"traceId\"")[0].Split("\"eventTime\"")[1]);
        Assert.Equal(1, captured.Opened);
        Assert.Equal(Told(played), Told(captured));
    }

    [Fact]
    public async Task What_cannot_be_played_is_refused_with_the_reason()
    {
        using var replay = await LoadAsync();
        var text = Path.Combine(_folder, "text.pcap");
        File.WriteAllText(text, "this is no capture but a longer line of text");
        var empty = Path.Combine(_folder, "empty.pcap");
        File.WriteAllBytes(empty, Pcap([]));

        Assert.Contains("is no packet capture", (await Assert.ThrowsAsync<UserError>(() => ReplayedCall.PlayAsync(replay, text, 1, Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("holds no RTP stream", (await Assert.ThrowsAsync<UserError>(() => ReplayedCall.PlayAsync(replay, empty, 1, Cancel))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", (await Assert.ThrowsAsync<UserError>(() => ReplayedCall.PlayAsync(replay, Path.Combine(_folder, "none.pcap"), 1, Cancel))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<CallReplay> LoadAsync()
    {
        var (directory, reason) = await TestModels.FindAsync(Cancel);
        if (directory is null) Assert.Skip(reason);
        return CallReplay.Load(new ModelStore(directory), new InferenceOptions());
    }

    /// <summary>Ethernet, IPv4, UDP.</summary>
    private static byte[] Pcap(List<RtpPacketAt> packets)
    {
        using var file = new MemoryStream();
        Span<byte> head = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(head[16..], 65_535);
        BinaryPrimitives.WriteUInt32LittleEndian(head[20..], 1);
        file.Write(head);
        foreach (var packet in packets) file.Write(Record(packet));
        return file.ToArray();
    }

    private static byte[] Record(RtpPacketAt packet)
    {
        var length = 14 + 20 + 8 + packet.Datagram.Length;
        var record = new byte[16 + length];
        var at = packet.At + TimeSpan.FromSeconds(1_000_000);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)at.TotalSeconds);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), (uint)(at.Ticks % TimeSpan.TicksPerSecond / 10));
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), length);
        var frame = record.AsSpan(16);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], 0x0800);
        var ip = frame[14..];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(length - 14));
        ip[9] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(ip[24..], (ushort)(8 + packet.Datagram.Length));
        packet.Datagram.Span.CopyTo(ip[28..]);
        return record;
    }
}
