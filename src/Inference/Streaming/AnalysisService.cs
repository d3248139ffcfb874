using System.Collections.Concurrent;
using EdgeAssist.Contracts;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.Inference.Streaming;

/// <summary>Analysis in this process: every call opened here gets a loop of its own and shares the models and workers.</summary>
internal sealed class AnalysisService(AnalysisEngine engine, ICallScoreSink sink, ILogger<AnalysisService> log) : ICallAudioSink, IAsyncDisposable
{
    private readonly ConcurrentDictionary<CallPipeline, Task> _calls = new();

    /// <summary>Calls under analysis.</summary>
    public int Calls => _calls.Count;

    public ICallAudio Open(CallInfo call)
    {
        var pipeline = new CallPipeline(call, engine, sink, log);
        engine.Metrics.CallStarted();
        _calls[pipeline] = Task.Run(() => RunAsync(pipeline));
        return pipeline;
    }

    /// <summary>Closes every call and waits for its last words, or until the token says that there is no more time.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var calls = _calls.ToArray();
        await Task.WhenAll(calls.Select(call => call.Key.CloseAsync(CallEndReason.Shutdown, cancellationToken).AsTask())).ConfigureAwait(false);
        await Task.WhenAll(calls.Select(call => call.Value)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    private async Task RunAsync(CallPipeline pipeline)
    {
        try
        {
            await pipeline.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            engine.Metrics.CallEnded();
            _calls.TryRemove(pipeline, out _);
            pipeline.Dispose();
        }
    }
}
