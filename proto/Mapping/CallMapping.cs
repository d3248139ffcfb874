using System.Collections.Immutable;
using EdgeAssist.Contracts;
using Google.Protobuf.WellKnownTypes;

namespace EdgeAssist.Proto.Mapping;

/// <summary>Calls and their legs between <see cref="Contracts"/> and the wire.</summary>
public static class CallMapping
{
    public static V1.Leg ToWire(this LegInfo leg) => new()
    {
        Id = leg.Id.Value,
        Role = leg.Role.ToWire(),
        RoleEvidence = leg.RoleEvidence.ToWire(),
        Label = leg.Label,
        Aor = leg.Party.Aor,
        DisplayName = leg.Party.DisplayName,
        Codec = leg.Codec,
        Paused = leg.IsPaused,
    };

    public static LegInfo ToContract(this V1.Leg leg) => new()
    {
        Id = new LegId(leg.Id),
        Role = leg.Role.ToContract(),
        RoleEvidence = EnumMapping.ToRoleEvidence(leg.RoleEvidence),
        Label = leg.Label,
        Party = new Party(leg.Aor, leg.DisplayName),
        Codec = leg.Codec,
        IsPaused = leg.Paused,
    };

    public static V1.CustomerHistory ToWire(this CustomerHistory history) => new()
    {
        OpenCases = history.OpenCases,
        RecentContacts = history.RecentContacts,
        BrokenPromises = history.BrokenPromises,
    };

    public static CustomerHistory ToContract(this V1.CustomerHistory history) => new()
    {
        OpenCases = Math.Max(0, history.OpenCases),
        RecentContacts = Math.Max(0, history.RecentContacts),
        BrokenPromises = Math.Max(0, history.BrokenPromises),
    };

    public static V1.Call ToWire(this CallInfo call)
    {
        var wire = new V1.Call
        {
            CallId = call.Id.Value,
            Version = call.Version,
            StartedAt = call.StartedAt.ToTimestamp(),
            Source = call.Source,
            Trunk = call.Trunk,
            Team = call.Team,
            Agent = call.Agent,
            Customer = call.Customer,
            History = call.History?.ToWire(),
            Gateway = call.Gateway,
        };
        wire.Legs.AddRange(call.Legs.Select(ToWire));
        foreach (var (key, value) in call.CorrelationIds) wire.CorrelationIds[key] = value;
        return wire;
    }

    /// <param name="call">The call as the other process tells it.</param>
    /// <param name="clock">This process's clocks: the origin is rebuilt from the wall-clock start.</param>
    public static CallInfo ToContract(this V1.Call call, ClockAnchor clock)
    {
        var startedAt = call.StartedAt?.ToDateTimeOffset() ?? clock.Wall;
        return new CallInfo
        {
            Id = new CallId(call.CallId),
            Version = call.Version,
            Origin = clock.ToInstant(startedAt),
            StartedAt = startedAt,
            Source = call.Source,
            Trunk = call.Trunk,
            Team = call.Team,
            Agent = call.Agent,
            Customer = call.Customer,
            Legs = [.. call.Legs.Select(ToContract)],
            History = call.History?.ToContract(),
            Gateway = call.Gateway,
            CorrelationIds = call.CorrelationIds.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }
}
