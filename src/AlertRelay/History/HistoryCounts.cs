using EdgeAssist.Contracts;

namespace EdgeAssist.AlertRelay.History;

/// <summary>A customer's history as the counts that the score uses.</summary>
internal static class HistoryCounts
{
    private static readonly TimeSpan Recent = TimeSpan.FromDays(30);

    /// <param name="interactions">The customer's.</param>
    /// <param name="callStart">When the call began: what happened later, the call itself among it, is not counted.</param>
    public static CustomerHistory Of(IEnumerable<CustomerInteraction> interactions, DateTimeOffset callStart)
    {
        var before = interactions.Where(interaction => interaction.At < callStart).ToList();
        return new CustomerHistory
        {
            OpenCases = before.Count(interaction => interaction is { Kind: InteractionKind.Ticket, State: InteractionState.Open }),
            RecentContacts = SameMatter(before.Where(interaction => interaction.Kind == InteractionKind.Contact && callStart - interaction.At <= Recent)),
            BrokenPromises = before.Count(interaction => interaction.IsBrokenAt(callStart)),
        };
    }

    // What this call is about is not known when it begins: the matter they got in touch about most. A contact whose source names
    // no matter is about one of its own.
    private static int SameMatter(IEnumerable<CustomerInteraction> contacts) => contacts
        .GroupBy(contact => contact.Matter.Length > 0 ? "m" + contact.Matter : "c" + contact.Source + "\n" + contact.SourceId, StringComparer.Ordinal)
        .Select(matter => matter.Count())
        .DefaultIfEmpty()
        .Max();
}
