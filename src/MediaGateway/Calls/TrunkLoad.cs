namespace EdgeAssist.MediaGateway.Calls;

/// <summary>How many calls each trunk has now. The signalling loop's.</summary>
internal sealed class TrunkLoad
{
    private readonly Dictionary<Trunk, int> _calls = new(ReferenceEqualityComparer.Instance);

    public int Of(Trunk trunk) => _calls.GetValueOrDefault(trunk);

    public bool IsFull(Trunk trunk) => trunk.MaxCalls > 0 && Of(trunk) >= trunk.MaxCalls;

    public void Enter(Trunk trunk) => _calls[trunk] = Of(trunk) + 1;

    public void Leave(Trunk trunk) => _calls[trunk] = Of(trunk) - 1;
}
