using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EdgeAssist.AlertRelay.History.Matching;
using EdgeAssist.AlertRelay.History.Pull;
using EdgeAssist.AlertRelay.History.Store;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Options;

namespace EdgeAssist.AlertRelay.History;

/// <summary>Recognises customers by what is kept here, and has the system that is asked complete it.</summary>
internal sealed class CustomerDirectory : ICustomerDirectory
{
    private readonly HistoryRuntime _runtime;
    private readonly RecentHistories _recent;
    private readonly HistoryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly HistoryWindow _window;
    private readonly ImmutableArray<string> _order;
    private readonly string _region;
    private readonly Dictionary<string, string> _regions;

    public CustomerDirectory(HistoryRuntime runtime, RecentHistories recent, HistoryMetrics metrics, IOptions<HistoryOptions> options, TimeProvider time)
    {
        (_runtime, _recent, _metrics, _time) = (runtime, recent, metrics, time);
        var settings = options.Value;
        _window = new HistoryWindow(settings.Age, settings.MaxInteractions, settings.StaleAfter);
        _order = settings.Match.Count > 0 ? [.. settings.Match] : CallIdentifiers.DefaultOrder;
        _region = settings.DefaultRegion;
        _regions = settings.Trunks.ToDictionary(trunk => trunk.Name, trunk => trunk.Region, StringComparer.Ordinal);
    }

    public HistoryWindow Window => _window;

    /// <summary>Country of numbers that nobody says anything else of.</summary>
    public string Region => _region;

    public async IAsyncEnumerable<CallHistory> LookUpAsync(CallInfo call, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Off the caller's thread: SQLite answers synchronously, and a disk may take its time. In turn: a pool thread takes what it
        // queued itself last first, so that under load a look-up could wait for seconds while later ones were answered.
        var kept = await Task.Factory.StartNew(() => LookUp(call), cancellationToken, TaskCreationOptions.PreferFairness, TaskScheduler.Default).WaitAsync(cancellationToken);
        yield return kept;

        // A customer that several have is nobody's to ask for.
        if (_runtime.Pull is not { } pull || kept.Match.Outcome is MatchOutcome.Ambiguous or MatchOutcome.Failed) yield break;
        if (await TryAskAsync(pull, [.. IdentifiersOf(call)], cancellationToken)) yield return LookUp(call);
    }

    /// <summary>What is kept here, now.</summary>
    public CallHistory LookUp(CallInfo call)
    {
        var began = _time.GetTimestamp();
        var found = Find(call);
        _metrics.LookedUp(_time.GetElapsedTime(began), found.Match.Outcome);
        _recent.Keep(found);
        if (found.Customer is { } customer) _runtime.Remember(new RecognisedCall(call.Id.Value, customer.Key, found.Match.Identifier, call.Team, call.Agent, call.StartedAt));
        return found;
    }

    /// <summary>A customer by key, null when nothing is kept of them.</summary>
    /// <exception cref="HistoryException">The store cannot be read.</exception>
    public CustomerRecord? Customer(string key) => _runtime.Store.Read(reader => reader.Customer(key, _window, _time.GetUtcNow()));

    private static async Task<bool> TryAskAsync(PullSource pull, IReadOnlyList<CallIdentifier> identifiers, CancellationToken cancellationToken)
    {
        try
        {
            return await pull.AskAsync(identifiers, cancellationToken);
        }
        catch (HistoryException)
        {
            return false;   // the store is gone since: its own look said so, or the next one will
        }
    }

    private CallHistory Find(CallInfo call)
    {
        try
        {
            return _runtime.Store.Read(reader => Find(call, reader));
        }
        catch (HistoryException fault)
        {
            return new CallHistory { Call = call.Id, Match = new CustomerMatch(MatchOutcome.Failed, "", fault.Message), LookedUpAt = _time.GetUtcNow() };
        }
    }

    private CallHistory Find(CallInfo call, HistoryReader reader)
    {
        var now = _time.GetUtcNow();
        var (match, key) = CustomerMatcher.Decide([.. IdentifiersOf(call)], reader.Whose);

        // Erased between the two looks: then nobody has the identifier any more.
        var customer = key is null ? null : reader.Customer(key, _window, now);
        if (key is not null && customer is null) match = new CustomerMatch(MatchOutcome.Unknown, "", $"Nobody has the call's {match.Identifier}.");
        return new CallHistory
        {
            Call = call.Id,
            Match = match,
            Customer = customer,
            Counts = customer is null ? null : HistoryCounts.Of(customer.Interactions, call.StartedAt),
            LookedUpAt = now,
        };
    }

    private IEnumerable<CallIdentifier> IdentifiersOf(CallInfo call) => CallIdentifiers.Of(call, _order, _regions.GetValueOrDefault(call.Trunk, _region));
}
