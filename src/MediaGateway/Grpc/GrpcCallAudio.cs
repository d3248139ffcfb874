using EdgeAssist.Contracts;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>
/// One call's way to a worker: a loop that opens a session, and another when that one breaks. Signalling changes the state
/// and rings; the loop does the rest, so no member waits for the network but <see cref="CloseAsync"/>.
/// </summary>
internal sealed class GrpcCallAudio : ICallAudio, IDisposable
{
    private const int AttemptsWhileClosing = 3;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    private readonly WorkerPool _workers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _linkLost;
    private readonly Doorbell _doorbell = new();
    private readonly CancellationTokenSource _given = new();
    private readonly Task _running;
    private volatile CallAudioState _state;   // written by signalling, one thread at a time; read by the loop

    public GrpcCallAudio(CallInfo call, WorkerPool workers, TimeProvider time, ILogger logger, Action linkLost)
    {
        _workers = workers;
        _time = time;
        _logger = logger;
        _linkLost = linkLost;
        _state = new CallAudioState(call, [], null);
        _running = RunAsync();
    }

    public void AddLeg(LegInfo leg, AudioPipe audio) => Change(_state with { Legs = _state.Legs.Add(new LegLink(leg, audio)) });

    public void Update(CallInfo call) => Change(_state with { Call = call });

    /// <inheritdoc/>
    public async ValueTask CloseAsync(CallEndReason reason, CancellationToken cancellationToken)
    {
        Change(_state with { Closing = reason });
        await using (cancellationToken.UnsafeRegister(static given => ((CancellationTokenSource)given!).Cancel(), _given).ConfigureAwait(false))
            await _running.ConfigureAwait(false);
        Dispose();
    }

    public void Dispose() => _given.Dispose();

    private void Change(CallAudioState state)
    {
        _state = state;
        _doorbell.Ring();
    }

    private async Task RunAsync()
    {
        await Task.Yield();   // opening a call returns at once, whatever connecting takes
        try
        {
            if (!await RunSessionsAsync().ConfigureAwait(false)) _logger.ClosedWithoutResults(_state.Call.Id.Value);
        }
        catch (OperationCanceledException) when (_given.IsCancellationRequested)
        {
            _logger.ClosedWithoutResults(_state.Call.Id.Value);
        }
        catch (Exception e)
        {
            // The outermost loop of this call's copy: a fault here ends the copy, never the call.
            _logger.Failed(e, _state.Call.Id.Value);
        }
    }

    /// <summary>Opens sessions until one has closed the call.</summary>
    /// <returns>False when the call is over and no worker is to be had.</returns>
    private async Task<bool> RunSessionsAsync()
    {
        var pause = s_firstPause;
        for (var attempts = 0; attempts < AttemptsWhileClosing;)
        {
            var (closed, accepted) = await RunSessionAsync().ConfigureAwait(false);
            if (closed) return true;

            if (accepted) pause = s_firstPause;
            if (_state.Closing is not null) attempts++;
            await Task.Delay(pause, _time, _given.Token).ConfigureAwait(false);
            pause = pause * 2 > s_longestPause ? s_longestPause : pause * 2;
        }

        return false;
    }

    /// <summary>Runs one session to its end, disposed on return: nothing of it reads the pipes any more.</summary>
    private async Task<(bool Closed, bool Accepted)> RunSessionAsync()
    {
        using var place = _workers.Take();
        await using var session = new GrpcCallSession(place.Client, _logger, _given.Token);
        try
        {
            await session.RunAsync(() => _state, _doorbell).ConfigureAwait(false);
            return (true, true);
        }
        catch (RpcException e) when (!_given.IsCancellationRequested)
        {
            place.Broke();
            _linkLost();
            _logger.LinkLost(_state.Call.Id.Value, e.StatusCode.ToString(), e.Status.Detail);
            return (false, session.IsAccepted);
        }
    }
}
