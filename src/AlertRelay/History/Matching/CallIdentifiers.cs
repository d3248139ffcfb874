using System.Collections.Immutable;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History.Matching;

/// <summary>What a call brings to recognise its customer by.</summary>
/// <param name="Name">Where it stood, in the words of the order.</param>
/// <param name="Identifier">It, in its normal form.</param>
internal readonly record struct CallIdentifier(string Name, Identifier Identifier);

/// <summary>Collects a call's identifiers in the operator's order.</summary>
internal static class CallIdentifiers
{
    public const string CustomerId = "customer-id", Ucid = "ucid", AssertedIdentity = "p-asserted-identity", Aor = "aor", Number = "number";

    /// <summary>Strongest first, unless the operator says otherwise.</summary>
    public static ImmutableArray<string> DefaultOrder { get; } = [CustomerId, Ucid, AssertedIdentity, Aor, Number];

    /// <param name="call">The call.</param>
    /// <param name="order">Names, as in <see cref="DefaultOrder"/>.</param>
    /// <param name="region">Country of numbers written without one; empty for none.</param>
    public static IEnumerable<CallIdentifier> Of(CallInfo call, IEnumerable<string> order, string region) =>
        order.SelectMany(name => Of(call, name, region).Select(identifier => new CallIdentifier(name, identifier))).DistinctBy(found => found.Identifier);

    private static IEnumerable<Identifier> Of(CallInfo call, string name, string region) => name switch
    {
        CustomerId => Correlated(call, name, IdentifierKind.CustomerId),
        Ucid => Correlated(call, name, IdentifierKind.Ucid),
        AssertedIdentity => Asserted(call, region),
        Aor => CustomerAddresses(call).SelectMany(address => Parsed(IdentifierKind.Aor, address, region)),
        Number => CustomerAddresses(call).Append(call.Customer).SelectMany(address => Numbers(address, region)),
        _ => [],
    };

    private static IEnumerable<Identifier> Correlated(CallInfo call, string key, IdentifierKind kind) =>
        call.CorrelationIds.TryGetValue(key, out var value) ? Parsed(kind, value, "") : [];

    // RFC 3325: who the network says is calling. On a call that the agent placed that is the agent, who is not looked for.
    private static IEnumerable<Identifier> Asserted(CallInfo call, string region)
    {
        if (!call.CorrelationIds.TryGetValue(AssertedIdentity, out var asserted)) return [];
        var user = SipAddress.Parse(asserted).User;
        var isAgent = call.Legs.Any(leg => leg.Role == PartyRole.Agent && SipAddress.Parse(leg.Party.Aor).User == user);
        return isAgent ? [] : [.. Numbers(asserted, region), .. Parsed(IdentifierKind.Aor, asserted, region)];
    }

    // A leg whose role is not known may be the agent's: nobody is guessed from it.
    private static IEnumerable<string> CustomerAddresses(CallInfo call) =>
        call.Legs.Where(leg => leg.Role == PartyRole.Customer && leg.Party.Aor.Length > 0).Select(leg => leg.Party.Aor);

    private static IEnumerable<Identifier> Numbers(string address, string region) => Parsed(IdentifierKind.Number, SipAddress.Parse(address).User, region);

    private static IEnumerable<Identifier> Parsed(IdentifierKind kind, string text, string region) =>
        Identifier.Parse(kind, text, region) is { } identifier ? [identifier] : [];
}
