using System.Collections.Immutable;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Calls.Bridge;

namespace EdgeAssist.MediaGateway.Calls.Supervisors;

/// <summary>A live call as a supervisor can be put on it; a look at it, good for one step of the signalling loop.</summary>
internal sealed record SupervisedCall
{
    public required CallInfo Info { get; init; }

    /// <summary>The forks of its legs; empty when nothing of it is decoded.</summary>
    public required ImmutableArray<AudioPipe> Heard { get; init; }

    /// <summary>The call when it is carried through here; null when only its copy comes (SIPREC).</summary>
    public BridgedCall? Bridged { get; init; }

    /// <summary>The relayed audio of an inline call; null before there is any.</summary>
    public IRelayStream? Stream => Bridged?.Media.Audio?.Stream;

    /// <summary>What the legs speak now.</summary>
    public string Codec => Bridged?.Media.Audio?.Codec ?? Info.Legs.FirstOrDefault()?.Codec ?? "";

    /// <summary>A supervisor can be mixed into it.</summary>
    public bool IsMixable => Stream?.IsMixable == true;

    /// <summary>The agent's side; null when signalling does not say.</summary>
    public RelaySide? AgentSide
    {
        get
        {
            if (Bridged is null || Info.Legs.Length != 2) return null;
            var (caller, callee) = (Info.Legs[0].Role, Info.Legs[1].Role);
            if (caller == PartyRole.Agent && callee != PartyRole.Agent) return RelaySide.Caller;
            if (callee == PartyRole.Agent && caller != PartyRole.Agent) return RelaySide.Callee;
            return null;
        }
    }
}
