using System.Globalization;
using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History.Matching;

/// <summary>Decides whose call it is: the first identifier that anybody has decides, and only when exactly one has it.</summary>
internal static class CustomerMatcher
{
    /// <param name="identifiers">The call's, strongest first.</param>
    /// <param name="whose">Keys of the customers that have an identifier.</param>
    /// <returns>The match, and the customer's key; null without one.</returns>
    public static (CustomerMatch Match, string? Key) Decide(IReadOnlyCollection<CallIdentifier> identifiers, Func<Identifier, IReadOnlyList<string>> whose)
    {
        if (identifiers.Count == 0)
            return (new CustomerMatch(MatchOutcome.NothingToGoBy, "", "The call brings no identifier of a customer: no leg is known to be theirs, and no id came with it."), null);

        foreach (var (name, identifier) in identifiers)
        {
            var keys = whose(identifier);
            if (keys.Count == 1) return (new CustomerMatch(MatchOutcome.Matched, name, $"Recognised by {name}."), keys[0]);

            // A weaker identifier would settle it, and might settle it wrongly: somebody else's history is worse than none.
            if (keys.Count > 1)
                return (new CustomerMatch(MatchOutcome.Ambiguous, name, string.Create(CultureInfo.InvariantCulture, $"{keys.Count} customers have the call's {name}; none of them was taken.")), null);
        }

        return (new CustomerMatch(MatchOutcome.Unknown, "", $"Nobody has the call's {string.Join(", ", identifiers.Select(found => found.Name).Distinct(StringComparer.Ordinal))}."), null);
    }
}
