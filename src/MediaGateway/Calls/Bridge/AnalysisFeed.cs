using System.Threading.Channels;
using EdgeAssist.Contracts;
using EdgeAssist.MediaGateway.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Calls.Bridge;

/// <summary>
/// One call's way into analysis, away from signalling: every step runs on a task of its own, in order, so that an analysis
/// that throws or never returns costs its copy of the call and nothing else. Written by the signalling loop, read by the task.
/// </summary>
internal sealed class AnalysisFeed
{
    // Steps are few: the start, two legs, changes of participants. One that finds the queue full is behind an analysis that hangs.
    private readonly Channel<Action<ICallAudio>> _steps = Channel.CreateBounded<Action<ICallAudio>>(
        new BoundedChannelOptions(64) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CallId _call;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Task<ICallAudio?> _running;

    public AnalysisFeed(ICallAudioSink sink, CallInfo call, GatewayMetrics metrics, ILogger logger)
    {
        (_call, _metrics, _logger) = (call.Id, metrics, logger);
        _running = Task.Run(() => RunAsync(sink, call));
    }

    public void AddLeg(LegInfo leg, AudioPipe audio) => _steps.Writer.TryWrite(call => call.AddLeg(leg, audio));

    public void Update(CallInfo info) => _steps.Writer.TryWrite(call => call.Update(info));

    /// <summary>Ends the call behind what was said before; what has not ended when the token does is let go.</summary>
    public async Task CloseAsync(CallEndReason reason, CancellationToken cancellationToken)
    {
        _steps.Writer.TryComplete();
        if (await _running.WaitAsync(cancellationToken) is { } audio) await audio.CloseAsync(reason, cancellationToken);
    }

    private async Task<ICallAudio?> RunAsync(ICallAudioSink sink, CallInfo call)
    {
        try
        {
            var audio = sink.Open(call);
            await foreach (var step in _steps.Reader.ReadAllAsync()) step(audio);
            return audio;
        }
        catch (Exception e)
        {
            // The outermost frame of this task: whatever analysis throws, the call it listens to goes on.
            _metrics.AnalysisFailed();
            BridgeLog.AnalysisFailed(_logger, _call, e);
            return null;
        }
    }
}
