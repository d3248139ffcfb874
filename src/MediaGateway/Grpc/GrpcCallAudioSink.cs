using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>
/// Hands calls to inference workers in other processes, one stream a call, each call to one worker. A worker that is away costs the call nothing:
/// the pipes drop their oldest audio meanwhile, the call is opened anew on a worker that answers, and the gap is announced.
/// </summary>
internal sealed class GrpcCallAudioSink(WorkerPool workers, TimeProvider time, ILogger<GrpcCallAudioSink> logger) : ICallAudioSink
{
    private long _linksLost;

    public GrpcCallAudioSink(CallAudio.CallAudioClient client, TimeProvider time, ILogger<GrpcCallAudioSink> logger)
        : this(new WorkerPool([client], time), time, logger)
    {
    }

    /// <summary>Streams that broke before their call ended.</summary>
    public long LinksLost => Interlocked.Read(ref _linksLost);

    public ICallAudio Open(CallInfo call) => new GrpcCallAudio(call, workers, time, logger, () => Interlocked.Increment(ref _linksLost));
}
