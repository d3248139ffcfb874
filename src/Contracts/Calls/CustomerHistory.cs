namespace EdgeAssist.Contracts;

/// <summary>What other systems know of a customer before a call: counts alone, no persons and no texts.</summary>
public sealed record CustomerHistory
{
    /// <summary>Cases or tickets not closed when the call began.</summary>
    public int OpenCases { get; init; }

    /// <summary>Contacts about the same matter in the last 30 days, this call not counted.</summary>
    public int RecentContacts { get; init; }

    /// <summary>Call-backs, refunds or visits that were promised and not kept.</summary>
    public int BrokenPromises { get; init; }
}
