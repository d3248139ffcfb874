using System.Collections.Immutable;
using System.Net;
using EdgeAssist.MediaGateway.Sip.UserAgent;

namespace EdgeAssist.MediaGateway.Calls;

/// <summary>One party's stream of a call to place.</summary>
public sealed record RecordingCallStream
{
    /// <summary>SDP label (RFC 4574), 1…64 token characters, unique in the call.</summary>
    public required string Label { get; init; }

    /// <summary>Address of record of the party heard, for example <c>sip:4711@example.net</c>.</summary>
    public required string Aor { get; init; }

    /// <summary>The party's name, empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>G.711 octets, one a sample at 8 kHz.</summary>
    public required ReadOnlyMemory<byte> Encoded { get; init; }

    /// <summary>0 for PCMU, 8 for PCMA.</summary>
    public byte PayloadType { get; init; }
}

/// <summary>A recorded call to place, as a session border controller would (RFC 7866).</summary>
public sealed record RecordingCallPlan
{
    /// <summary>Where the recording server listens.</summary>
    public required IPEndPoint Target { get; init; }

    public SipTransport Transport { get; init; }

    /// <summary>One to eight streams.</summary>
    public required ImmutableArray<RecordingCallStream> Streams { get; init; }

    /// <summary>Told of every step, on the thread that took it; may be null.</summary>
    public Action<RecordingCallStep, DateTimeOffset>? Progress { get; init; }
}

/// <summary>Steps of a placed call, in order.</summary>
public enum RecordingCallStep
{
    /// <summary>The server took the call.</summary>
    Answered = 0,

    /// <summary>The first packets leave now.</summary>
    MediaStarted,

    /// <summary>The longest stream has been played, or the call was stopped.</summary>
    MediaEnded,

    /// <summary>The call is over.</summary>
    Ended,
}

/// <summary>What was sent of one stream.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Packets">RTP packets sent.</param>
/// <param name="StartedAt">Wall-clock time of its first sample.</param>
public sealed record RecordingCallStreamResult(string Label, long Packets, DateTimeOffset StartedAt);

/// <summary>How a placed call went.</summary>
public sealed record RecordingCallResult
{
    /// <summary>Answered, played and ended as planned, or stopped by the caller after it was answered.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>What happened, as a sentence for people.</summary>
    public required string Sentence { get; init; }

    /// <summary>Final status of the INVITE, 0 when there was none.</summary>
    public int Status { get; init; }

    /// <summary>Call-ID of the recording session.</summary>
    public string CallId { get; init; } = "";

    /// <summary>In the order of the plan; a stream the server refused has no packets.</summary>
    public ImmutableArray<RecordingCallStreamResult> Streams { get; init; } = [];
}
