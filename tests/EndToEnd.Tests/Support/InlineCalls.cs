using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>What the record of one leg says.</summary>
internal sealed record LegRecord(string Leg, int Status, int Cause, string Codec, long Received, long Sent, long Lost, string End, double TalkSeconds);

/// <summary>An appliance that carries calls through to one place, and the records it leaves.</summary>
internal sealed class InlineCalls(string folder)
{
    private string RecordFile => Path.Combine(folder, "calls.jsonl");

    /// <summary>Settings of an inline trunk whose calls go to a port of this machine.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings(int target, string transport = "udp") =>
    [
        new("Sip:CallRecords", RecordFile),
        new("Sip:Listen:0", "udp:127.0.0.1:0"),
        new("Sip:T1", "00:00:03"),   // a machine busy with other tests must not look like a lossy network
        new("Relay:Address", "127.0.0.1"),
        new("Relay:PortMin", "0"),
        new("Relay:PortMax", "0"),
        new("Sip:Trunks:0:Mode", "Inline"),
        new("Sip:Trunks:0:Inline:Routes:0:Targets:0", string.Create(CultureInfo.InvariantCulture, $"{transport}:127.0.0.1:{target}")),
    ];

    /// <summary>The records, once there are this many; they are written behind the call's end.</summary>
    /// <exception cref="TimeoutException">There are fewer after ten seconds.</exception>
    public async Task<IReadOnlyList<LegRecord>> RecordsAsync(int count, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(10);)
        {
            var lines = File.Exists(RecordFile) ? await File.ReadAllLinesAsync(RecordFile, cancellationToken) : [];
            if (lines.Length >= count) return [.. lines.Select(Read)];
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"There are not {count} call records: {(File.Exists(RecordFile) ? await File.ReadAllTextAsync(RecordFile, cancellationToken) : "none")}");
    }

    /// <summary>Arguments every sipp of these tests is started with.</summary>
    public static IEnumerable<string> Sipp(string scenario, IPEndPoint? remote, int port, int calls, int mediaPort) =>
    [
        .. remote is null ? (IEnumerable<string>)[] : [remote.ToString()],
        "-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", scenario), "-i", "127.0.0.1", "-p", Text(port), "-mi", "127.0.0.1", "-mp", Text(mediaPort),
        "-m", Text(calls), "-r", "5", "-nostdin", "-timeout", "25", "-timeout_error", "-trace_err",
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static LegRecord Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return new LegRecord(
            root.GetProperty("leg").GetString()!, root.GetProperty("status").GetInt32(), root.GetProperty("cause").GetInt32(), root.GetProperty("codec").GetString()!,
            root.GetProperty("packetsReceived").GetInt64(), root.GetProperty("packetsSent").GetInt64(), root.GetProperty("packetsLost").GetInt64(),
            root.GetProperty("end").GetString()!, root.GetProperty("talkSeconds").GetDouble());
    }
}
