using System.Globalization;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>
/// Has the customer of a call looked up, beside its analysis and never in front of it: answers come as messages, early, late or
/// not at all. Looks again when the call's identifiers change; what an older look still says is then void. Owned by the call's loop.
/// </summary>
/// <param name="directory">Who knows the customers; null when nobody does.</param>
/// <param name="tell">Brings an answer to the loop; called by other threads.</param>
/// <param name="log">For a directory that broke its promise not to throw.</param>
internal sealed class CustomerLook(ICustomerDirectory? directory, Action<CallMessage.HistoryFound> tell, ILogger log) : IAsyncDisposable
{
    private const string ValueKey = "customer-value";

    private readonly List<Task> _looks = [];
    private CancellationTokenSource? _cancel;
    private Identity? _asked;
    private int _look;

    /// <summary>Looks the customer up, when the call names another one than before.</summary>
    public void Follow(CallInfo call)
    {
        if (directory is null || Identity.Of(call) is var identity && identity == _asked) return;
        _asked = identity;
        _looks.RemoveAll(look => look.IsCompleted);
        _cancel?.Cancel();
        _cancel = new CancellationTokenSource();
        _looks.Add(LookAsync(directory, call, ++_look, _cancel.Token));
    }

    /// <summary>Whether an answer is to what was asked last.</summary>
    public bool IsNewest(CallMessage.HistoryFound found) => found.Look == _look;

    /// <summary>The call with what is known of its customer; what the gateway said stays.</summary>
    public static CallInfo Attach(CallInfo call, CallHistory? history)
    {
        if (history?.Customer is not { } customer) return call;
        var ids = call.CorrelationIds;
        if (customer.Value is { } value && !ids.ContainsKey(ValueKey)) ids = ids.SetItem(ValueKey, value.ToString("0.###", CultureInfo.InvariantCulture));
        return call with { History = history.Counts, CorrelationIds = ids };
    }

    public async ValueTask DisposeAsync()
    {
        if (_cancel is not null) await _cancel.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_looks).ConfigureAwait(false);
        _cancel?.Dispose();
    }

    private async Task LookAsync(ICustomerDirectory directory, CallInfo call, int look, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var history in directory.LookUpAsync(call, cancellationToken).ConfigureAwait(false))
                tell(new CallMessage.HistoryFound(look, history));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The call is over, or names somebody else by now.
        }
        catch (Exception broken)   // outermost of this look: the call goes on without a history
        {
            StreamingLog.LookUpFailed(log, broken, call.Id);
        }
    }

    /// <summary>What of a call the match may rest on.</summary>
    private sealed record Identity(string Customer, string Parties, string Ids)
    {
        public static Identity Of(CallInfo call) => new(
            call.Customer,
            string.Join('\n', call.Legs.Select(leg => $"{leg.Role} {leg.Party.Aor}")),
            string.Join('\n', call.CorrelationIds.Select(id => id.Key + " " + id.Value)));
    }
}
