using System.Collections.Immutable;

namespace EdgeAssist.Contracts;

/// <summary>A customer and what happened to them lately. Personal data: print with care.</summary>
public sealed record CustomerRecord
{
    /// <summary>The customer's number or id in the operator's systems.</summary>
    public required string Key { get; init; }

    /// <summary>Empty when the operator does not keep it.</summary>
    public string Name { get; init; } = "";

    /// <summary>The customer's weight beside others, 0.1 to 10; null when nothing is known.</summary>
    public double? Value { get; init; }

    /// <summary>BCP 47, for example <c>en-GB</c>; empty when nothing is known.</summary>
    public string Locale { get; init; } = "";

    /// <summary>
    /// Newest first, within the configured age (180 days) and number. What is still open (tickets, promises) is here
    /// whatever its age.
    /// </summary>
    public ImmutableArray<CustomerInteraction> Interactions { get; init; } = [];

    /// <summary>The oldest of the moments up to which its sources are known.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>A source has not been heard of for longer than allowed (24 h): to be said wherever this is shown.</summary>
    public bool IsStale { get; init; }
}

/// <summary>Whether a call's customer was recognised.</summary>
public enum MatchOutcome
{
    /// <summary>The call names nobody: no identifier came with it.</summary>
    NothingToGoBy = 0,

    /// <summary>Exactly one customer has the identifier.</summary>
    Matched = 1,

    /// <summary>Nobody has any of the identifiers.</summary>
    Unknown = 2,

    /// <summary>Several customers have the identifier: none of them is taken.</summary>
    Ambiguous = 3,

    /// <summary>Nothing could be looked up.</summary>
    Failed = 4,
}

/// <summary>Why a call is, or is not, this customer's.</summary>
/// <param name="Outcome">Whether it was recognised.</param>
/// <param name="Identifier">What it rests on: <c>customer-id</c>, <c>ucid</c>, <c>p-asserted-identity</c>, <c>aor</c> or <c>number</c>; empty without a match.</param>
/// <param name="Reason">A sentence for people, without personal data.</param>
public sealed record CustomerMatch(MatchOutcome Outcome, string Identifier, string Reason);

/// <summary>What is known of a call's customer, as of one look.</summary>
public sealed record CallHistory
{
    public required CallId Call { get; init; }

    public required CustomerMatch Match { get; init; }

    /// <summary>Null unless the match succeeded. One without interactions is a customer of whom nothing is known.</summary>
    public CustomerRecord? Customer { get; init; }

    /// <summary>The same as counts; null unless the match succeeded.</summary>
    public CustomerHistory? Counts { get; init; }

    /// <summary>When it was looked up.</summary>
    public required DateTimeOffset LookedUpAt { get; init; }
}

/// <summary>
/// Recognises the customer of a call and tells what is known of them. Analysis asks at the start of a call and goes on without
/// waiting: an answer that comes late is attached late. In the same process, or over gRPC in another.
/// </summary>
public interface ICustomerDirectory
{
    /// <summary>
    /// What is known: at once from what is kept here, and again when a system that is asked elsewhere answers with something else.
    /// Ends when nothing more is to come. Failures are told as <see cref="MatchOutcome.Failed"/> and never thrown.
    /// </summary>
    IAsyncEnumerable<CallHistory> LookUpAsync(CallInfo call, CancellationToken cancellationToken);
}

/// <summary>What was last found out about the customers of live calls, for parts that read it while the call runs.</summary>
public interface ICallHistories
{
    /// <summary>The newest answer; null as long as there is none, and some time after the call.</summary>
    CallHistory? Of(CallId call);
}
