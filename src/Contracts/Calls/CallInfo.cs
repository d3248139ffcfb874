using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>A party of the recorded call as signalling names it. Personal data: print with care.</summary>
/// <param name="Aor">Address of record (sip: or tel: URI), empty when not signalled.</param>
/// <param name="DisplayName">Name, empty when not signalled.</param>
public sealed record Party(string Aor, string DisplayName)
{
    public static Party Unknown { get; } = new("", "");
}

/// <summary>One direction of speech in a call: one media stream, one speaker (or both, when the client mixes them).</summary>
public sealed record LegInfo
{
    public required LegId Id { get; init; }

    /// <summary>The SDP label (RFC 4574), empty when absent.</summary>
    public string Label { get; init; } = "";

    public PartyRole Role { get; init; }

    public RoleEvidence RoleEvidence { get; init; }

    public Party Party { get; init; } = Party.Unknown;

    /// <summary>Encoding name of the stream, for example <c>PCMU</c>; empty before media flows.</summary>
    public string Codec { get; init; } = "";

    /// <summary>Recording is paused or stopped: the leg's audio is dropped at the fork, before analysis.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>A call as everything behind the gateway knows it. Immutable: a change makes a new one with a higher <see cref="Version"/>.</summary>
public sealed record CallInfo
{
    public required CallId Id { get; init; }

    /// <summary>Counts the changes of this record, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Position 0 of the call's timeline on the monotonic clock of the process that received it.</summary>
    public required Instant Origin { get; init; }

    /// <summary><see cref="Origin"/> as wall-clock time.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How the call came in: <c>siprec</c>, <c>inline</c>, <c>replay</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The configured trunk it came over, empty for the default one.</summary>
    public string Trunk { get; init; } = "";

    /// <summary>Name of the gateway that carries it: where a supervisor's wish for the call goes. Empty when none is known.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>Team the call belongs to: the unit of a supervisor's scope. Empty when no rule says.</summary>
    public string Team { get; init; } = "";

    /// <summary>Agent's identity: the user part of the agent's address, or what a trunk rule extracts. Empty when unknown.</summary>
    public string Agent { get; init; } = "";

    /// <summary>Customer's identity: number or address, as signalled. Personal data. Empty when unknown.</summary>
    public string Customer { get; init; } = "";

    public ImmutableArray<LegInfo> Legs { get; init; } = [];

    /// <summary>What other systems know of the customer; null when nothing was told.</summary>
    public CustomerHistory? History { get; init; }

    /// <summary>Keys that tie the call to other systems: <c>sip-call-id</c>, <c>session-id</c> (RFC 7989), <c>ucid</c>, <c>recording-session</c>, …</summary>
    public ImmutableSortedDictionary<string, string> CorrelationIds { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public LegInfo? Leg(LegId id) => Legs.FirstOrDefault(leg => leg.Id == id);

    /// <summary>The media position of an instant of the receiving process, not before 0.</summary>
    public long PositionAt(Instant instant) => Math.Max(0, PcmFormat.Samples(instant - Origin));
}

/// <summary>Why a call's analysis ended.</summary>
public enum CallEndReason
{
    /// <summary>The peer said BYE.</summary>
    Hangup = 0,

    /// <summary>We are shutting down.</summary>
    Shutdown = 1,

    /// <summary>No media or no signalling for longer than allowed.</summary>
    Timeout = 2,

    /// <summary>The link to the gateway or the worker was lost.</summary>
    Lost = 3,
}
