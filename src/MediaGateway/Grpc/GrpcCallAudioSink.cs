using EdgeAssist.Contracts;
using EdgeAssist.Internal.V1;
using Microsoft.Extensions.Logging;

namespace EdgeAssist.MediaGateway.Grpc;

/// <summary>
/// Hands calls to an inference worker in another process, one stream a call. A worker that is away costs the call nothing:
/// the pipes drop their oldest audio meanwhile, the call is opened anew when a worker answers, and the gap is announced.
/// </summary>
internal sealed class GrpcCallAudioSink(CallAudio.CallAudioClient client, TimeProvider time, ILogger<GrpcCallAudioSink> logger) : ICallAudioSink
{
    private long _linksLost;

    /// <summary>Streams that broke before their call ended.</summary>
    public long LinksLost => Interlocked.Read(ref _linksLost);

    public ICallAudio Open(CallInfo call) => new GrpcCallAudio(call, client, time, logger, () => Interlocked.Increment(ref _linksLost));
}
