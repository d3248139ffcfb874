using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>A leg on its way to a worker.</summary>
internal sealed class LegLink(LegInfo info, AudioPipe audio)
{
    public LegInfo Info => info;

    public AudioPipe Audio => audio;

    /// <summary>End of the last audio handed to any worker; −1 before the first. Written by the leg's one pump.</summary>
    public long SentTo { get; set; } = -1;

}

/// <summary>What a worker should know of a call. Immutable; a session sends the difference to what it has sent.</summary>
internal sealed record CallAudioState(CallInfo Call, ImmutableArray<LegLink> Legs, CallEndReason? Closing);
