using EdgeAssist.AlertRelay.Identity;
using EdgeAssist.Contracts;
using Grpc.Core;

namespace EdgeAssist.AlertRelay.Grpc;

/// <summary>A stream that is not journaled: the whole of something, at once and whenever it has changed. There is nothing to resume.</summary>
/// <param name="table">Its limits.</param>
/// <param name="principal">Whose it is.</param>
/// <param name="period">How often it is looked at.</param>
/// <param name="look">The thing as it is now.</param>
/// <param name="isSame">Whether two looks need not both be told.</param>
internal sealed class PolledStream<T>(StreamTable table, Principal principal, TimeSpan period, Func<T> look, Func<T, T, bool> isSame) : ISweptStream
    where T : class
{
    private DateTimeOffset _expiresAt = DateTimeOffset.MaxValue;
    private volatile bool _expired;
    private volatile bool _over;

    public async Task RunAsync(IServerStreamWriter<T> writer, Caller caller, CancellationToken gone)
    {
        _expiresAt = caller.ExpiresAt;
        if (!table.TryEnter(this, principal)) throw RelayStatus.TooManyStreams(table.Rules.MaxStreamsPerPrincipal);
        using var timer = new PeriodicTimer(period, table.Time);
        try
        {
            for (T? told = null; !_over; await timer.WaitForNextTickAsync(gone))
            {
                var now = look();
                if (told is not null && isSame(told, now)) continue;
                await writer.WriteAsync(told = now, gone);
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

    public void Sweep(Instant now, DateTimeOffset wall)
    {
        if (wall < _expiresAt) return;
        _expired = _over = true;
    }

    public void Drain() => _over = true;
}
