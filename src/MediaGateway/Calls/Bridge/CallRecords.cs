using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Diagnostics;
using EdgeAssist.MediaGateway.Rtcp;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>Two lines a call, one for each leg. Numbers and addresses stand in full: the file is the operator's, the log has none of them.</summary>
internal sealed record CallRecord
{
    public required string Call { get; init; }

    /// <summary><c>caller</c> or <c>callee</c>.</summary>
    public required string Leg { get; init; }

    public required string Trunk { get; init; }

    /// <summary>Where the call was sent, host and port.</summary>
    public required string Target { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public required string SipCallId { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Answered { get; init; }

    public required DateTimeOffset Ended { get; init; }

    /// <summary>Time from answer to end, 0 when it was not answered.</summary>
    public double TalkSeconds { get; init; }

    /// <summary>Final status of the INVITE, 0 when there was none.</summary>
    public int Status { get; init; }

    public required string End { get; init; }

    /// <summary>Q.850 cause: of the Reason header, else what the status is in the telephone network.</summary>
    public int Cause { get; init; }

    /// <summary>Reason header (RFC 3326) as it came, empty without one.</summary>
    public string Reason { get; init; } = "";

    public bool EndedByPeer { get; init; }

    public bool Emergency { get; init; }

    public string Codec { get; init; } = "";

    public long PacketsReceived { get; init; }

    public long PacketsSent { get; init; }

    public long PacketsLost { get; init; }

    public long WrongSource { get; init; }

    /// <summary>Interarrival jitter of what came from the leg (RFC 3550), as it stood at the end.</summary>
    public double JitterMilliseconds { get; init; }

    /// <summary>
    /// Mean opinion score of what came from the leg by the E-model, 1…4.41, from its loss and a receiver's buffer of twice the
    /// jitter; 0 when nothing came. An estimate.
    /// </summary>
    public double MeanOpinionScore { get; init; }

    /// <summary>The leg's media was SRTP.</summary>
    public bool Protected { get; init; }
}

[JsonSerializable(typeof(CallRecord))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CallRecordJson : JsonSerializerContext;

/// <summary>
/// Call detail records as JSON lines, appended to a file. The signalling loop hands them to a task through a bounded channel;
/// what does not fit, or cannot be written, is counted: a full disk ends no call.
/// </summary>
internal sealed class CallRecords : IAsyncDisposable
{
    private readonly string _path;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Channel<CallRecord> _queue = Channel.CreateBounded<CallRecord>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly Task _writing;

    /// <param name="path">The file; empty writes none.</param>
    /// <param name="metrics">Counts what is lost.</param>
    /// <param name="logger">Told once when writing fails, and once more after it worked again.</param>
    public CallRecords(string path, GatewayMetrics metrics, ILogger<CallRecords> logger)
    {
        (_path, _metrics, _logger) = (path, metrics, logger);
        _writing = path.Length == 0 ? Task.CompletedTask : Task.Run(WriteAsync);
    }

    /// <summary>Writes both legs of a call that has ended.</summary>
    public void Write(BridgedCall call, Instant now)
    {
        foreach (var leg in (ReadOnlySpan<BridgeLeg>)[call.Caller, call.Callee])
            Write(call, leg, now);
    }

    /// <summary>Writes one leg: of a call that has ended, or that goes on without it.</summary>
    public void Write(BridgedCall call, BridgeLeg leg, Instant now)
    {
        if (_path.Length == 0 || leg.Session is null) return;
        if (!_queue.Writer.TryWrite(Make(call, leg, now))) _metrics.RecordLost();
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing;
    }

    /// <summary>The record of one leg.</summary>
    internal static CallRecord Make(BridgedCall call, BridgeLeg leg, Instant now)
    {
        var info = call.Parties.Info;
        var ended = leg.IsEnded ? leg.EndedAt : now;
        return new CallRecord
        {
            Call = info.Id.Value, Leg = leg.Side == RelaySide.Caller ? "caller" : "callee", Trunk = info.Trunk, Target = call.Target,
            From = call.Parties.PartyOf(RelaySide.Caller).Aor, To = call.Parties.PartyOf(RelaySide.Callee).Aor, SipCallId = leg.Session!.Invite.CallId,
            Started = At(leg.StartedAt), Answered = leg.AnsweredAt.IsNever ? null : At(leg.AnsweredAt), Ended = At(ended),
            TalkSeconds = leg.AnsweredAt.IsNever ? 0 : (ended - leg.AnsweredAt).TotalSeconds,
            Status = leg.Status, End = leg.End.ToString(), Cause = CauseOf(leg), Reason = leg.Reason, EndedByPeer = leg.EndedByPeer, Emergency = call.IsEmergency,
            Codec = leg.Codec, PacketsReceived = leg.Media.PacketsReceived, PacketsSent = leg.Media.PacketsSent, PacketsLost = leg.Media.Lost,
            WrongSource = leg.Media.WrongSource, JitterMilliseconds = Math.Round(leg.Media.Jitter.TotalMilliseconds, 2), MeanOpinionScore = ScoreOf(leg.Media),
            Protected = leg.IsProtected,
        };

        DateTimeOffset At(Instant instant) => info.StartedAt + (instant - info.Origin);
    }

    private static double ScoreOf(RelaySideStatistics media)
    {
        if (media.PacketsReceived == 0) return 0;
        var loss = (double)media.Lost / (media.PacketsReceived + media.Lost);
        return Math.Round(VoiceQuality.Mos(VoiceQuality.Rating(loss, 2 * media.Jitter)), 2);
    }

    private static int CauseOf(BridgeLeg leg)
    {
        const string Prefix = "Q.850;cause=";
        var at = leg.Reason.Replace(" ", "", StringComparison.Ordinal).IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return CauseMap.Q850(leg.Status);
        var digits = leg.Reason.Replace(" ", "", StringComparison.Ordinal)[(at + Prefix.Length)..].TakeWhile(char.IsAsciiDigit).ToArray();
        return int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var cause) && cause is > 0 and < 128 ? cause : CauseMap.Q850(leg.Status);
    }

    private async Task WriteAsync()
    {
        var isFailing = false;
        await foreach (var record in _queue.Reader.ReadAllAsync())
        {
            try
            {
                await File.AppendAllTextAsync(_path, JsonSerializer.Serialize(record, CallRecordJson.Default.CallRecord) + "\n");
                isFailing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _metrics.RecordLost();
                if (!isFailing) BridgeLog.RecordsFailed(_logger, _path, e);
                isFailing = true;
            }
        }
    }
}
