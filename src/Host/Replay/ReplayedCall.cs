using EdgeAssist.AlertRelay.State;
using EdgeAssist.Contracts;
using EdgeAssist.Host.Demo;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Streaming;

namespace EdgeAssist.Host.Replay;

/// <summary>What a replay gave.</summary>
/// <param name="Name">The folder's or file's name.</param>
/// <param name="Length">Of the call.</param>
/// <param name="Events">What analysis said.</param>
/// <param name="Alerts">Changes of alerts, a line of JSON each.</param>
/// <param name="EventLines">The events, a line of JSON each.</param>
internal sealed record ReplayedCall(string Name, TimeSpan Length, IReadOnlyList<CallEvent> Events, IReadOnlyList<string> Alerts, IReadOnlyList<string> EventLines)
{
    // A recording has no wall clock of its own: it begins at a moment that is the same every time.
    private static readonly DateTimeOffset Beginning = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Instant Origin = new(0);

    /// <summary>Alerts that were opened.</summary>
    public int Opened => CountOpened(Alerts);

    /// <summary>Of changes of alerts, a line of JSON each, those that open one.</summary>
    public static int CountOpened(IEnumerable<string> alerts) => alerts.Count(line => line.Contains("\"ALERT_CHANGE_OPENED\"", StringComparison.Ordinal));

    /// <summary>Plays a folder with <c>call.json</c>, or a capture.</summary>
    /// <param name="replay">The analysis.</param>
    /// <param name="path">Folder or file.</param>
    /// <param name="customerStream">Of a capture: the stream, from 1, that is the customer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UserError">What is there cannot be played; the message says why.</exception>
    public static async Task<ReplayedCall> PlayAsync(CallReplay replay, string path, int customerStream, CancellationToken cancellationToken)
    {
        var (packets, roles) = Recording(path, customerStream);
        var legs = roles.Select((role, i) => new LegInfo { Id = new LegId(i), Role = role, RoleEvidence = RoleEvidence.Correction, Codec = "PCMU" }).ToArray();
        var name = Path.GetFileName(path.TrimEnd(Path.DirectorySeparatorChar));
        var call = new CallInfo { Id = new CallId($"replay-{name}"), Origin = Origin, StartedAt = Beginning, Source = "replay", Legs = [.. legs] };
        var audio = RtpPackets.Receive(packets, legs.Length, Origin).Select(stretch => new ReplayedAudio(legs[stretch.Stream], stretch.Head, stretch.Samples));
        var events = await replay.RunAsync(call, audio, cancellationToken);

        var relay = new AlertReplay(new ClockAnchor(Origin, Beginning));
        return new ReplayedCall(name, packets[^1].At, events, [.. events.SelectMany(relay.Accept)], [.. events.Select(relay.Line)]);
    }

    private static (List<RtpPacketAt> Packets, PartyRole[] Roles) Recording(string path, int customerStream)
    {
        if (Directory.Exists(path))
        {
            var call = SampleCall.Read(path);
            var packets = RtpPackets.Of(call);
            if (packets.Count == 0) throw new UserError($"The recordings in {path} are empty.");
            return (packets, [.. call.Parties.Select(party => party.Role == "agent" ? PartyRole.Agent : PartyRole.Customer)]);
        }

        var captured = Capture.Read(path);
        var streams = captured.Max(packet => packet.Stream) + 1;
        if (customerStream < 1 || customerStream > streams) throw new UserError($"--customer {customerStream}: the capture has {streams} stream(s) of speech, counted from 1.");
        return (captured, [.. Enumerable.Range(1, streams).Select(i => i == customerStream ? PartyRole.Customer : PartyRole.Agent)]);
    }
}
