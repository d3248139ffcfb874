using EdgeAssist.MediaGateway.Calls;
using EdgeAssist.V1;

namespace EdgeAssist.EndToEnd.Tests.Support;

/// <summary>A call that was placed and is over, with everything the client saw of it.</summary>
internal sealed record PlayedCall(
    RecordingCallResult Result, IReadOnlyDictionary<RecordingCallStep, DateTimeOffset> Steps, IReadOnlyList<Heard<CallEvent>> Events, Watcher Watcher)
{
    public Call Started => Events.Select(heard => heard.Value.Started).First(call => call is not null);

    /// <summary>Finals with words, in the order they came.</summary>
    public IReadOnlyList<Heard<Transcript>> Finals =>
        [.. Events.Where(heard => heard.Value.Transcript is { Final: true, Text.Length: > 0 }).Select(heard => new Heard<Transcript>(heard.Value.Transcript, heard.At))];

    public IEnumerable<Heard<AlertEvent>> Alerts => Watcher.Alerts.Where(heard => heard.Value.Alert.CallId == Started.CallId);

    public IReadOnlyList<Transcript> FinalsOf(PartyRole role) => [.. Finals.Select(heard => heard.Value).Where(final => final.Role == role)];

    public string WordsOf(PartyRole role) => string.Join(' ', FinalsOf(role).Select(final => final.Text));

    /// <summary>Place of a recording's first sample on the call's timeline.</summary>
    public TimeSpan MediaBegan => Result.Streams.Min(stream => stream.StartedAt) - Started.StartedAt.ToDateTimeOffset();
}
