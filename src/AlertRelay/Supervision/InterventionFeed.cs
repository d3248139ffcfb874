using System.Collections.Frozen;
using EdgeAssist.AlertRelay.Grpc;
using EdgeAssist.AlertRelay.Identity;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Supervision;

/// <summary>One Watch stream: the interventions within sight, whole, whenever they have changed; looked at four times a second.</summary>
internal sealed class InterventionFeed(StreamTable table, Principal principal, FrozenSet<string> callIds) : ISweptStream
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private DateTimeOffset _expiresAt = DateTimeOffset.MaxValue;
    private volatile bool _expired;
    private volatile bool _over;

    public InterventionFeed(StreamTable table, Principal principal, IEnumerable<string> callIds) : this(table, principal, callIds.ToFrozenSet(StringComparer.Ordinal))
    {
    }

    public async Task RunAsync(IServerStreamWriter<V1.Interventions> writer, Caller caller, CancellationToken gone)
    {
        _expiresAt = caller.ExpiresAt;
        if (!table.TryEnter(this, principal)) throw RelayStatus.TooManyStreams(table.Rules.MaxStreamsPerPrincipal);
        using var timer = new PeriodicTimer(s_look, table.Time);
        try
        {
            for (V1.Interventions? told = null; !_over; await timer.WaitForNextTickAsync(gone))
            {
                var now = Now();
                if (told is null || !told.Equals(now)) await writer.WriteAsync(told = now, gone);
            }

            if (_expired) throw RelayStatus.Unauthenticated("The access token has expired. Get a new one and watch again.", "");
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The reader left.
        }
        finally
        {
            table.Leave(this);
        }
    }

    public void Sweep(EdgeAssist.Contracts.Instant now, DateTimeOffset wall)
    {
        if (wall < _expiresAt) return;
        _expired = _over = true;
    }

    public void Drain() => _over = true;

    private V1.Interventions Now()
    {
        var list = new V1.Interventions();
        list.Interventions_.AddRange(table.Writer.State.Interventions.Values
            .Where(known => principal.Covers(known.Team, "") && (callIds.Count == 0 || callIds.Contains(known.CallId)))
            .OrderBy(known => known.RequestedAt.ToDateTimeOffset()).ThenBy(known => known.InterventionId, StringComparer.Ordinal));
        return list;
    }
}
